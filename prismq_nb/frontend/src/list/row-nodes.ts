/**
 * The elements of drawn rows: which exist, in which order, and their heights. Knows neither the
 * position of the list nor scrolling.
 */

import { element } from "../base/dom.js";
import type { Row, RowSource } from "../base/rows.js";

export interface RowPainter {
  /** Rows with equal keys can share an element. */
  key(row: Row): string;
  draw(row: Row): HTMLElement;
}

interface Drawn {
  readonly node: HTMLElement;
  index: number;
}

export class RowNodes {
  readonly root = element("div", "prismq-rows");
  readonly #painter: RowPainter;
  readonly #measured: (index: number, height: number) => boolean;
  readonly #drawn = new Map<string, Drawn>();
  /** The row indices changed: measure all rows again. */
  #remeasure = false;
  /** The painter changed: recreate all elements. */
  #recreate = false;

  /** @param measured receives the height of a row in px; returns whether it changed. */
  constructor(painter: RowPainter, measured: (index: number, height: number) => boolean) {
    this.#painter = painter;
    this.#measured = measured;
  }

  /** Measure all rows again at the next `update`. */
  invalidate(): void {
    this.#remeasure = true;
  }

  /**
   * Recreate all elements at the next `update`; until then, the old ones stay visible and keep the
   * focus.
   */
  clear(): void {
    this.#recreate = true;
  }

  /**
   * Update the elements to rows `first` to `last`: keep those that stay, and measure the new ones.
   * Folded rows get no element.
   */
  update(source: RowSource, first: number, last: number): void {
    const wanted: [string, number, Row][] = [];
    for (let index = first; index <= last; index++) {
      const row = source.at(index);
      if (row.kind !== "folded") wanted.push([this.#painter.key(row), index, row]);
    }
    if (this.#recreate) {
      this.#drawn.clear();
      this.root.replaceChildren();
      this.#recreate = false;
    }
    let next = this.#dropOthers(new Set(wanted.map(([key]) => key)), first);
    const fresh: Drawn[] = [];
    for (const [key, index, row] of wanted) {
      let drawn = this.#drawn.get(key);
      if (!drawn) {
        drawn = { node: this.#painter.draw(row), index: -1 };
        this.#drawn.set(key, drawn);
      }
      if (this.#remeasure || drawn.index < 0) fresh.push(drawn);
      drawn.index = index;
      if (drawn.node.classList.contains("prismq-held")) drawn.node.classList.remove("prismq-held");
      if (drawn.node === next) next = next.nextElementSibling;
      else this.root.insertBefore(drawn.node, next);
    }
    this.#remeasure = false;
    this.#measure(fresh);
  }

  /** Measure the drawn rows; return whether a height changed. */
  measure(): boolean {
    return !this.#recreate && this.#measure(this.#drawn.values());
  }

  #measure(drawn: Iterable<Drawn>): boolean {
    let hasChanged = false;
    for (const { node, index } of drawn)
      hasChanged = this.#measured(index, node.getBoundingClientRect().height) || hasChanged;
    return hasChanged;
  }

  /**
   * Remove unwanted rows, except those that hold an end of the selection: these are moved
   * off-screen.
   *
   * @returns the first node after the off-screen rows above.
   */
  #dropOthers(keys: ReadonlySet<string>, first: number): Element | null {
    const held = this.#selectionEnds();
    let above: Element | undefined;
    for (const [key, { node, index }] of this.#drawn) {
      if (keys.has(key)) continue;
      if (!held.has(node)) {
        node.remove();
        this.#drawn.delete(key);
        continue;
      }
      node.classList.add("prismq-held");
      if (
        index < first &&
        (!above || above.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING)
      )
        above = node;
    }
    return above ? above.nextElementSibling : this.root.firstElementChild;
  }

  /** Rows that contain an end of the selection. */
  #selectionEnds(): Set<Element> {
    const held = new Set<Element>();
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed) return held;
    for (let node of [selection.anchorNode, selection.focusNode]) {
      while (node && node.parentNode !== this.root) node = node.parentNode;
      if (node instanceof Element) held.add(node);
    }
    return held;
  }
}
