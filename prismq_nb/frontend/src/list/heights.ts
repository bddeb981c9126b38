/**
 * How high the rows of a list are: one height for all, and what is known to differ. Pure.
 *
 * Millions of rows cost nothing; those that were measured and differ are kept in chunks, so that sums over any part are quick.
 */

const CHUNK_ROWS = 256;
/** Zoomed pages measure not exactly. */
const TOLERANCE_PX = 0.05;
/** Chunks with rows that differ; above it the ones that are farthest away are forgotten. */
const MOST_CHUNKS = 256;

interface Chunk {
  /** By row: how much it is higher than the usual one, in px. */
  readonly rows: Map<number, number>;
  sum: number;
}

export class Heights {
  readonly #chunks = new Map<number, Chunk>();
  #usual: number;

  /** @param usual height of a row of which nothing else is known, in px. */
  constructor(usual: number) {
    this.#usual = usual;
  }

  get usual(): number {
    return this.#usual;
  }

  /** Forgets what was measured. */
  reset(usual: number): void {
    this.#usual = usual;
    this.#chunks.clear();
  }

  get(index: number): number {
    return this.#usual + (this.#chunks.get(chunkOf(index))?.rows.get(index) ?? 0);
  }

  /** Takes a measured height; returns whether that is news. */
  set(index: number, height: number): boolean {
    const more = height - this.#usual;
    const number = chunkOf(index);
    let chunk = this.#chunks.get(number);
    const before = chunk?.rows.get(index) ?? 0;
    if (Math.abs(more - before) < TOLERANCE_PX) return false;
    if (!chunk) this.#chunks.set(number, (chunk = { rows: new Map(), sum: 0 }));
    chunk.sum += more - before;
    chunk.rows.set(index, more);
    if (this.#chunks.size > MOST_CHUNKS) this.#forgetFarthest(number);
    return true;
  }

  /** Px above row `index`. */
  top(index: number): number {
    const number = chunkOf(index);
    let more = 0;
    for (const [at, { sum }] of this.#chunks) if (at < number) more += sum;
    for (const [row, height] of this.#chunks.get(number)?.rows ?? []) if (row < index) more += height;
    return index * this.#usual + more;
  }

  /** The last of `count` rows that begins at or above `y` px; 0 where none does. */
  rowAt(y: number, count: number): number {
    let [low, high] = [0, Math.max(0, count - 1)];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.top(middle) <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #forgetFarthest(from: number): void {
    let farthest = from;
    for (const number of this.#chunks.keys()) if (Math.abs(number - from) > Math.abs(farthest - from)) farthest = number;
    this.#chunks.delete(farthest);
  }
}

function chunkOf(index: number): number {
  return Math.floor(index / CHUNK_ROWS);
}
