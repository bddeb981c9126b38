/**
 * A bounded LRU cache of lines by index, evicted in whole pages. Evicted lines can be fetched
 * again. Pure.
 */

import type { Line } from "./protocol.js";

/** A range of indices, both ends included. */
export type Range = readonly [first: number, last: number];

/** Estimated overhead of a line, and bytes of a character at most. */
const LINE_BYTES = 160;
const CHAR_BYTES = 2;

interface Page {
  readonly lines: Map<number, Line>;
  bytes: number;
}

export class PagedLines {
  readonly #pageLines: number;
  readonly #budgetBytes: number;
  /** Least recently used first. */
  readonly #pages = new Map<number, Page>();
  #bytes = 0;

  /**
   * @param pageLines lines per page.
   * @param budgetBytes approximate limit for all lines, in bytes.
   */
  constructor(pageLines: number, budgetBytes: number) {
    this.#pageLines = pageLines;
    this.#budgetBytes = budgetBytes;
  }

  /** Approximate size of the lines, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  get(index: number): Line | undefined {
    return this.#pages.get(this.#pageOf(index))?.lines.get(index);
  }

  /** Add a line, or replace the one at that index. */
  put(index: number, line: Line): void {
    const number = this.#pageOf(index);
    let page = this.#pages.get(number);
    if (!page) {
      page = { lines: new Map(), bytes: 0 };
      this.#pages.set(number, page);
    }
    const old = page.lines.get(index);
    const growth = bytesOf(line) - (old ? bytesOf(old) : 0);
    page.lines.set(index, line);
    page.bytes += growth;
    this.#bytes += growth;
  }

  /**
   * Evict least recently used pages until the budget is met; never one with an index in `kept`,
   * which counts as used.
   */
  trim(kept: readonly Range[]): void {
    const pinned = new Set<number>();
    for (const [first, last] of kept)
      for (let number = this.#pageOf(first); number <= this.#pageOf(last); number++)
        pinned.add(number);
    for (const number of pinned) this.#use(number);
    for (const [number, page] of this.#pages) {
      if (this.#bytes <= this.#budgetBytes) return;
      if (pinned.has(number)) continue;
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

  #pageOf(index: number): number {
    return Math.floor(index / this.#pageLines);
  }
}

function bytesOf(line: Line): number {
  return LINE_BYTES + CHAR_BYTES * line.text.length;
}
