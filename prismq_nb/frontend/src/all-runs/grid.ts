/** The scrolled element as a grid of runs (WAI-ARIA), unless it has none. */

export function setGrid(node: HTMLElement, count: number, isEmpty: boolean): void {
  if (isEmpty) {
    for (const name of ["role", "aria-rowcount", "aria-multiselectable", "aria-label"])
      node.removeAttribute(name);
    return;
  }
  node.setAttribute("role", "grid");
  node.setAttribute("aria-label", "Runs");
  node.setAttribute("aria-rowcount", String(count));
  node.setAttribute("aria-multiselectable", "true");
}
