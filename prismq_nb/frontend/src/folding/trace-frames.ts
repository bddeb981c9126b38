/** Find the frame to show beside the exception of a folded trace. Knows lines, not elements. */

import { plain } from "../text/terminal-text.js";
import type { Block, Folds, Get } from "./fold.js";
import { type Frame, userFrame } from "./user-frames.js";

/** Characters of a line that are examined. */
const MAX_CHARS = 1_000;

export class TraceFrames {
  readonly #folds: Folds;
  readonly #get: Get;
  readonly #folder: () => string | undefined;
  /** Cached frame of each trace; null: none. */
  #known = new WeakMap<Block, Frame | null>();
  #knownFolder: string | undefined;

  /** @param folder working directory of the run; undefined: unknown, perhaps only for now. */
  constructor(folds: Folds, get: Get, folder: () => string | undefined) {
    this.#folds = folds;
    this.#get = get;
    this.#folder = folder;
  }

  /** Return the frame to show beside line `n`; undefined: none. */
  at(n: number): Frame | undefined {
    const block = this.#folds.block(n);
    if (block?.kind !== "trace" || n !== block.shown.at(-1) || this.#folds.isOpen(block))
      return undefined;
    const folder = this.#folder();
    if (folder !== this.#knownFolder) this.#known = new WeakMap();
    this.#knownFolder = folder;
    let frame = this.#known.get(block);
    if (frame === undefined) {
      frame =
        userFrame(
          block.first,
          n,
          block.first + block.size - 1,
          (at) => this.#text(block, at),
          folder,
        ) ?? null;
      this.#known.set(block, frame);
    }
    return frame ?? undefined;
  }

  #text({ stream }: Block, n: number): string | undefined {
    const line = this.#get(n);
    return line?.stream === stream ? plain(line.text.slice(0, MAX_CHARS)) : undefined;
  }
}
