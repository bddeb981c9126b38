/**
 * A virtual list of rows of one height: only what can be seen, and a little more, is in the page.
 *
 * Also the one place that knows about scrolling: it sticks to the end while it follows, and tells when a person leaves the end or comes back to it.
 * Knows rows and elements, not runs.
 */

import { element } from "./dom.js";
import type { Row, RowSource } from "./rows.js";

/** Rows made above and below what can be seen, so that a scroll step shows no blank. */
const OVERSCAN_ROWS = 12;

export interface WindowEvents {
  /** The person scrolled: to the end (true) or away from it (false). */
  onFollow(follow: boolean): void;
  /** Other rows may be visible now. */
  onScroll(): void;
}

export interface RowPainter {
  key(row: Row): string;
  draw(row: Row): HTMLElement;
}

export class RowWindow {
  readonly scroller = element("div", "prismq-scroller");
  readonly #body = element("div", "prismq-body");
  readonly #rows = element("div", "prismq-rows");
  readonly #painter: RowPainter;
  readonly #events: WindowEvents;
  readonly #drawn = new Map<string, HTMLElement>();
  #rowHeight = 20;
  #count = 0;
  #top = 0;
  #follow = true;

  constructor(painter: RowPainter, events: WindowEvents) {
    this.#painter = painter;
    this.#events = events;
    this.#body.append(this.#rows);
    this.scroller.append(this.#body);
    this.scroller.tabIndex = 0;
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.scroller.addEventListener("wheel", (event) => this.#wheeled(event), { passive: true });
  }

  set rowHeight(pixels: number) {
    this.#rowHeight = pixels;
  }

  set follow(on: boolean) {
    this.#follow = on;
  }

  /** Indices of the first row that can be seen and of the last, `OVERSCAN_ROWS` around them included. */
  range(count: number): [first: number, last: number] {
    const height = this.scroller.clientHeight;
    const top = this.#follow ? Math.max(0, count * this.#rowHeight - height) : this.scroller.scrollTop;
    const first = Math.floor(top / this.#rowHeight) - OVERSCAN_ROWS;
    const last = Math.ceil((top + height) / this.#rowHeight) + OVERSCAN_ROWS;
    return [Math.max(0, first), Math.min(count - 1, last)];
  }

  /** Makes elements anew at the next `render`, because the painter changed. */
  reset(): void {
    this.#drawn.clear();
    this.#rows.replaceChildren();
  }

  render(rows: RowSource): void {
    if (rows.count !== this.#count) {
      this.#count = rows.count;
      this.#body.style.height = `${rows.count * this.#rowHeight}px`;
    }
    const [first, last] = this.range(rows.count);
    this.#place(rows, first, last);
    this.#rows.style.transform = `translateY(${first * this.#rowHeight}px)`;
    if (this.#follow) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#top = this.scroller.scrollTop;
  }

  /** Brings the elements in line with rows `first` to `last`, keeping those that stay. */
  #place(rows: RowSource, first: number, last: number): void {
    const wanted: [string, Row][] = [];
    for (let index = first; index <= last; index++) {
      const row = rows.at(index);
      wanted.push([this.#painter.key(row), row]);
    }
    const keys = new Set(wanted.map(([key]) => key));
    for (const [key, node] of this.#drawn) {
      if (keys.has(key)) continue;
      node.remove();
      this.#drawn.delete(key);
    }
    let next = this.#rows.firstChild;
    for (const [key, row] of wanted) {
      let node = this.#drawn.get(key);
      if (!node) this.#drawn.set(key, (node = this.#painter.draw(row)));
      if (node === next) next = next.nextSibling;
      else this.#rows.insertBefore(node, next);
    }
  }

  /** Nothing is below what can be seen. */
  get atEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < this.#rowHeight / 2;
  }

  #scrolled(): void {
    const { scrollTop } = this.scroller;
    const [up, down] = [scrollTop < this.#top - 1, scrollTop > this.#top + 1];
    this.#top = scrollTop;
    if (up && this.#follow && !this.atEnd) this.#events.onFollow(false);
    else if (down && !this.#follow && this.atEnd) this.#events.onFollow(true);
    this.#events.onScroll();
  }

  /** A slow turn upwards is shorter than a row; without this a flood would pull the list back each time. */
  #wheeled(event: WheelEvent): void {
    const { scrollHeight, clientHeight } = this.scroller;
    if (event.deltaY < 0 && this.#follow && scrollHeight > clientHeight) this.#events.onFollow(false);
  }
}
