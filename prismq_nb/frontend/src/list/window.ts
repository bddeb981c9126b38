/**
 * A virtual list of rows of any height: only what can be seen, and a little more, is in the page.
 *
 * The one place that knows about scrolling. It sticks to the end while it follows, and tells when a person leaves the end or comes back to it. What a
 * person scrolls by wheel, keys or finger moves the list by exactly as many px; only what the scroll bar is dragged goes by proportion. The rows are
 * placed relative to where the scroll bar is, and while it rests it is put to where it belongs. Knows rows and elements, not runs.
 */

import { element } from "../base/dom.js";
import { keepFocus } from "./row-focus.js";
import { RowNodes, type RowPainter } from "./row-nodes.js";
import { lineOf, type RowSource } from "../base/rows.js";
import { scrolledHeight } from "./scale.js";
import { Viewport } from "./viewport.js";

/** Px drawn above and below what can be seen, and in the direction of scrolling, so that scrolling shows no blank. */
const OVERSCAN_PX = 120;
const AHEAD_PX = 600;
/** Below the last row, in px. */
export const PADDING_PX = 6;
/** A scroll bar that moves farther in one frame, in px, was dragged or clicked. */
const LEAP_PX = 3_000;
/** Without an event of scrolling for this long (ms), the scroll bar rests. */
const REST_MS = 150;
/** Keys by which the browser scrolls the list. */
const SCROLLS: ReadonlySet<string> = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", " "]);
/** Rows after the anchor in which a line is looked for. */
const ASIDE_ROWS = 4;

export interface WindowEvents {
  /** The person scrolled: to the end (true) or away from it (false). */
  onFollow(follow: boolean): void;
  /** Something has to be drawn. */
  onScroll(): void;
}

export class RowWindow {
  readonly scroller = element("div", "prismq-scroller");
  readonly #body = element("div", "prismq-body");
  readonly #nodes: RowNodes;
  readonly #events: WindowEvents;
  readonly #viewport = new Viewport(20, PADDING_PX);
  #range: readonly [first: number, last: number] = [0, -1];
  #follow = true;
  /** It follows since the person said so, while the list still moved smoothly from what they did before. */
  #coasts = false;
  /** When a key was pressed in the list (ms, monotonic): the movement that follows from it may come later. */
  #pressedAt = -Infinity;
  /** How often the person moved the list. */
  moves = 0;
  /** The scroll bar as it was last seen or put. */
  #at = 0;
  #down = 0;
  #bodyHeight = -1;
  #dragged = false;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** Line of the first row that has one, counted from the anchor, and how many rows that is after it: finds the anchor again in another source. */
  #mark: readonly [line: number, after: number] | undefined;
  /** What was drawn last. */
  #source: RowSource | undefined;
  /** Height of the window in px; undefined: it may have changed. To ask for it each time would lay out the page once more. */
  #view: number | undefined;

  /** @param signal aborts when the list goes. */
  constructor(painter: RowPainter, events: WindowEvents, signal: AbortSignal) {
    this.#events = events;
    this.#nodes = new RowNodes(painter, (index, height) => this.#viewport.heights.set(index, height));
    this.#body.append(this.#nodes.root);
    this.scroller.append(this.#body);
    this.scroller.tabIndex = 0;
    this.#listen(signal);
  }

  get rowHeight(): number {
    return this.#viewport.heights.usual;
  }

  /** Rows that are not measured yet have this height. */
  set rowHeight(pixels: number) {
    if (pixels !== this.rowHeight) this.#viewport.heights.reset(pixels);
  }

  set follow(on: boolean) {
    const moves = this.#rest !== undefined || performance.now() - this.#pressedAt < REST_MS;
    this.#coasts = on && moves;
    if (this.#coasts) this.#wait();
    this.#follow = on;
  }

  /** Nothing is below what can be seen. */
  get atEnd(): boolean {
    return this.#viewport.rest < this.rowHeight / 2;
  }

  /** Height of all rows of a list of `count`, as far as known, in px. */
  content(count: number): number {
    return this.#viewport.heights.top(count) + PADDING_PX;
  }

  /** Indices of the first and the last row in the window, even if in part; the second one is lower when there is none. */
  get visible(): readonly [first: number, last: number] {
    const { index, top, view, count, heights } = this.#viewport;
    let [last, y] = [index, top];
    while (last < count && y < view) y += heights.get(last++);
    return [index, last - 1];
  }

  /** Px from the upper edge of the window to a row in it. */
  topOf(row: number): number {
    const { index, top, heights } = this.#viewport;
    return heights.top(row) - heights.top(index) + top;
  }

  /**
   * Goes to a row at the next `render`, unless it follows.
   *
   * @param place px from the upper edge of the window.
   */
  goTo(index: number, place: "center" | number): void {
    const middle = (this.scroller.clientHeight - this.#viewport.heights.get(index)) / 2;
    this.#viewport.place(index, place === "center" ? Math.max(0, middle) : place);
    this.#mark = undefined;
    this.#still();
  }

  /** The scroller has another height now. */
  resized(): void {
    this.#view = undefined;
  }

  /** Makes elements anew at the next `render`, because the painter changed. */
  reset(): void {
    this.#nodes.clear();
    this.#viewport.heights.reset(this.rowHeight);
    this.#body.style.minWidth = "";
  }

  render(source: RowSource): void {
    const viewport = this.#viewport;
    this.#source = source;
    viewport.view = this.#view ??= this.scroller.clientHeight;
    if (!viewport.view) return; // hidden: it stays where it is
    viewport.count = source.count;
    this.#find(source);
    const [above, below] = this.#follow ? [OVERSCAN_PX, 0] : [this.#down < 0 ? AHEAD_PX : OVERSCAN_PX, this.#down > 0 ? AHEAD_PX : OVERSCAN_PX];
    this.#stretch(); // before measuring, so that the page is laid out once
    const known = (index: number): number | undefined => (source.at(index).kind === "folded" ? 0 : undefined);
    const wanted = { end: this.#follow, above, below, known };
    keepFocus(this.#nodes.root, () => {
      this.#range = viewport.layout(wanted, (first, last) => this.#nodes.bring(source, first, last));
    });
    this.#note(source);
    this.#stretch();
    this.#put();
    this.#keepWidth();
    source.want(...this.#range);
  }

  /** Finds the anchor again, where rows came or went above it. */
  #find(source: RowSource): void {
    if (!this.#mark || this.#follow) return;
    const [line, after] = this.#mark;
    const index = Math.max(0, source.indexOf(line) - after);
    if (index === this.#viewport.index) return;
    this.#viewport.heights.reset(this.rowHeight);
    this.#viewport.place(index, this.#viewport.top);
    this.#nodes.invalidate();
  }

  #note(source: RowSource): void {
    const { index, count } = this.#viewport;
    this.#mark = undefined;
    for (let after = 0; after < ASIDE_ROWS && index + after < count && !this.#mark; after++) {
      const line = lineOf(source.at(index + after));
      if (line !== undefined) this.#mark = [line, after];
    }
  }

  #stretch(): void {
    const height = scrolledHeight(this.#viewport.content);
    if (height === this.#bodyHeight) return;
    const shrinks = height < this.#bodyHeight;
    this.#body.style.height = `${height}px`;
    this.#bodyHeight = height;
    if (shrinks) this.#at = this.scroller.scrollTop; // which the browser may have taken along
  }

  /** Puts the scroll bar where it belongs, unless somebody moves it, and the rows where it is. */
  #put(): void {
    const { scroller } = this;
    const viewport = this.#viewport;
    const most = this.#bodyHeight - viewport.view;
    const stuck = (this.#at <= 0 && viewport.offset > 0) || (this.#at >= most && viewport.rest > 0);
    if (this.#follow ? !this.#dragged : this.#rest === undefined || (stuck && !this.#dragged)) {
      const top = this.#follow ? Math.max(0, most) : viewport.scrollTop;
      if (Math.abs(top - scroller.scrollTop) > 0.5) scroller.scrollTop = top;
      this.#at = scroller.scrollTop;
    } // else not: it may have moved since the last event, which tells by how much the list has to move, too
    const { heights, index, top } = viewport;
    const y = this.#at + top + heights.top(this.#range[0]) - heights.top(index);
    this.#nodes.root.style.transform = `translateY(${y}px)`;
  }

  /** While somebody looks at the right part of long lines, the list does not get narrower when these go. */
  #keepWidth(): void {
    const { scrollLeft } = this.scroller;
    const width = scrollLeft > 0 ? `${Math.max(this.#nodes.root.offsetWidth, Number.parseFloat(this.#body.style.minWidth) || 0)}px` : "";
    if (this.#body.style.minWidth !== width) this.#body.style.minWidth = width;
  }

  #listen(signal: AbortSignal): void {
    const { scroller } = this;
    const passive = { passive: true, signal };
    scroller.addEventListener("scroll", () => this.#scrolled(), passive);
    scroller.addEventListener("scrollend", () => this.#rested(), passive);
    scroller.addEventListener("wheel", (event) => this.#left(event.deltaY < 0), passive);
    scroller.addEventListener("touchmove", () => this.#left(true), passive);
    scroller.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    scroller.addEventListener("pointerdown", (event) => this.#grabbed(event), passive);
    window.addEventListener("pointerup", () => this.#released(), passive);
    window.addEventListener("pointercancel", () => this.#released(), passive);
    const size = new ResizeObserver((changes) => {
      if (this.#nodes.measure()) this.#events.onScroll(); // a row was unfolded, or the text got another width
      if (!changes.some(({ target }) => target === scroller)) return;
      this.resized();
      if (this.#source) this.render(this.#source); // at once: it is not painted yet
    });
    size.observe(scroller);
    size.observe(this.#nodes.root);
    signal.addEventListener("abort", () => {
      size.disconnect();
      clearTimeout(this.#rest);
    });
  }

  #scrolled(): void {
    const { scrollTop } = this.scroller;
    const viewport = this.#viewport;
    const moved = scrollTop - this.#at;
    this.#at = scrollTop;
    if (moved === 0 || !viewport.view || (this.#follow && moved > 0)) return;
    if (this.#follow && this.scroller.clientHeight > viewport.view) return; // it grew: no person moved it
    this.#wait();
    if (this.#coasts) return this.#events.onScroll(); // puts it back to the end
    this.#down = Math.sign(moved);
    if (Math.abs(moved) > this.#leap) viewport.moveTo(scrollTop);
    else viewport.moveBy(moved);
    if (this.#dragged && scrollTop >= this.#bodyHeight - viewport.view - 1) viewport.moveToEnd();
    this.#mark = undefined;
    this.moves++;
    if (moved < 0 && this.#follow && !this.atEnd) this.#events.onFollow(false);
    else if (moved > 0 && !this.#follow && this.atEnd && !this.#dragged) this.#events.onFollow(true);
    this.#events.onScroll();
  }

  /** Px of one movement above which it goes by proportion. A click beside the thumb goes a page, not a part of the log. */
  get #leap(): number {
    const { view, content } = this.#viewport;
    if (!this.#dragged) return Math.max(LEAP_PX, 1.5 * view);
    return content > this.#bodyHeight ? 0.9 * view : 0;
  }

  /** It is at rest when nothing has moved it for a while. */
  #wait(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#rested(), REST_MS);
  }

  #still(): void {
    clearTimeout(this.#rest);
    this.#rest = undefined;
    this.#coasts = false;
  }

  #rested(): void {
    if (this.#rest === undefined) return;
    this.#still();
    this.#events.onScroll();
  }

  /** A slow turn upwards is shorter than a row; without this a flood would pull the list back each time. */
  #left(up: boolean): void {
    if (up && this.#follow && this.#viewport.content > this.#viewport.view) this.#events.onFollow(false);
  }

  #pressed(event: KeyboardEvent): void {
    const { key, shiftKey, ctrlKey, metaKey, altKey, target } = event;
    if (target !== this.scroller || ctrlKey || metaKey || altKey) return;
    if (SCROLLS.has(key)) this.#pressedAt = performance.now();
    if (key === "ArrowUp" || key === "PageUp" || (key === " " && shiftKey)) this.#left(true);
    if (key !== "Home") return;
    event.preventDefault(); // it would take its time
    if (this.#viewport.content <= this.#viewport.view) return;
    this.#left(true);
    this.moves++;
    this.goTo(0, 0);
    this.#events.onScroll();
  }

  #grabbed({ target, offsetX, pointerType }: PointerEvent): void {
    if (target !== this.scroller || pointerType === "touch" || offsetX < this.scroller.clientWidth) return;
    this.#dragged = true;
    this.#left(true);
  }

  #released(): void {
    if (!this.#dragged) return;
    this.#dragged = false;
    if (this.atEnd && !this.#follow) this.#events.onFollow(true);
    this.#rest ??= setTimeout(() => this.#rested(), REST_MS);
  }
}
