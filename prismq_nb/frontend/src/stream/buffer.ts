/**
 * The lines that the page holds of one run: some of all, by number, in pages.
 *
 * Pure; knows no DOM and no network. Memory is bounded; what was not looked at for longest goes, and can always be fetched again by its number.
 */

import type { Line } from "../base/protocol.js";

/** Lines of a page: what is fetched, kept and dropped together. */
export const PAGE_LINES = 256;
/** What the lines of one run may take, in bytes, about. */
export const BUDGET_BYTES = 12_000_000;
/** Of a line besides its text, and of a character at most. */
const LINE_BYTES = 160;
const CHAR_BYTES = 2;

/** Two line numbers, both included. */
export type Range = readonly [first: number, last: number];

interface Page {
  readonly lines: Map<number, Line>;
  bytes: number;
}

export class LineBuffer {
  /** The page that was used last comes last. */
  readonly #pages = new Map<number, Page>();
  #bytes = 0;
  #total = 0;

  /** Lines in the journal, as far as known. */
  get total(): number {
    return this.#total;
  }

  /** What the lines held take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  grow(total: number): void {
    this.#total = Math.max(this.#total, total);
  }

  get(n: number): Line | undefined {
    return this.#pages.get(pageOf(n))?.lines.get(n);
  }

  put(line: Line): void {
    const number = pageOf(line.n);
    let page = this.#pages.get(number);
    if (!page) this.#pages.set(number, (page = { lines: new Map(), bytes: 0 }));
    const old = page.lines.get(line.n);
    const more = cost(line) - (old ? cost(old) : 0);
    page.lines.set(line.n, line);
    page.bytes += more;
    this.#bytes += more;
    this.grow(line.n + 1);
  }

  /** The first stretch of lines of a range that are missing, not longer than `most`; undefined when nothing is. */
  missing([first, last]: Range, most: number): Range | undefined {
    const end = Math.min(last, this.#total - 1);
    let low = Math.max(0, first);
    while (low <= end && this.get(low)) low++;
    if (low > end) return undefined;
    let high = Math.min(end, low + most - 1);
    while (this.get(high)) high--;
    return [low, high];
  }

  /** Drops pages until the budget is kept: those that were used longest ago first, and none with a line of `kept`, which counts as used. */
  trim(kept: readonly Range[]): void {
    const spared = new Set<number>();
    for (const [first, last] of kept) for (let number = pageOf(first); number <= pageOf(last); number++) spared.add(number);
    for (const number of spared) this.#use(number);
    for (const [number, page] of this.#pages) {
      if (this.#bytes <= BUDGET_BYTES) return;
      if (spared.has(number)) continue;
      this.#pages.delete(number);
      this.#bytes -= page.bytes;
    }
  }

  #use(number: number): void {
    const page = this.#pages.get(number);
    if (!page) return;
    this.#pages.delete(number);
    this.#pages.set(number, page);
  }
}

export function pageOf(n: number): number {
  return Math.floor(n / PAGE_LINES);
}

function cost(line: Line): number {
  return LINE_BYTES + CHAR_BYTES * line.text.length;
}
