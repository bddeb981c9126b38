/** Earlier drawings of a line: fetched on demand, and kept while open. Knows no DOM. */

import type { Frames } from "../base/protocol.js";

export type FetchFrames = (line: number) => Promise<Frames>;

/** Lines whose frames are held; the oldest is closed first. */
const MAX_OPEN = 8;
/** Frames shown, the newest ones. */
const MAX_FRAMES = 500;

export interface Earlier {
  /** Successive drawings; the last one is the text of the line. */
  readonly frames: readonly string[];
  /** Number of older frames left out. */
  readonly omitted: number;
}

export class EarlierFrames {
  readonly #fetch: FetchFrames;
  /** Frames by line number; undefined while they are being fetched. */
  readonly #open = new Map<number, Earlier | undefined>();

  constructor(fetch: FetchFrames) {
    this.#fetch = fetch;
  }

  /** The frames of line `n`; undefined: not open, or not loaded yet. */
  of(n: number): Earlier | undefined {
    return this.#open.get(n);
  }

  state(n: number): "closed" | "fetching" | "open" {
    return !this.#open.has(n) ? "closed" : this.#open.get(n) ? "open" : "fetching";
  }

  /**
   * Open or close the frames of a line.
   *
   * @param changed called whenever a redraw is needed.
   * @throws whatever the request throws.
   */
  async toggle(n: number, changed: () => void): Promise<void> {
    if (this.#open.delete(n)) return changed();
    this.#open.set(n, undefined);
    for (const oldest of [...this.#open.keys()].slice(0, -MAX_OPEN)) this.#open.delete(oldest);
    changed();
    try {
      const { frames, total } = await this.#fetch(n);
      const shown = frames.slice(-MAX_FRAMES);
      if (this.#open.has(n))
        this.#open.set(n, { frames: shown, omitted: Math.max(0, total - shown.length) });
    } catch (error) {
      this.#open.delete(n);
      throw error;
    } finally {
      changed();
    }
  }
}
