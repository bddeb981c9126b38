/**
 * Keep the focus while rows are redrawn: the element that replaces the focused button or link gets
 * the focus synchronously.
 *
 * A later restore would be too late: keys pressed in between would be lost, and `FocusKeeper` would
 * have moved the focus to the list.
 */

const ITEMS = "a[href], button, [tabindex]";
/** Rows kept off-screen for a selection in them. */
const OFFSCREEN = ".prismq-held";
const SCROLLER = ".prismq-scroller";

interface Place {
  /** Selector of the row, or of the button itself. */
  readonly selector: string;
  /**
   * Kind of the element and its index among those of its kind in the row; undefined: `selector`
   * names the button.
   */
  readonly inRow: readonly [kind: string, order: number] | undefined;
}

/** Draw, and restore the focus in `rows` if its element is still among them. */
export function keepFocus(rows: HTMLElement, draw: () => void): void {
  const { activeElement: before } = document;
  const place = before && rows.contains(before) ? placeOf(before) : undefined;
  const wasInView = place !== undefined && before !== null && distanceFromView(rows, before) === 0;
  draw();
  if (!place || (document.activeElement === before && !before?.closest(OFFSCREEN))) return;
  const after = elementAt(rows, place);
  after?.focus({ preventScroll: true });
  // The button is at the end of a long line, but beside the whole text, which is wrapped.
  if (after && wasInView)
    (rows.closest(SCROLLER) ?? rows).scrollLeft += distanceFromView(rows, after);
}

/**
 * Horizontal distance (px) of an element from the middle of the list (left: negative); 0: it is in
 * view.
 */
function distanceFromView(rows: HTMLElement, node: Element): number {
  const [box, at] = [rows.closest(SCROLLER) ?? rows, node].map((one) =>
    one.getBoundingClientRect(),
  ) as [DOMRect, DOMRect];
  return at.right > box.left && at.left < box.right ? 0 : at.left - (box.left + box.right) / 2;
}

function placeOf(node: Element): Place | undefined {
  const tool = (node as HTMLElement).dataset.tool;
  if (tool !== undefined) return { selector: `[data-tool="${tool}"]`, inRow: undefined };
  const row = node.closest<HTMLElement>("[data-line]");
  if (!row) return undefined;
  const kind = kindOf(node);
  const order = itemsOf(row, kind).indexOf(node as HTMLElement);
  return { selector: `[data-line="${row.dataset.line}"]`, inRow: [kind, order] };
}

function elementAt(rows: HTMLElement, { selector, inRow }: Place): HTMLElement | undefined {
  const target = [...rows.querySelectorAll<HTMLElement>(selector)].find(
    (one) => !one.closest(OFFSCREEN),
  );
  return target && inRow ? itemsOf(target, inRow[0])[inRow[1]] : target;
}

function itemsOf(row: HTMLElement, kind: string): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>(ITEMS)].filter((item) => kindOf(item) === kind);
}

function kindOf(item: Element): string {
  return `${item.tagName} ${item.classList[0] ?? ""}`;
}
