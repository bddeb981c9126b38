/**
 * Heights of rows: one estimate for all rows, and the measured differences from it. Pure.
 *
 * Millions of rows cost nothing; measured rows that differ are kept in chunks, so that sums over
 * any range are fast.
 */

import { bisect } from "../base/bisect.js";

const CHUNK_ROWS = 256;
/** Measurements are inexact on zoomed pages. */
const TOLERANCE_PX = 0.05;
/** Maximum number of chunks; beyond it, those farthest away are dropped. */
const MAX_CHUNKS = 256;

interface Chunk {
  /** Difference from the estimate in px, by row. */
  readonly rows: Map<number, number>;
  sum: number;
}

export class Heights {
  readonly #chunks = new Map<number, Chunk>();
  #estimate: number;

  /** @param estimate height of an unmeasured row, in px. */
  constructor(estimate: number) {
    this.#estimate = estimate;
  }

  get estimate(): number {
    return this.#estimate;
  }

  /** Discard all measurements. */
  reset(estimate: number): void {
    this.#estimate = estimate;
    this.#chunks.clear();
  }

  get(index: number): number {
    return this.#estimate + (this.#chunks.get(chunkOf(index))?.rows.get(index) ?? 0);
  }

  /** Set a measured height; return whether it changed. */
  set(index: number, height: number): boolean {
    const extra = height - this.#estimate;
    const number = chunkOf(index);
    let chunk = this.#chunks.get(number);
    const before = chunk?.rows.get(index) ?? 0;
    if (Math.abs(extra - before) < TOLERANCE_PX) return false;
    if (!chunk) {
      chunk = { rows: new Map(), sum: 0 };
      this.#chunks.set(number, chunk);
    }
    chunk.sum += extra - before;
    chunk.rows.set(index, extra);
    if (this.#chunks.size > MAX_CHUNKS) this.#dropFarthest(number);
    return true;
  }

  /** Top of row `index`, in px. */
  top(index: number): number {
    const number = chunkOf(index);
    let extra = 0;
    for (const [at, { sum }] of this.#chunks) if (at < number) extra += sum;
    for (const [row, height] of this.#chunks.get(number)?.rows ?? [])
      if (row < index) extra += height;
    return index * this.#estimate + extra;
  }

  /** Return the last of `count` rows that begins at or above `y` px; 0 if there is none. */
  rowAt(y: number, count: number): number {
    return Math.max(0, bisect(count, (row) => this.top(row) > y) - 1);
  }

  #dropFarthest(from: number): void {
    let farthest = from;
    for (const number of this.#chunks.keys())
      if (Math.abs(number - from) > Math.abs(farthest - from)) farthest = number;
    this.#chunks.delete(farthest);
  }
}

function chunkOf(index: number): number {
  return Math.floor(index / CHUNK_ROWS);
}
