/**
 * The focus stays where it is while rows are drawn again: what takes the place of the button or
 * link that had it gets it, at once. Later would be too late: keys that are pressed meanwhile would
 * do nothing, and `FocusKeeper` would have given it to the list.
 */

const ITEMS = "a[href], button, [tabindex]";
/** Rows that are kept for a selection in them, out of sight. */
const HELD = ".prismq-held";
const SCROLLER = ".prismq-scroller";

interface Place {
  /** Finds the row, or the button itself. */
  readonly selector: string;
  /** Which one of the things of its kind in that row; undefined: the button was named. */
  readonly inRow: readonly [kind: string, order: number] | undefined;
}

/** Draws, and gives the focus back where it was in `rows`, if that is still among them. */
export function keepFocus(rows: HTMLElement, draw: () => void): void {
  const { activeElement: before } = document;
  const place = before && rows.contains(before) ? placeOf(before) : undefined;
  const wasSeen = place !== undefined && before !== null && aside(rows, before) === 0;
  draw();
  if (!place || (document.activeElement === before && !before?.closest(HELD))) return;
  const after = find(rows, place);
  after?.focus({ preventScroll: true });
  // The button of a long line is at its end, and beside the whole text, which is wrapped.
  if (after && wasSeen) (rows.closest(SCROLLER) ?? rows).scrollLeft += aside(rows, after);
}

/** Px from the middle of the list to the right (or left: negative) of it; 0: it is in sight. */
function aside(rows: HTMLElement, node: Element): number {
  const [box, at] = [rows.closest(SCROLLER) ?? rows, node].map((one) => one.getBoundingClientRect()) as [DOMRect, DOMRect];
  return at.right > box.left && at.left < box.right ? 0 : at.left - (box.left + box.right) / 2;
}

function placeOf(node: Element): Place | undefined {
  const tool = (node as HTMLElement).dataset["tool"];
  if (tool !== undefined) return { selector: `[data-tool="${tool}"]`, inRow: undefined };
  const row = node.closest<HTMLElement>("[data-line]");
  if (!row) return undefined;
  const kind = kindOf(node);
  const order = itemsOf(row, kind).indexOf(node as HTMLElement);
  return { selector: `[data-line="${row.dataset["line"]}"]`, inRow: [kind, order] };
}

function find(rows: HTMLElement, { selector, inRow }: Place): HTMLElement | undefined {
  const found = [...rows.querySelectorAll<HTMLElement>(selector)].find((one) => !one.closest(HELD));
  return found && inRow ? itemsOf(found, inRow[0])[inRow[1]] : found;
}

function itemsOf(row: HTMLElement, kind: string): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>(ITEMS)].filter((item) => kindOf(item) === kind);
}

function kindOf(item: Element): string {
  return `${item.tagName} ${item.classList[0] ?? ""}`;
}
