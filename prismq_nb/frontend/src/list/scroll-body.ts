/** The scrolled element of a list: its height, which sets the scroll bar's range, and its width. */

import { element } from "../base/dom.js";
import { scrolledHeight } from "./scale.js";

export class ScrollBody {
  readonly #root = element("div", "prismq-body");
  readonly #scroller: HTMLElement;
  readonly #rows: HTMLElement;
  #height = -1;

  constructor(scroller: HTMLElement, rows: HTMLElement) {
    this.#scroller = scroller;
    this.#rows = rows;
    this.#root.append(rows);
    scroller.append(this.#root);
  }

  /** Height in px; -1 before the first `resize`. */
  get height(): number {
    return this.#height;
  }

  /** Fit the height to a list of `content` px; return whether it shrank. */
  resize(content: number): boolean {
    const height = scrolledHeight(content);
    if (height === this.#height) return false;
    const hasShrunk = height < this.#height;
    this.#root.style.height = `${height}px`;
    this.#height = height;
    return hasShrunk;
  }

  /** While the list is scrolled to the right, keep its width when the longest rows are removed. */
  keepWidth(): void {
    const { scrollLeft } = this.#scroller;
    const before = Number.parseFloat(this.#root.style.minWidth) || 0;
    const width = scrollLeft > 0 ? `${Math.max(this.#rows.offsetWidth, before)}px` : "";
    if (this.#root.style.minWidth !== width) this.#root.style.minWidth = width;
  }

  /** Allow the width to shrink again. */
  releaseWidth(): void {
    this.#root.style.minWidth = "";
  }
}
