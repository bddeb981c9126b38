/**
 * Find the folded trace around a record, fetching the lines that decide this before a step
 * navigates there. Knows no DOM.
 */

import type { Lines } from "../base/line-selection.js";
import type { WantedLines } from "../stream/fetch.js";
import type { RunStore } from "../stream/store.js";
import type { RowState } from "./row-state.js";

/** Lines after the first line of a record in which its trace begins. */
const NEAR_LINES = 20;
/**
 * Lines examined after a record and, when stepping back, before it: of a trace and its repetitions.
 */
const AFTER_LINES = 512;
const BEFORE_LINES = 1_024;
/** Maximum wait for the lines (ms); without them, a record counts as not folded. */
const MAX_WAIT_MS = 3_000;

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
    await this.#fetch([first, record + AFTER_LINES], signal);
    this.#state.updateFolds(this.#store.buffer.total);
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

  /** Resolve when the lines are loaded, or when waiting for them is futile. */
  async #fetch(range: Lines, signal: AbortSignal): Promise<void> {
    const isLoaded = (): boolean => this.#store.buffer.missing(range, 1) === undefined;
    if (isLoaded()) return;
    const wanted: WantedLines = { shown: range, around: range };
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        unlisten();
        signal.removeEventListener("abort", done);
        this.#store.kept.delete(this);
        resolve();
      };
      const timer = setTimeout(done, MAX_WAIT_MS);
      const unlisten = this.#store.listen(() => isLoaded() && done());
      signal.addEventListener("abort", done);
      this.#store.want(this, wanted);
    });
  }
}
