/**
 * What a screen reader hears of a log by itself: that there are new errors, now and then, and never every line. Pure.
 *
 * The list is `role="log"` but not live: a flood cannot be listened to. How a run ends is said by the viewer's status.
 */

import { countOf } from "../base/format.js";
import type { Line, RunStatus } from "../base/protocol.js";
import { levelCounts } from "../base/records.js";

/** Shortest time (ms) between two announcements. */
export const PACE_MS = 5_000;
/** Of the newest error, so many characters are read. */
const SPOKEN_CHARS = 160;
/** Lines before the end among which the newest error is looked for. */
const LOOK_BACK_LINES = 300;

export class Speaker {
  #known: number | undefined;
  /** The first line that was not there when it began. */
  #first: number | undefined;
  #spokenAt = Number.NEGATIVE_INFINITY;

  /**
   * @param now ms of any clock that does not go back.
   * @param plain text of a line without escape sequences.
   * @returns what to say now; undefined: nothing new, or too soon.
   */
  news(status: RunStatus | undefined, total: number, get: (n: number) => Line | undefined, now: number, plain: (text: string) => string): string | undefined {
    if (!status) return undefined;
    const errors = errorsOf(status);
    const fresh = errors - (this.#known ?? errors);
    this.#known ??= errors; // those that were there before are no news
    this.#first ??= total;
    if (fresh <= 0 || now - this.#spokenAt < PACE_MS) return undefined;
    this.#known = errors;
    const newest = newestError(total, get);
    if (newest && newest.n < this.#first) return undefined; // it was there before, and is only counted now
    this.#spokenAt = now;
    const text = newest ? plain(newest.text).trim().slice(0, SPOKEN_CHARS) : "";
    const what = countOf(fresh, "new error");
    return text ? `${what}: ${text}` : what;
  }
}

function errorsOf(status: RunStatus): number {
  const errors = levelCounts(status).filter(({ level }) => level === "ERROR" || level === "CRITICAL");
  return errors.reduce((sum, { records }) => sum + records, 0);
}

function newestError(total: number, get: (n: number) => Line | undefined): Line | undefined {
  for (let n = total - 1; n >= Math.max(0, total - LOOK_BACK_LINES); n--) {
    const line = get(n);
    if (line?.level === "ERROR" || line?.level === "CRITICAL") return line;
  }
  return undefined;
}
