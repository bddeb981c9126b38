/** The height of the list: what the log needs, in whole rows, up to the height in the options. */

import type { VirtualList } from "../list/virtual-list.js";
import { PADDING_PX } from "../list/virtual-list.js";
import type { JumpBar } from "../toolbar/notes.js";

/** Minimum heights of the list (rows) and of the viewer (px). */
const MIN_ROWS = 5;
const MIN_VIEWER_PX = 120;
/** A row's height in font sizes. */
const LINE_HEIGHT = 1.54;

export interface HeightOptions {
  /** Maximum height (px) of the viewer. */
  readonly height: number;
  /** The viewer fills its element. */
  readonly fill: boolean;
  /** Use all of `height`, even if the log needs less. */
  readonly isExact: boolean;
  readonly isFiltered: boolean;
}

export class ListHeight {
  readonly #window: VirtualList;
  readonly #jump: JumpBar;
  #rowPx = 20;
  /** Rows that the list needed when it was last shown without a filter. */
  #unfilteredRows = 0;
  /** Px below the list that are less than a row. */
  #restPx = 0;

  constructor(window: VirtualList, jump: JumpBar) {
    this.#window = window;
    this.#jump = jump;
  }

  /** Take the height of a row from the page's font; returns it in px. */
  measureRow(): number {
    const size = Number.parseFloat(getComputedStyle(this.#window.scroller).fontSize) || 13;
    this.#rowPx = Math.round(size * LINE_HEIGHT);
    this.#window.rowHeight = this.#rowPx;
    return this.#rowPx;
  }

  /** Start at the height of a short log; to be called as soon as the list is on the page. */
  reserve(): void {
    const { scroller } = this.#window;
    scroller.style.height = `${MIN_ROWS * this.measureRow() + PADDING_PX + this.#scrollBar}px`;
  }

  /**
   * Fit the list to a number of rows.
   *
   * @param viewerHeight of the whole viewer, in px.
   * @returns whether the height has changed.
   */
  fit(rows: number, viewerHeight: () => number, options: HeightOptions): boolean {
    const { scroller } = this.#window;
    const [height, rest] = options.fill
      ? [`calc(100% - ${this.#jump.height}px)`, 0]
      : this.#fitted(rows, viewerHeight(), options);
    if (scroller.style.height === height && rest === this.#restPx) return false;
    this.#restPx = rest;
    scroller.style.marginBottom = `${rest}px`;
    scroller.style.height = height;
    this.#window.resized();
    return true;
  }

  #fitted(
    rows: number,
    viewerHeight: number,
    { height, isExact, isFiltered }: HeightOptions,
  ): readonly [height: string, restPx: number] {
    const { height: jump } = this.#jump;
    const list = this.#window.scroller.clientHeight;
    const around = viewerHeight - list - jump - this.#restPx + PADDING_PX;
    const available = Math.max(MIN_VIEWER_PX, height) - around;
    // whole rows: none is cut at the top
    const most = Math.max(1, Math.floor(available / this.#rowPx));
    const needed = Math.ceil((this.#window.content(rows) - PADDING_PX) / this.#rowPx);
    // a search that finds little moves nothing below the viewer
    this.#unfilteredRows = isFiltered ? Math.max(this.#unfilteredRows, needed) : needed;
    const shown = isExact ? most : Math.min(most, Math.max(MIN_ROWS, this.#unfilteredRows));
    // what is less than a row stays free: bars that come and go move nothing below
    const rest = shown === most ? Math.max(0, available - most * this.#rowPx) : 0;
    return [`${shown * this.#rowPx + PADDING_PX + this.#scrollBar - jump}px`, rest];
  }

  /** Px of the horizontal scroll bar, where there is one. */
  get #scrollBar(): number {
    const { scroller } = this.#window;
    return scroller.offsetHeight - scroller.clientHeight;
  }
}
