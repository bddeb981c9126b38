/**
 * Line numbers of some hits of a search: all of them if there are few, one in every `stride` if
 * there are many.
 *
 * Pure. Takes 16 bytes per sample and at most 4 MB, whatever the number of hits.
 */

import { bisect } from "../base/bisect.js";

/** Maximum number of samples; beyond it, every other one is dropped. */
export const MAX_SAMPLES = 1 << 18;

export class HitSamples {
  #indices = new Float64Array(1024); // doubles, as line numbers and hit indices can exceed 2^32
  #lines = new Float64Array(1024);
  #size = 0;
  #stride = 1;

  get size(): number {
    return this.#size;
  }

  /** Return the index of a sampled hit, from 0; `position` from 0 to `size - 1`. */
  indexAt(position: number): number {
    return this.#indices[position] as number;
  }

  lineAt(position: number): number {
    return this.#lines[position] as number;
  }

  /** Add hit `index` in line `line`; both ascending. */
  add(index: number, line: number): void {
    if (this.#stride > 1 && this.#size && index - this.indexAt(this.#size - 1) < this.#stride)
      return;
    if (this.#size === MAX_SAMPLES) this.#thin();
    if (this.#size === this.#lines.length) {
      this.#indices = grown(this.#indices);
      this.#lines = grown(this.#lines);
    }
    this.#indices[this.#size] = index;
    this.#lines[this.#size++] = line;
  }

  /** Drop the samples of hits from index `hits` on. */
  cut(hits: number): void {
    this.#size = this.floor(hits - 1) + 1;
  }

  /** Return the position of the last sample whose hit index is at most `index`; -1: none. */
  floor(index: number): number {
    return last(this.#indices, this.#size, index);
  }

  /** Return the position of the last sample whose line is at most `line`; -1: none. */
  floorLine(line: number): number {
    return last(this.#lines, this.#size, line);
  }

  /** Return the line of a hit; undefined if it is not sampled. */
  exact(index: number): number | undefined {
    const position = this.floor(index);
    return position >= 0 && this.indexAt(position) === index ? this.lineAt(position) : undefined;
  }

  /**
   * Return a lower bound for the line of hit `index`, strictly ascending with it; exact for a
   * sampled hit.
   */
  least(index: number): number {
    const position = this.floor(index);
    return position < 0 ? index : this.lineAt(position) + index - this.indexAt(position);
  }

  #thin(): void {
    this.#stride = Math.max(2, this.#stride * 2);
    let size = 0;
    for (let position = 0; position < this.#size; position++) {
      if (size && this.indexAt(position) - this.indexAt(size - 1) < this.#stride) continue;
      this.#indices[size] = this.indexAt(position);
      this.#lines[size++] = this.lineAt(position);
    }
    this.#size = size;
    if (size > MAX_SAMPLES / 2) this.#thin();
  }
}

function grown(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const more = new Float64Array(Math.min(MAX_SAMPLES, values.length * 2));
  more.set(values);
  return more;
}

/** Return the index of the last of `size` ascending values that is at most `value`; -1: none. */
function last(values: Float64Array, size: number, value: number): number {
  return bisect(size, (place) => (values[place] as number) > value) - 1;
}
