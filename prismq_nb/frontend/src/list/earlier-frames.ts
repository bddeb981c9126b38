/**
 * What was drawn on a line before its last frame: fetched when a person asks for it, and kept while it is open. Knows no DOM.
 */

import type { Frames } from "../base/protocol.js";

export type FetchFrames = (line: number) => Promise<Frames>;

/** Lines of which the frames are held; the oldest is closed first. */
const MAX_OPEN = 8;
/** Frames that are shown, the newest ones. */
const MAX_FRAMES = 500;

export interface Earlier {
  /** One after the other; the last one is what the line shows. */
  readonly frames: readonly string[];
  /** So many older ones are not among them. */
  readonly omitted: number;
}

export class EarlierFrames {
  readonly #fetch: FetchFrames;
  /** Line number -> its frames; undefined while they are fetched. */
  readonly #open = new Map<number, Earlier | undefined>();

  constructor(fetch: FetchFrames) {
    this.#fetch = fetch;
  }

  /** Undefined: not open, or not there yet. */
  of(n: number): Earlier | undefined {
    return this.#open.get(n);
  }

  state(n: number): "closed" | "fetching" | "open" {
    return !this.#open.has(n) ? "closed" : this.#open.get(n) ? "open" : "fetching";
  }

  /**
   * Opens or closes the frames of a line.
   *
   * @param changed called whenever something is to be drawn anew.
   * @throws what the request throws.
   */
  async toggle(n: number, changed: () => void): Promise<void> {
    if (this.#open.delete(n)) return changed();
    this.#open.set(n, undefined);
    for (const oldest of [...this.#open.keys()].slice(0, -MAX_OPEN)) this.#open.delete(oldest);
    changed();
    try {
      const { frames, total } = await this.#fetch(n);
      const shown = frames.slice(-MAX_FRAMES);
      if (this.#open.has(n)) this.#open.set(n, { frames: shown, omitted: Math.max(0, total - shown.length) });
    } catch (error) {
      this.#open.delete(n);
      throw error;
    } finally {
      changed();
    }
  }
}
