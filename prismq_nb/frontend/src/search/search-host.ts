/** Interfaces through which a search accesses its viewer. Types only. */

import type { ViewerOptions } from "../base/options.js";
import type { RunStore } from "../stream/store.js";
import type { FoldOf } from "./error-steps.js";
import type { PositionedList } from "./reading-position.js";

/** The part of the list that a search uses. */
export interface SearchedList extends PositionedList {
  readonly scroller: HTMLElement;
  /** The hit or error that the user navigated to last. */
  current: number | undefined;
  goTo(line: number, how: { readonly center: boolean; readonly mark: boolean }): void;
  visible(): readonly [first: number, last: number] | undefined;
  /** See `FoldOf`. */
  foldOf(record: number, direction: 1 | -1, signal: AbortSignal): ReturnType<FoldOf>;
}

export interface SearchHost {
  readonly run: string;
  readonly store: RunStore;
  readonly list: SearchedList;
  options(): ViewerOptions;
  /** Apply options that the user changed. */
  change(changed: Partial<ViewerOptions>): void;
  /** Request a redraw. */
  changed(): void;
}
