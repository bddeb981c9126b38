/**
 * Highlight matches in the drawn rows, and the current hit more strongly.
 *
 * Uses ranges (CSS Custom Highlight API), so the rows stay unchanged and text never becomes markup;
 * matches may span colours and links. The list creates and removes rows freely; a mutation observer
 * follows its changes.
 */

import { rawText } from "../base/raw-text.js";
import { type FindMatches, MATCH_CHARS, type Matcher } from "./search-match.js";
import type { SearchQuery } from "./search-query.js";

const HIT = "prismq-hit";
const CURRENT = "prismq-hit-current";
const CURRENT_ROW = "prismq-row-current";
/** The line matches, but in a part that is not shown. */
const HIT_ROW = "prismq-row-hit";
/** The line is shown as context of a match. */
const CONTEXT_ROW = "prismq-row-context";

export class SearchMarks {
  readonly #list: HTMLElement;
  readonly #rows = new Map<Element, readonly Range[]>();
  readonly #observer: MutationObserver;
  #find: Matcher | undefined;
  #filter: SearchQuery | undefined;
  #current: string | undefined;
  #on = false;

  /** @param list element that contains the rows. */
  constructor(list: HTMLElement) {
    this.#list = list;
    this.#observer = new MutationObserver((records) => {
      this.#refresh(new Set(records.map(({ target }) => rowOf(target))));
    });
  }

  /**
   * Set what is highlighted.
   *
   * @param find matcher; undefined: none.
   * @param current line of the current hit.
   * @param filter query that the list is restricted to.
   */
  set(
    find: Matcher | undefined,
    current: number | undefined,
    filter: SearchQuery | undefined,
  ): void {
    const line = current === undefined ? undefined : String(current);
    const isSame = JSON.stringify(filter) === JSON.stringify(this.#filter);
    if (find === this.#find && line === this.#current && isSame) return;
    this.#find = find;
    this.#current = line;
    this.#filter = filter;
    const on = find !== undefined || line !== undefined || filter?.around !== undefined;
    if (on !== this.#on) {
      this.#on = on;
      if (on)
        this.#observer.observe(this.#list, { childList: true, subtree: true, characterData: true });
      else this.#observer.disconnect();
    }
    this.#refresh("all");
  }

  dispose(): void {
    this.#observer.disconnect();
    for (const row of [...this.#rows.keys()]) this.#unmark(row);
  }

  /**
   * Update the marks of all rows. Examines only rows that are new, in `changed`, or whose ranges
   * the browser collapsed.
   */
  #refresh(changed: ReadonlySet<Element | null> | "all"): void {
    const there = new Set<Element>(
      this.#on ? this.#list.querySelectorAll(".prismq-row[data-line]") : [],
    );
    for (const row of [...this.#rows.keys()]) {
      const hasChanged = changed === "all" || changed.has(row) || !there.has(row);
      if (hasChanged || this.#isStale(row)) this.#unmark(row);
    }
    for (const row of there) if (!this.#rows.has(row)) this.#mark(row as HTMLElement);
  }

  /** Whether the text of a row was replaced, which collapses its ranges. */
  #isStale(row: Element): boolean {
    return this.#rows.get(row)?.some((range) => range.collapsed) ?? false;
  }

  #mark(row: HTMLElement): void {
    const isCurrent = row.dataset.line === this.#current;
    row.classList.toggle(CURRENT_ROW, isCurrent);
    const message = row.querySelector(".prismq-message");
    const raw = rawText(row);
    const passes =
      message !== null && (this.#find?.passes(raw ?? message.textContent ?? "") ?? true);
    const ranges = passes && this.#find ? rangesIn(message, this.#find.find) : [];
    row.classList.toggle(
      CONTEXT_ROW,
      this.#filter?.around !== undefined && !this.#passesFilter(row, passes, this.#filter),
    );
    row.classList.toggle(
      HIT_ROW,
      raw !== undefined && this.#find !== undefined && passes && !ranges.length,
    );
    this.#rows.set(row, ranges);
    const highlight = registered(isCurrent ? CURRENT : HIT);
    for (const range of ranges) highlight?.add(range);
  }

  #passesFilter(row: HTMLElement, passes: boolean, filter: SearchQuery): boolean {
    return (!filter.text || passes) && hasLevel(row, filter);
  }

  #unmark(row: Element): void {
    row.classList.remove(CURRENT_ROW, HIT_ROW, CONTEXT_ROW);
    for (const range of this.#rows.get(row) ?? [])
      for (const name of [HIT, CURRENT]) registered(name)?.delete(range);
    this.#rows.delete(row);
  }
}

/** Whether the line of a row has a level that the filter selects. */
function hasLevel(row: HTMLElement, { level }: SearchQuery): boolean {
  return (
    !level ||
    level.split(",").some((name) => row.classList.contains(`prismq-level-${name.toLowerCase()}`))
  );
}

/**
 * Return the page's highlight of a name, shared by all viewers; undefined if the browser does not
 * support highlights.
 */
function registered(name: string): Highlight | undefined {
  if (typeof Highlight === "undefined" || !CSS.highlights) return undefined;
  let highlight = CSS.highlights.get(name);
  if (!highlight) {
    highlight = new Highlight();
    highlight.priority = name === CURRENT ? 1 : 0;
    CSS.highlights.set(name, highlight);
  }
  return highlight;
}

/** Return the row of a changed node; null: the node is outside rows. */
function rowOf(node: Node): Element | null {
  const element = node instanceof Element ? node : node.parentElement;
  return element?.closest(".prismq-row[data-line]") ?? null;
}

function rangesIn(message: Element, find: FindMatches): Range[] {
  const texts: Text[] = [];
  const walker = document.createTreeWalker(message, NodeFilter.SHOW_TEXT);
  let length = 0;
  for (let node = walker.nextNode(); node && length < MATCH_CHARS; node = walker.nextNode()) {
    texts.push(node as Text);
    length += (node as Text).length;
  }
  const whole = texts.map(({ data }) => data).join("");
  const ranges: Range[] = [];
  let [at, offset] = [0, 0];
  /** Return the text node at an offset of the joined text; offsets must ascend. */
  const nodeAt = (place: number, isEnd: boolean): [Text, number] => {
    while (
      at < texts.length - 1 &&
      (isEnd
        ? place > offset + (texts[at] as Text).length
        : place >= offset + (texts[at] as Text).length)
    ) {
      offset += (texts[at++] as Text).length;
    }
    return [texts[at] as Text, place - offset];
  };
  for (const [start, end] of find(whole)) {
    const range = new Range();
    range.setStart(...nodeAt(start, false));
    range.setEnd(...nodeAt(end, true));
    ranges.push(range);
  }
  return ranges;
}
