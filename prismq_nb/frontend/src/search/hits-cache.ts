/** The lines of some hits, by the hit's number. Pure. Memory is bounded; what was not looked at for longest goes, and can be fetched again. */

import type { Line } from "../base/protocol.js";

/** Hits that are kept and dropped together. */
const BLOCK_HITS = 128;
/** What all lines may take, in bytes, about. */
const BUDGET_BYTES = 6_000_000;
/** Of a line besides its text, and of a character. */
const LINE_BYTES = 160;
const CHAR_BYTES = 2;

interface Block {
  readonly lines: Map<number, Line>;
  bytes: number;
}

export class HitsCache {
  /** The block that was used last comes last. */
  readonly #blocks = new Map<number, Block>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get(index: number): Line | undefined {
    return this.#blocks.get(Math.floor(index / BLOCK_HITS))?.lines.get(index);
  }

  put(index: number, line: Line): void {
    const number = Math.floor(index / BLOCK_HITS);
    const block = this.#blocks.get(number) ?? { lines: new Map<number, Line>(), bytes: 0 };
    this.#blocks.delete(number);
    this.#blocks.set(number, block);
    if (block.lines.has(index)) return;
    const bytes = LINE_BYTES + CHAR_BYTES * line.text.length;
    block.lines.set(index, line);
    block.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Drops blocks until the budget is kept, none with a hit from `first` to `last`. */
  trim(first: number, last: number): void {
    for (const [number, block] of this.#blocks) {
      if (this.#bytes <= BUDGET_BYTES) return;
      if (number >= Math.floor(first / BLOCK_HITS) && number <= Math.floor(last / BLOCK_HITS)) continue;
      this.#blocks.delete(number);
      this.#bytes -= block.bytes;
    }
  }
}
