/** What a search needs of the viewer that it is in. Types only. */

import type { ViewerOptions } from "../base/options.js";
import type { RunStore } from "../stream/store.js";
import type { FoldOf } from "./error-steps.js";
import type { PlacedList } from "./kept-place.js";

/** The list, as far as a search moves it. */
export interface SearchedList extends PlacedList {
  readonly scroller: HTMLElement;
  /** The hit or the error that the person went to last. */
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
  /** The person changed this. */
  change(changed: Partial<ViewerOptions>): void;
  /** Something has to be drawn anew. */
  changed(): void;
}
