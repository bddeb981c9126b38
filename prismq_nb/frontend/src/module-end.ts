/**
 * Where a run's module ended in its log: what it left behind may have printed after that. Knows no DOM.
 *
 * The supervisor notes the end when all lines up to then are stored, so those that are stamped
 * later came from processes that the module left behind.
 */

import { hasEnded, type Line, type RunStatus, stampOf } from "./protocol.js";

/** Lines before the last one among which the end is looked for in the page; beyond, the server is asked. */
const LOOK_BACK_LINES = 2_000;

export class ModuleEnd {
  readonly #get: (n: number) => Line | undefined;
  readonly #firstAfter: (time: string) => Promise<number | undefined>;
  readonly #changed: () => void;
  #place: number | undefined;
  #asked = false;

  /**
   * @param firstAfter the number of the first line that is stamped later than an ISO 8601 time.
   * @param changed the place is known now.
   */
  constructor(
    get: (n: number) => Line | undefined,
    firstAfter: (time: string) => Promise<number | undefined>,
    changed: () => void,
  ) {
    this.#get = get;
    this.#firstAfter = firstAfter;
    this.#changed = changed;
  }

  /** The number of the first line after the module's end; `total` where there is none, or none is known yet. */
  place(status: RunStatus | undefined, total: number): number {
    if (this.#place !== undefined) return Math.min(this.#place, total);
    const time = status?.completed_at;
    // Without an exit code nobody saw the end, and its time is a guess.
    if (!time || !hasEnded(status.status) || status.exit_code === null) return total;
    const end = stampOf(time);
    const last = this.#get(total - 1);
    if (!last || last.stamp <= end) return total;
    this.#place = this.#lookBack(end, total);
    if (this.#place === undefined) this.#ask(time);
    return this.#place ?? total;
  }

  #lookBack(end: number, total: number): number | undefined {
    for (let n = total - 2; n >= Math.max(-1, total - LOOK_BACK_LINES); n--) {
      const line = this.#get(n);
      if (n < 0 || (line && line.stamp <= end)) return n + 1;
      if (!line) return undefined;
    }
    return undefined;
  }

  #ask(time: string): void {
    if (this.#asked) return;
    this.#asked = true;
    const found = (line: number | undefined): void => {
      this.#place = line;
      if (line !== undefined) this.#changed();
    };
    this.#firstAfter(time).then(found, () => (this.#asked = false)); // asked again with the next line
  }
}
