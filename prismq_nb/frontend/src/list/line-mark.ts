/**
 * Mark the lines that a URL or a click navigated to, until the user moves on: by clicking another
 * line, selecting, or scrolling the marked lines out of view.
 */

import type { Lines } from "../base/line-selection.js";

const CLASS = "prismq-marked";

export class LineMark {
  readonly #scroller: HTMLElement;
  #lines: Lines | undefined;
  /**
   * `moves` when the lines were last in view; undefined: not yet, as a log that is being opened has
   * to be fetched first.
   */
  #seenAt: number | undefined;

  /** @param signal aborts when the list is disposed. */
  constructor(scroller: HTMLElement, signal: AbortSignal) {
    this.#scroller = scroller;
    scroller.addEventListener("pointerdown", (event) => this.#pointerDown(event), { signal });
  }

  /** The marked lines; undefined: none. */
  get lines(): Lines | undefined {
    return this.#lines;
  }

  set(lines: Lines | undefined): void {
    this.#lines = lines;
    this.#seenAt = undefined;
    this.#draw();
  }

  /**
   * Update the mark after the list was drawn.
   *
   * @param seen first and last line in view; undefined: there are none.
   * @param moves number of times the user moved the list: a filter that hides the lines does not
   *   clear the mark.
   */
  render(seen: Lines | undefined, moves: number): void {
    if (this.#lines && seen) {
      const isSeen = this.#lines[0] <= seen[1] && this.#lines[1] >= seen[0];
      if (isSeen) this.#seenAt = moves;
      else if (this.#seenAt !== undefined && this.#seenAt !== moves) this.#lines = undefined;
    }
    this.#draw();
  }

  #draw(): void {
    for (const row of this.#scroller.querySelectorAll<HTMLElement>(".prismq-row[data-line]")) {
      row.classList.toggle(CLASS, this.#has(Number(row.dataset.line)));
    }
  }

  #has(line: number): boolean {
    return this.#lines !== undefined && line >= this.#lines[0] && line <= this.#lines[1];
  }

  #pointerDown({ target }: PointerEvent): void {
    const row = target instanceof Element && target.closest(".prismq-row[data-line]");
    if (row && !row.classList.contains(CLASS)) this.set(undefined);
  }
}
