/**
 * Where a list of rows stands in its window, and which rows that makes visible. Pure: the arithmetic of `window.ts`, without a page.
 *
 * The place is an anchor: a row, and the px from the window's upper edge to it. Rows above it can turn out higher or lower, come or go, and what is
 * read stays where it is.
 */

import { Heights } from "./heights.js";
import { toList, toScroll } from "./scale.js";

/** Rounds of drawing and measuring in one go; each draws more where rows were lower than they were taken for. */
const MOST_ROUNDS = 8;
/** Rows looked at for one drawing, at most: rows without height (what is folded away) would have no end. */
const MOST_ROWS = 2_000;

/** What `layout` asks for. */
export interface Wanted {
  /** The end of the list is to be at the window's lower edge. */
  readonly end: boolean;
  /** Px above and below the window that are drawn, too. */
  readonly above: number;
  readonly below: number;
  /** Height of a row, in px, where that is known without drawing it. */
  readonly known?: (index: number) => number | undefined;
}

export class Viewport {
  readonly heights: Heights;
  /** Px below the last row. */
  readonly #padding: number;
  /** Rows of the list. */
  count = 0;
  /** Height of the window, in px. */
  view = 0;
  #index = 0;
  #top = 0;

  constructor(usual: number, padding: number) {
    this.heights = new Heights(usual);
    this.#padding = padding;
  }

  /** The first row in the window, even if in part. */
  get index(): number {
    return this.#index;
  }

  /** Px from the window's upper edge to that row; 0 or less. */
  get top(): number {
    return this.#top;
  }

  /** Height of the list, in px. */
  get content(): number {
    return this.count ? this.heights.top(this.count) + this.#padding : 0;
  }

  /** Px of the list above the window. */
  get offset(): number {
    return this.heights.top(this.#index) - this.#top;
  }

  /** Where the scroll bar belongs. */
  get scrollTop(): number {
    return Math.max(0, toScroll(this.offset, this.content, this.view));
  }

  /** Px of the list below the window. */
  get rest(): number {
    return this.content - this.offset - this.view;
  }

  /** Puts row `index` at `top` px below the window's upper edge. */
  place(index: number, top: number): void {
    this.#index = index;
    this.#top = top;
  }

  /** Moves down the list by exactly so many px (up: negative), as far as it goes: the next `layout`, which knows the rows on the way, sees to that. */
  moveBy(pixels: number): void {
    this.#top -= pixels;
  }

  /** Goes where the scroll bar is. */
  moveTo(scrollTop: number): void {
    const most = Math.max(0, this.content - this.view);
    const y = Math.min(most, Math.max(0, toList(scrollTop, this.content, this.view)));
    this.#index = this.heights.rowAt(y, this.count);
    this.#top = this.heights.top(this.#index) - y;
  }

  moveToEnd(): void {
    const last = Math.max(0, this.count - 1);
    this.place(last, this.view - this.#padding - this.heights.get(last));
  }

  /**
   * Finds the rows to draw, measuring them meanwhile.
   *
   * @param draw makes rows `first` to `last`, and enters their heights.
   * @returns the rows drawn last, both included; the second one lower than the first: none.
   */
  layout(wanted: Wanted, draw: (first: number, last: number) => void): readonly [first: number, last: number] {
    let drawn: readonly [number, number] = [0, -1];
    for (let round = 0; round < MOST_ROUNDS; round++) {
      this.#index = Math.min(this.#index, Math.max(0, this.count - 1));
      if (wanted.end) this.moveToEnd();
      const range = this.#range(wanted);
      if (round && range[0] >= drawn[0] && range[1] <= drawn[1]) break;
      drawn = range;
      draw(...range);
      this.#settle(...drawn);
    }
    if (wanted.end) this.moveToEnd();
    this.#settle(...drawn);
    return drawn;
  }

  #range({ above, below, known }: Wanted): readonly [number, number] {
    const height = (row: number): number => {
      const sure = known?.(row);
      if (sure !== undefined) this.heights.set(row, sure);
      return this.heights.get(row);
    };
    let [first, last] = [this.#index, this.#index];
    let y = this.#top;
    while (first > 0 && y > -above && this.#index - first < MOST_ROWS) y -= height(--first);
    y = this.#top;
    while (last < this.count && y < this.view + below && last - this.#index < MOST_ROWS) y += height(last++);
    return [first, last - 1];
  }

  /** Leaves no room below the last row or above the first one, and makes the first row in the window the anchor; of rows that are drawn only. */
  #settle(first: number, last: number): void {
    if (last === this.count - 1) this.#top += Math.max(0, -this.rest);
    if (first === 0 && this.offset < 0) this.place(0, 0);
    while (this.#top > 0 && this.#index > first) this.#top -= this.heights.get(--this.#index);
    while (this.#index < last && this.#top + this.heights.get(this.#index) <= 0) this.#top += this.heights.get(this.#index++);
  }
}
