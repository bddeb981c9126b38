/**
 * Which hit is in which line, for some of the hits of a search: all of them where there are few, every so maniest where there are many.
 *
 * Pure; imports nothing. Takes 16 bytes a sample and 4 MB at most, whatever the number of hits.
 */

/** Samples kept; when there are more, every other one goes. */
export const MAX_SAMPLES = 1 << 18;

export class HitSamples {
  #indices = new Float64Array(1024); // doubles: numbers of lines and hits can be above 2^32
  #lines = new Float64Array(1024);
  #size = 0;
  #stride = 1;

  get size(): number {
    return this.#size;
  }

  /** The number of a sampled hit, from 0; `position` from 0 to `size - 1`. */
  indexAt(position: number): number {
    return this.#indices[position] as number;
  }

  lineAt(position: number): number {
    return this.#lines[position] as number;
  }

  /** Hit number `index` is line `line`; both above those before. */
  add(index: number, line: number): void {
    if (this.#stride > 1 && this.#size && index - this.indexAt(this.#size - 1) < this.#stride) return;
    if (this.#size === MAX_SAMPLES) this.#thin();
    if (this.#size === this.#lines.length) {
      this.#indices = grown(this.#indices);
      this.#lines = grown(this.#lines);
    }
    this.#indices[this.#size] = index;
    this.#lines[this.#size++] = line;
  }

  /** Forgets the hits from number `hits` on. */
  cut(hits: number): void {
    this.#size = this.floor(hits - 1) + 1;
  }

  /** Position of the last sample whose hit number is `index` or less; -1: none. */
  floor(index: number): number {
    return last(this.#indices, this.#size, index);
  }

  /** Position of the last sample whose line is `line` or less; -1: none. */
  floorLine(line: number): number {
    return last(this.#lines, this.#size, line);
  }

  /** The line of a hit; undefined when it is not sampled. */
  exact(index: number): number | undefined {
    const position = this.floor(index);
    return position >= 0 && this.indexAt(position) === index ? this.lineAt(position) : undefined;
  }

  /** A line that hit `index` does not come before, which grows with every hit; exact for a sampled one. */
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

/** Place of the last of `size` ascending values that is `value` or less; -1: none. */
function last(values: Float64Array, size: number, value: number): number {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
