/**
 * The folded trace around a record: fetches the lines that tell, as a step to it is about to go
 * there. Knows no DOM.
 */

import type { Lines } from "../base/line-selection.js";
import type { RowState } from "./row-state.js";
import type { RunStore } from "../stream/store.js";
import type { Wish } from "../stream/fetch.js";

/** Lines behind a record's first in which its trace begins. */
const NEAR_LINES = 20;
/** Lines that are looked at behind a record and, on the way back, before it: of a trace and its repetitions. */
const BEHIND_LINES = 512;
const BEFORE_LINES = 1_024;
/** So long (ms) they are waited for; without them a record counts as one that is not folded. */
const PATIENCE_MS = 3_000;

export class RecordFolds {
  readonly #store: RunStore;
  readonly #state: RowState;

  constructor(store: RunStore, state: RowState) {
    this.#store = store;
    this.#state = state;
  }

  /** See `FoldOf`. */
  async around(record: number, direction: 1 | -1, signal: AbortSignal): Promise<Lines | undefined> {
    const first = Math.max(0, record - (direction < 0 ? BEFORE_LINES : NEAR_LINES));
    await this.#fetched([first, record + BEHIND_LINES], signal);
    this.#state.look(this.#store.buffer.total);
    if (this.#state.isHidden(record)) return this.#foldAt(record);
    for (let line = record; line <= record + NEAR_LINES; line++) {
      const fold = this.#foldAt(line);
      if (fold) return fold;
    }
    return undefined;
  }

  #foldAt(line: number): Lines | undefined {
    const block = this.#state.folds.block(line);
    if (block?.kind !== "trace" || this.#state.fold(block.head)?.open !== false) return undefined;
    return [block.first, block.last];
  }

  /** Resolves when those lines are here, or will not be soon. */
  async #fetched(range: Lines, signal: AbortSignal): Promise<void> {
    const isHere = (): boolean => this.#store.buffer.missing(range, 1) === undefined;
    if (isHere()) return;
    const wish: Wish = { shown: range, around: range };
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        unlisten();
        signal.removeEventListener("abort", done);
        this.#store.kept.delete(this);
        resolve();
      };
      const timer = setTimeout(done, PATIENCE_MS);
      const unlisten = this.#store.listen(() => isHere() && done());
      signal.addEventListener("abort", done);
      this.#store.want(this, wish);
    });
  }
}
