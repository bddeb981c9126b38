/**
 * The mark on lines that somebody was led to, by an address or a click: it stays until they go on,
 * by a click on another line, by selecting, or by scrolling these out of sight.
 */

import type { Lines } from "../base/line-selection.js";

const CLASS = "prismq-marked";

export class LineMark {
  readonly #scroller: HTMLElement;
  #lines: Lines | undefined;
  /** `moves` when they were in sight last; undefined: not yet, as a log that is opened has to be fetched first. */
  #seenAt: number | undefined;

  /** @param signal aborts when the list goes. */
  constructor(scroller: HTMLElement, signal: AbortSignal) {
    this.#scroller = scroller;
    scroller.addEventListener("pointerdown", (event) => this.#pressed(event), { signal });
  }

  /** Undefined: none. */
  get lines(): Lines | undefined {
    return this.#lines;
  }

  set(lines: Lines | undefined): void {
    this.#lines = lines;
    this.#seenAt = undefined;
    this.#draw();
  }

  /**
   * After each drawing of the list.
   *
   * @param seen the first line in sight and the last; undefined: there is none.
   * @param moves how often the person moved the list: a filter that hides the lines takes no mark away.
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
      row.classList.toggle(CLASS, this.#has(Number(row.dataset["line"])));
    }
  }

  #has(line: number): boolean {
    return this.#lines !== undefined && line >= this.#lines[0] && line <= this.#lines[1];
  }

  #pressed({ target }: PointerEvent): void {
    const row = target instanceof Element && target.closest(".prismq-row[data-line]");
    if (row && !row.classList.contains(CLASS)) this.set(undefined);
  }
}
