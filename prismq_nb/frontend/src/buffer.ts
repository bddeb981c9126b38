/**
 * The lines that the page holds of one run: the newest ones and what somebody looks at, by number, with holes.
 *
 * Pure; knows no DOM and no network. Memory is bounded twice, by lines and by characters; what is dropped can always be fetched again by its number.
 */

import type { Line } from "./protocol.js";

/** Lines at the end of the log that the list shows and the buffer keeps. */
export const WINDOW_LINES = 10_000;
/** Characters held, at most, before lines that nobody looks at are dropped. */
export const BUDGET_CHARS = 16_000_000;
/** How far above the window's size the buffer may grow between two trims, so that trimming costs little per line. */
const SLACK_LINES = 2_000;

/** Two line numbers, both included. */
export type Range = readonly [first: number, last: number];

export class LineBuffer {
  readonly #lines = new Map<number, Line>();
  #chars = 0;
  #total = 0;

  /** Lines in the journal, as far as known. */
  get total(): number {
    return this.#total;
  }

  /** Lines held. */
  get size(): number {
    return this.#lines.size;
  }

  /** Number of the first line of the window. */
  get start(): number {
    return Math.max(0, this.#total - WINDOW_LINES);
  }

  grow(total: number): void {
    this.#total = Math.max(this.#total, total);
  }

  get(n: number): Line | undefined {
    return this.#lines.get(n);
  }

  put(line: Line): void {
    const old = this.#lines.get(line.n);
    this.#chars += line.text.length - (old?.text.length ?? 0);
    this.#lines.set(line.n, line);
    this.grow(line.n + 1);
  }

  /** The hull of what is missing in a range; undefined when nothing is. */
  missing([first, last]: Range): Range | undefined {
    let low = Math.max(0, first);
    let high = Math.min(last, this.#total - 1);
    while (low <= high && this.#lines.has(low)) low++;
    while (high >= low && this.#lines.has(high)) high--;
    return low <= high ? [low, high] : undefined;
  }

  /** Drops lines outside of the window and of `kept` (what views show) when there are too many; over the characters' budget, all but `kept`. */
  trim(kept: readonly Range[]): void {
    const tooLong = this.#chars > BUDGET_CHARS;
    if (!tooLong && this.#lines.size <= WINDOW_LINES + SLACK_LINES) return;
    const start = tooLong ? this.#total : this.start;
    for (const [n, line] of this.#lines) {
      if (n >= start || kept.some(([first, last]) => n >= first && n <= last)) continue;
      this.#lines.delete(n);
      this.#chars -= line.text.length;
    }
  }
}
