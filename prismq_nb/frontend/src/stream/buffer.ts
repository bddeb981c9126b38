/** The loaded lines of one run, by number. Pure; knows no DOM and no network. */

import { PagedLines, type Range } from "../base/paged-lines.js";
import type { Line } from "../base/protocol.js";

export type { Range };

/** Lines per page; pages are fetched, cached and evicted as a whole. */
export const PAGE_LINES = 256;
/** Approximate limit for the lines of one run, in bytes. */
export const BUDGET_BYTES = 12_000_000;

export class LineBuffer {
  readonly #lines = new PagedLines(PAGE_LINES, BUDGET_BYTES);
  #total = 0;

  /** Number of lines in the journal, as far as known. */
  get total(): number {
    return this.#total;
  }

  /** Approximate size of the lines, in bytes. */
  get bytes(): number {
    return this.#lines.bytes;
  }

  grow(total: number): void {
    this.#total = Math.max(this.#total, total);
  }

  get(n: number): Line | undefined {
    return this.#lines.get(n);
  }

  put(line: Line): void {
    this.#lines.put(line.n, line);
    this.grow(line.n + 1);
  }

  /** Return the first missing lines of a range, at most `most`; undefined: none is missing. */
  missing([first, last]: Range, most: number): Range | undefined {
    const end = Math.min(last, this.#total - 1);
    let low = Math.max(0, first);
    while (low <= end && this.get(low)) low++;
    if (low > end) return undefined;
    let high = Math.min(end, low + most - 1);
    while (this.get(high)) high--;
    return [low, high];
  }

  /** Evict least recently used lines until the budget is met, but none in `kept`. */
  trim(kept: readonly Range[]): void {
    this.#lines.trim(kept);
  }
}
