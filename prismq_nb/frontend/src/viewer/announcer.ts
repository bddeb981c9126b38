/**
 * What a screen reader announces about a log: new errors, at intervals, never every line. Pure.
 *
 * The list has `role="log"` but is not live: nobody can listen to a flood. The viewer's status
 * announces the end of the run.
 */

import { countOf } from "../base/format.js";
import type { Line, RunStatus } from "../base/protocol.js";
import { levelCounts } from "../base/records.js";

/** Minimum interval (ms) of announcements. */
export const MIN_INTERVAL_MS = 5_000;
/** Characters of the newest error that are read aloud. */
const MAX_SPOKEN_CHARS = 160;
/** Lines at the end of the log in which the newest error is searched. */
const LOOK_BACK_LINES = 300;

export class Announcer {
  #known: number | undefined;
  /** The first line that was printed after the first status. */
  #first: number | undefined;
  #spokenAt = Number.NEGATIVE_INFINITY;

  /**
   * @param now ms of a monotonic clock.
   * @param plain removes escape sequences from a line's text.
   * @returns the text to announce; undefined: nothing is new, or it is too soon.
   */
  announcement(
    status: RunStatus | undefined,
    total: number,
    get: (n: number) => Line | undefined,
    now: number,
    plain: (text: string) => string,
  ): string | undefined {
    if (!status) return undefined;
    const errors = errorsOf(status);
    const fresh = errors - (this.#known ?? errors);
    this.#known ??= errors; // errors that were there before are not announced
    this.#first ??= total;
    if (fresh <= 0 || now - this.#spokenAt < MIN_INTERVAL_MS) return undefined;
    this.#known = errors;
    const newest = newestError(total, get);
    // it was there before, and is counted only now
    if (newest && newest.n < this.#first) return undefined;
    this.#spokenAt = now;
    const text = newest ? plain(newest.text).trim().slice(0, MAX_SPOKEN_CHARS) : "";
    const what = countOf(fresh, "new error");
    return text ? `${what}: ${text}` : what;
  }
}

function errorsOf(status: RunStatus): number {
  const errors = levelCounts(status).filter(
    ({ level }) => level === "ERROR" || level === "CRITICAL",
  );
  return errors.reduce((sum, { records }) => sum + records, 0);
}

function newestError(total: number, get: (n: number) => Line | undefined): Line | undefined {
  for (let n = total - 1; n >= Math.max(0, total - LOOK_BACK_LINES); n--) {
    const line = get(n);
    if (line?.level === "ERROR" || line?.level === "CRITICAL") return line;
  }
  return undefined;
}
