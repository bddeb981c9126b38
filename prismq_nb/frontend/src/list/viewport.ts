/**
 * Position of a list of rows in its viewport, and which rows are visible. Pure: the arithmetic of
 * `virtual-list.ts`, without a page.
 *
 * The position is an anchor: a row, and the px from the upper edge of the view to it. Rows above it
 * may change height, be added or removed, and the visible text stays in place.
 */

import { Heights } from "./heights.js";
import { toList, toScroll } from "./scale.js";

/**
 * Maximum rounds of drawing and measuring per layout; each draws more rows if some were lower than
 * estimated.
 */
const MAX_ROUNDS = 8;
/** Maximum rows examined per layout: folded rows have no height, so they never fill the view. */
const MAX_ROWS = 2_000;

/** Options of `layout`. */
export interface LayoutOptions {
  /** Align the end of the list with the lower edge of the view. */
  readonly end: boolean;
  /** Px to draw above and below the view as well. */
  readonly above: number;
  readonly below: number;
  /** Height of a row in px, if known without drawing it. */
  readonly known?: (index: number) => number | undefined;
}

export class Viewport {
  readonly heights: Heights;
  /** Px below the last row. */
  readonly #padding: number;
  /** Rows of the list. */
  count = 0;
  /** Height of the view, in px. */
  view = 0;
  #index = 0;
  #top = 0;

  constructor(estimate: number, padding: number) {
    this.heights = new Heights(estimate);
    this.#padding = padding;
  }

  /** The first row that is at least partly in view. */
  get index(): number {
    return this.#index;
  }

  /** Px from the upper edge of the view to that row; 0 or less. */
  get top(): number {
    return this.#top;
  }

  /** Height of the list, in px. */
  get content(): number {
    return this.count ? this.heights.top(this.count) + this.#padding : 0;
  }

  /** Px of the list above the view. */
  get offset(): number {
    return this.heights.top(this.#index) - this.#top;
  }

  /** Scroll position that matches the anchor. */
  get scrollTop(): number {
    return Math.max(0, toScroll(this.offset, this.content, this.view));
  }

  /** Px of the list below the view. */
  get rest(): number {
    return this.content - this.offset - this.view;
  }

  /** Place row `index` `top` px below the upper edge of the view. */
  place(index: number, top: number): void {
    this.#index = index;
    this.#top = top;
  }

  /**
   * Move down the list by exactly `pixels` (up: negative). The next `layout`, which knows the rows
   * in between, clamps this to the ends.
   */
  moveBy(pixels: number): void {
    this.#top -= pixels;
  }

  /** Move to a scroll position. */
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
   * Determine the rows to draw, measuring them in the process.
   *
   * @param draw creates rows `first` to `last` and sets their heights.
   * @returns the first and last row drawn; `last < first`: none.
   */
  layout(
    options: LayoutOptions,
    draw: (first: number, last: number) => void,
  ): readonly [first: number, last: number] {
    let drawn: readonly [number, number] = [0, -1];
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.#index = Math.min(this.#index, Math.max(0, this.count - 1));
      if (options.end) this.moveToEnd();
      const range = this.#range(options);
      if (round && range[0] >= drawn[0] && range[1] <= drawn[1]) break;
      drawn = range;
      draw(...range);
      this.#settle(...drawn);
    }
    if (options.end) this.moveToEnd();
    this.#settle(...drawn);
    return drawn;
  }

  #range({ above, below, known }: LayoutOptions): readonly [number, number] {
    const height = (row: number): number => {
      const exact = known?.(row);
      if (exact !== undefined) this.heights.set(row, exact);
      return this.heights.get(row);
    };
    let [first, last] = [this.#index, this.#index];
    let y = this.#top;
    while (first > 0 && y > -above && this.#index - first < MAX_ROWS) y -= height(--first);
    y = this.#top;
    while (last < this.count && y < this.view + below && last - this.#index < MAX_ROWS)
      y += height(last++);
    return [first, last - 1];
  }

  /**
   * Remove blank space below the last row and above the first, and make the first row in view the
   * anchor; considers drawn rows only.
   */
  #settle(first: number, last: number): void {
    if (last === this.count - 1) this.#top += Math.max(0, -this.rest);
    if (first === 0 && this.offset < 0) this.place(0, 0);
    while (this.#top > 0 && this.#index > first) this.#top -= this.heights.get(--this.#index);
    while (this.#index < last && this.#top + this.heights.get(this.#index) <= 0)
      this.#top += this.heights.get(this.#index++);
  }
}
