/**
 * The elements of the rows that are drawn: which exist, in which order, how high they are. Knows neither where the list stands nor scrolling.
 */

import { element } from "../base/dom.js";
import type { Row, RowSource } from "../base/rows.js";

export interface RowPainter {
  /** Equal keys: the same element can stay. */
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
  /** What was measured belongs to other rows now. */
  #anew = false;
  /** The painter changed: no element stays. */
  #stale = false;

  /** @param measured takes the height of a row, in px; returns whether that is news. */
  constructor(painter: RowPainter, measured: (index: number, height: number) => boolean) {
    this.#painter = painter;
    this.#measured = measured;
  }

  /** Measures all rows again at the next `bring`. */
  invalidate(): void {
    this.#anew = true;
  }

  /** Makes all elements anew at the next `bring`; until then there is something to see, and to have the focus. */
  clear(): void {
    this.#stale = true;
  }

  /** Brings the elements in line with rows `first` to `last`, keeping those that stay, and measures the new ones. What is folded away gets none. */
  bring(source: RowSource, first: number, last: number): void {
    const wanted: [string, number, Row][] = [];
    for (let index = first; index <= last; index++) {
      const row = source.at(index);
      if (row.kind !== "folded") wanted.push([this.#painter.key(row), index, row]);
    }
    if (this.#stale) {
      this.#drawn.clear();
      this.root.replaceChildren();
      this.#stale = false;
    }
    let next = this.#dropOthers(new Set(wanted.map(([key]) => key)), first);
    const fresh: Drawn[] = [];
    for (const [key, index, row] of wanted) {
      let drawn = this.#drawn.get(key);
      if (!drawn) this.#drawn.set(key, (drawn = { node: this.#painter.draw(row), index: -1 }));
      if (this.#anew || drawn.index < 0) fresh.push(drawn);
      drawn.index = index;
      if (drawn.node.classList.contains("prismq-held")) drawn.node.classList.remove("prismq-held");
      if (drawn.node === next) next = next.nextElementSibling;
      else this.root.insertBefore(drawn.node, next);
    }
    this.#anew = false;
    this.#measure(fresh);
  }

  /** Measures what is drawn; true: some heights were other than before. */
  measure(): boolean {
    return !this.#stale && this.#measure(this.#drawn.values());
  }

  #measure(drawn: Iterable<Drawn>): boolean {
    let news = false;
    for (const { node, index } of drawn) news = this.#measured(index, node.getBoundingClientRect().height) || news;
    return news;
  }

  /** Takes away what is not wanted, except rows that hold an end of the selection: these stay, out of sight. Returns the first node after those above. */
  #dropOthers(keys: ReadonlySet<string>, first: number): Element | null {
    const held = this.#held();
    let above: Element | undefined;
    for (const [key, { node, index }] of this.#drawn) {
      if (keys.has(key)) continue;
      if (!held.has(node)) {
        node.remove();
        this.#drawn.delete(key);
        continue;
      }
      node.classList.add("prismq-held");
      if (index < first && (!above || above.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING)) above = node;
    }
    return above ? above.nextElementSibling : this.root.firstElementChild;
  }

  /** Rows in which a selection begins or ends. */
  #held(): Set<Element> {
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
