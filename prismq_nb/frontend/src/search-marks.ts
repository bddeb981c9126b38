/**
 * Marks matches in the rows that are drawn, and the current hit more strongly.
 *
 * By ranges (CSS Custom Highlight API), so nothing of the rows is changed and no text ever becomes markup: matches that reach over colours and links
 * are marked like any other. The list draws and drops rows as it likes; what it did is seen here.
 */

import { type FindMatches, MATCH_CHARS } from "./search-match.js";

const HIT = "prismq-hit";
const CURRENT = "prismq-hit-current";
const CURRENT_ROW = "prismq-row-current";

export class SearchMarks {
  readonly #list: HTMLElement;
  readonly #rows = new Map<Element, readonly Range[]>();
  readonly #observer: MutationObserver;
  #find: FindMatches | undefined;
  #current: string | undefined;
  #on = false;

  /** @param list the element in which rows come and go. */
  constructor(list: HTMLElement) {
    this.#list = list;
    this.#observer = new MutationObserver((records) => {
      this.#refresh(new Set(records.map(({ target }) => rowOf(target))));
    });
  }

  /**
   * @param find what is marked; undefined: nothing.
   * @param current the line of the current hit.
   */
  set(find: FindMatches | undefined, current: number | undefined): void {
    const line = current === undefined ? undefined : String(current);
    if (find === this.#find && line === this.#current) return;
    this.#find = find;
    this.#current = line;
    const on = find !== undefined || line !== undefined;
    if (on !== this.#on) {
      this.#on = on;
      if (on) this.#observer.observe(this.#list, { childList: true, subtree: true, characterData: true });
      else this.#observer.disconnect();
    }
    this.#refresh("all");
  }

  dispose(): void {
    this.#observer.disconnect();
    for (const row of [...this.#rows.keys()]) this.#forget(row);
  }

  /**
   * Brings marks in line with the rows that there are. Looks only at those that came, that `changed`,
   * or whose ranges the browser let go.
   */
  #refresh(changed: ReadonlySet<Element | null> | "all"): void {
    const there = new Set<Element>(this.#on ? this.#list.querySelectorAll(".prismq-row[data-line]") : []);
    for (const row of [...this.#rows.keys()]) {
      const isNews = changed === "all" || changed.has(row) || !there.has(row);
      if (isNews || this.#isStale(row)) this.#forget(row);
    }
    for (const row of there) if (!this.#rows.has(row)) this.#mark(row as HTMLElement);
  }

  /** A range whose text was replaced collapses. */
  #isStale(row: Element): boolean {
    return this.#rows.get(row)?.some((range) => range.collapsed) ?? false;
  }

  #mark(row: HTMLElement): void {
    const isCurrent = row.dataset["line"] === this.#current;
    row.classList.toggle(CURRENT_ROW, isCurrent);
    const message = row.querySelector(".prismq-message");
    const ranges = message && this.#find ? rangesIn(message, this.#find) : [];
    this.#rows.set(row, ranges);
    const highlight = registered(isCurrent ? CURRENT : HIT);
    for (const range of ranges) highlight?.add(range);
  }

  #forget(row: Element): void {
    row.classList.remove(CURRENT_ROW);
    for (const range of this.#rows.get(row) ?? []) for (const name of [HIT, CURRENT]) registered(name)?.delete(range);
    this.#rows.delete(row);
  }
}

/** The page's one highlight of a name, shared by all viewers; undefined where the browser has none. */
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

/** The row in which something changed; null: it was the list. */
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
  /** The text node at a place of the whole; places only ever grow. */
  const nodeAt = (place: number, isEnd: boolean): [Text, number] => {
    while (at < texts.length - 1 && (isEnd ? place > offset + (texts[at] as Text).length : place >= offset + (texts[at] as Text).length)) {
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
