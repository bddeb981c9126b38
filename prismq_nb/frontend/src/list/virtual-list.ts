/**
 * A virtual list of rows of variable height: only visible rows, and a few around them, are in the
 * page.
 *
 * The only module that handles scrolling. The list stays at the end while it follows, and reports
 * when the user leaves the end or returns to it. Wheel, keys and touch move the list by exactly as
 * many px as the browser scrolls; only dragging the scroll bar moves it proportionally. Rows are
 * positioned relative to the scroll bar, and the scroll bar is corrected while it is at rest. Knows
 * rows and elements, not runs.
 *
 * Hand-written because libraries such as `@tanstack/virtual` stop at the browser's height limit.
 */

import { element } from "../base/dom.js";
import type { RowSource } from "../base/rows.js";
import { anchorAt, anchoredRow, type RowAnchor } from "./row-anchor.js";
import { keepFocus } from "./row-focus.js";
import { RowNodes, type RowPainter } from "./row-nodes.js";
import { ScrollBody } from "./scroll-body.js";
import { Viewport } from "./viewport.js";

/**
 * Px drawn above and below the view, and in the direction of scrolling, so that scrolling shows no
 * blank area.
 */
const OVERSCAN_PX = 120;
const AHEAD_PX = 600;
/** Space below the last row, in px. */
export const PADDING_PX = 6;
/** A scroll bar that moves farther than this in one frame, in px, was dragged or clicked. */
const LEAP_PX = 3_000;
/** The scroll bar is at rest if no event comes for so long (ms), and then for two frames. */
const REST_MS = 150;
/** Keys with which the browser scrolls the list. */
const SCROLL_KEYS: ReadonlySet<string> = new Set([
  "ArrowUp",
  "ArrowDown",
  "PageUp",
  "PageDown",
  " ",
]);

export interface ListEvents {
  /** The user scrolled to the end (true) or away from it (false). */
  onFollow(follow: boolean): void;
  /** A redraw is needed. */
  onScroll(): void;
}

export class VirtualList {
  readonly scroller = element("div", "prismq-scroller");
  readonly #body: ScrollBody;
  readonly #nodes: RowNodes;
  readonly #events: ListEvents;
  readonly #viewport = new Viewport(20, PADDING_PX);
  #range: readonly [first: number, last: number] = [0, -1];
  #follow = true;
  /**
   * The list has just been put somewhere, and a smooth movement from an earlier action may go on,
   * or even begin: on a busy page some 100 ms after its key. It is undone, until the list is at
   * rest or the user moves it again.
   */
  #coasts = false;
  /** Number of times the user moved the list. */
  moves = 0;
  /** Scroll position last read or set. */
  #scrollTop = 0;
  #direction = 0;
  #dragged = false;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  /** Finds the first row in view again in another source. */
  #anchor: RowAnchor | undefined;
  /** Source of the last render. */
  #source: RowSource | undefined;
  /**
   * Height of the view in px; undefined: it may have changed. Cached, because reading it forces a
   * layout.
   */
  #view: number | undefined;

  /** @param signal aborts when the list is disposed. */
  constructor(painter: RowPainter, events: ListEvents, signal: AbortSignal) {
    this.#events = events;
    this.#nodes = new RowNodes(painter, (index, height) =>
      this.#viewport.heights.set(index, height),
    );
    this.#body = new ScrollBody(this.scroller, this.#nodes.root);
    this.scroller.tabIndex = 0;
    this.#listen(signal);
  }

  get rowHeight(): number {
    return this.#viewport.heights.estimate;
  }

  /** Estimated height of rows that are not measured yet, in px. */
  set rowHeight(pixels: number) {
    if (pixels !== this.rowHeight) this.#viewport.heights.reset(pixels);
  }

  set follow(on: boolean) {
    this.#coasts = on && !this.#follow;
    if (this.#coasts) this.#restartRestTimer();
    this.#follow = on;
  }

  /** Whether the end of the list is in view. */
  get atEnd(): boolean {
    return this.#viewport.rest < this.rowHeight / 2;
  }

  /** Height of a list of `count` rows, as far as known, in px. */
  content(count: number): number {
    return this.#viewport.heights.top(count) + PADDING_PX;
  }

  /**
   * Indices of the first and the last row that are at least partly in view; `last < first`: none.
   */
  get visible(): readonly [first: number, last: number] {
    const { index, top, view, count, heights } = this.#viewport;
    let [last, y] = [index, top];
    while (last < count && y < view) y += heights.get(last++);
    return [index, last - 1];
  }

  /** Px from the upper edge of the view to a row in it. */
  topOf(row: number): number {
    const { index, top, heights } = this.#viewport;
    return heights.top(row) - heights.top(index) + top;
  }

  /**
   * Go to a row at the next `render`, unless the list follows.
   *
   * @param place px from the upper edge of the view.
   */
  goTo(index: number, place: "center" | number): void {
    const middle = (this.scroller.clientHeight - this.#viewport.heights.get(index)) / 2;
    this.#viewport.place(index, place === "center" ? Math.max(0, middle) : place);
    this.#anchor = undefined;
    this.#coasts = this.#restTimer !== undefined;
    if (this.#coasts) this.#restartRestTimer();
  }

  /** Notify the list that the height of the scroller changed. */
  resized(): void {
    this.#view = undefined;
  }

  /** Recreate all elements at the next `render`, because the painter changed. */
  reset(): void {
    this.#nodes.clear();
    this.#viewport.heights.reset(this.rowHeight);
    this.#body.releaseWidth();
  }

  render(source: RowSource): void {
    const viewport = this.#viewport;
    this.#source = source;
    viewport.view = this.#view ??= this.scroller.clientHeight;
    if (!viewport.view) return; // hidden: keep the position
    viewport.count = source.count;
    this.#restoreAnchor(source);
    const [above, below] = this.#follow
      ? [OVERSCAN_PX, 0]
      : [
          this.#direction < 0 ? AHEAD_PX : OVERSCAN_PX,
          this.#direction > 0 ? AHEAD_PX : OVERSCAN_PX,
        ];
    this.#resizeBody(); // before measuring, so that the page is laid out once
    const known = (index: number): number | undefined =>
      source.at(index).kind === "folded" ? 0 : undefined;
    const options = { end: this.#follow, above, below, known };
    keepFocus(this.#nodes.root, () => {
      this.#range = viewport.layout(options, (first, last) =>
        this.#nodes.update(source, first, last),
      );
    });
    this.#anchor = anchorAt(source, viewport.index);
    this.#resizeBody();
    this.#position();
    this.#body.keepWidth();
    source.want(...this.#range);
  }

  /** Restore the anchor after rows above it were added or removed. */
  #restoreAnchor(source: RowSource): void {
    if (!this.#anchor || this.#follow) return;
    const index = anchoredRow(source, this.#anchor);
    if (index === this.#viewport.index) return;
    this.#viewport.heights.reset(this.rowHeight);
    this.#viewport.place(index, this.#viewport.top);
    this.#nodes.invalidate();
  }

  #resizeBody(): void {
    const hasShrunk = this.#body.resize(this.#viewport.content);
    if (hasShrunk) this.#scrollTop = this.scroller.scrollTop; // the browser may have clamped it
  }

  /** Correct the scroll bar unless the user is moving it, and position the rows relative to it. */
  #position(): void {
    const { scroller } = this;
    const viewport = this.#viewport;
    const maxTop = this.#body.height - viewport.view;
    const stuck =
      (this.#scrollTop <= 0 && viewport.offset > 0) ||
      (this.#scrollTop >= maxTop && viewport.rest > 0);
    if (
      this.#follow
        ? !this.#dragged
        : this.#restTimer === undefined || ((stuck || this.#coasts) && !this.#dragged)
    ) {
      const top = this.#follow ? Math.max(0, maxTop) : viewport.scrollTop;
      if (Math.abs(top - scroller.scrollTop) > 0.5) scroller.scrollTop = top;
      this.#scrollTop = scroller.scrollTop;
    }
    // Otherwise leave it: it may have moved since the last event, and the next one reports that.
    const { heights, index, top } = viewport;
    const y = this.#scrollTop + top + heights.top(this.#range[0]) - heights.top(index);
    this.#nodes.root.style.transform = `translateY(${y}px)`;
  }

  #listen(signal: AbortSignal): void {
    const { scroller } = this;
    const passive = { passive: true, signal };
    scroller.addEventListener("scroll", () => this.#onScroll(), passive);
    // Chromium sends it before the last scroll event, and between two movements
    scroller.addEventListener("scrollend", () => this.#coasts || this.#onRest(), passive);
    scroller.addEventListener("wheel", (event) => this.#leaveEnd(event.deltaY < 0), passive);
    scroller.addEventListener("touchmove", () => this.#leaveEnd(true), passive);
    scroller.addEventListener("keydown", (event) => this.#onKeyDown(event), { signal });
    scroller.addEventListener("pointerdown", (event) => this.#onPointerDown(event), passive);
    window.addEventListener("pointerup", () => this.#onPointerUp(), passive);
    window.addEventListener("pointercancel", () => this.#onPointerUp(), passive);
    const size = new ResizeObserver((changes) => {
      // a row was opened, or the text width changed
      if (this.#nodes.measure()) this.#events.onScroll();
      if (!changes.some(({ target }) => target === scroller)) return;
      this.resized();
      if (this.#source) this.render(this.#source); // synchronously, before the next paint
    });
    size.observe(scroller);
    size.observe(this.#nodes.root);
    signal.addEventListener("abort", () => {
      size.disconnect();
      clearTimeout(this.#restTimer);
    });
  }

  #onScroll(): void {
    const { scrollTop } = this.scroller;
    const viewport = this.#viewport;
    const moved = scrollTop - this.#scrollTop;
    this.#scrollTop = scrollTop;
    if (moved === 0 || !viewport.view || (this.#follow && moved > 0)) return;
    // the view grew; the user did not scroll
    if (this.#follow && this.scroller.clientHeight > viewport.view) return;
    this.#restartRestTimer();
    if (this.#coasts) {
      this.#events.onScroll(); // moves it back
      return;
    }
    this.#direction = Math.sign(moved);
    if (Math.abs(moved) > this.#leap) viewport.moveTo(scrollTop);
    else viewport.moveBy(moved);
    if (this.#dragged && scrollTop >= this.#body.height - viewport.view - 1) viewport.moveToEnd();
    this.#anchor = undefined;
    this.moves++;
    if (moved < 0 && this.#follow && !this.atEnd) this.#events.onFollow(false);
    else if (moved > 0 && !this.#follow && this.atEnd && !this.#dragged)
      this.#events.onFollow(true);
    this.#events.onScroll();
  }

  /**
   * Px of one movement above which the list moves proportionally. A click beside the thumb scrolls
   * a page, not a part of the log.
   */
  get #leap(): number {
    const { view, content } = this.#viewport;
    if (!this.#dragged) return Math.max(LEAP_PX, 1.5 * view);
    return content > this.#body.height ? 0.9 * view : 0;
  }

  /**
   * Restart the timer after which the scroll bar counts as at rest.
   *
   * It also waits for frames, which bring the scroll events: on a busy page they come late.
   */
  #restartRestTimer(): void {
    clearTimeout(this.#restTimer);
    const rest = (): void => {
      if (this.#restTimer === timer) this.#onRest();
    };
    const wait = (): number => requestAnimationFrame(() => requestAnimationFrame(rest));
    const timer = setTimeout(wait, REST_MS);
    this.#restTimer = timer;
  }

  #onRest(): void {
    if (this.#restTimer === undefined) return;
    clearTimeout(this.#restTimer);
    this.#restTimer = undefined;
    this.#coasts = false;
    this.#events.onScroll();
  }

  /**
   * The user moves the list: stop following. A slow wheel turn upwards is shorter than a row;
   * without this, new lines would pull the list back each time.
   */
  #leaveEnd(up: boolean): void {
    if (!this.#follow) this.#coasts = false;
    if (up && this.#follow && this.#viewport.content > this.#viewport.view)
      this.#events.onFollow(false);
  }

  #onKeyDown(event: KeyboardEvent): void {
    const { key, shiftKey, ctrlKey, metaKey, altKey, target } = event;
    if (target !== this.scroller || ctrlKey || metaKey || altKey) return;
    this.#leaveEnd(key === "ArrowUp" || key === "PageUp" || (key === " " && shiftKey));
    if (SCROLL_KEYS.has(key)) this.#restartRestTimer(); // it moves from the next frame on
    if (key !== "Home") return;
    event.preventDefault(); // smooth scrolling would take too long
    if (this.#viewport.content <= this.#viewport.view) return;
    this.#leaveEnd(true);
    this.moves++;
    this.goTo(0, 0);
    this.#events.onScroll();
  }

  #onPointerDown({ target, offsetX, pointerType }: PointerEvent): void {
    if (target !== this.scroller || pointerType === "touch" || offsetX < this.scroller.clientWidth)
      return;
    this.#dragged = true;
    this.#leaveEnd(true);
  }

  #onPointerUp(): void {
    if (!this.#dragged) return;
    this.#dragged = false;
    if (this.atEnd && !this.#follow) this.#events.onFollow(true);
    if (this.#restTimer === undefined) this.#restartRestTimer();
  }
}
