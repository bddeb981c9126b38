/**
 * Create and change elements. The only place that creates nodes by name; text is always inserted as
 * text, never as markup.
 */

const SVG = "http://www.w3.org/2000/svg";

/** SVG paths on a 16 by 16 grid, drawn with a 1.5 px line and round ends. */
export const ICONS = {
  queued: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 5v3.2l2 1.3",
  completed: "M3.5 8.5l3 3 6-7",
  failed: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  cancelled: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M3.9 3.9l8.2 8.2",
  follow: "M3.5 3.5L8 8l4.5-4.5M3.5 8.5L8 13l4.5-4.5",
  view: "M2 4.5h7M12.5 4.5H14M2 11.5h1.5M7 11.5h7M10.7 2.8v3.4M5.3 9.8v3.4",
  copy:
    "M5.5 5.5V3a1 1 0 0 1 1-1H13a1 1 0 0 1 1 1v6.5a1 1 0 0 1-1 1h-2.5" +
    "M3 5.5h6.5a1 1 0 0 1 1 1V13a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V6.5a1 1 0 0 1 1-1z",
  link:
    "M6.7 9.3a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.9.9" +
    "M9.3 6.7a2.6 2.6 0 0 0-3.7 0L3.3 9a2.6 2.6 0 0 0 3.7 3.7l.9-.9",
  download: "M8 2v7.5M4.5 6.5L8 10l3.5-3.5M2.5 10.5v2a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-2",
  stop: "M5 4h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1z",
  warning: "M8 2.2l6.2 11.3H1.8zM8 6.5v3M8 11.6v.1",
  retry: "M13 8a5 5 0 1 1-1.5-3.6M13 2v3h-3",
  page: "M9.5 2.5h4v4M13.5 2.5L8 8M11.5 9.5v3a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1h3",
  prompt: "M3 4.5l3.5 3.5L3 11.5M8.5 12h5",
  send: "M13.5 3.5v3a2 2 0 0 1-2 2h-8M6.5 5.5l-3 3 3 3",
  attempts: "M3 4.5h10M3 8h10M3 11.5h6",
  close: "M5 5l6 6M11 5l-6 6",
  collapse: "M4 10l4-4 4 4",
  chevron: "M4.5 6.5L8 10l3.5-3.5",
  more:
    "M3 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0" +
    "M7.5 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0M12 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0",
  full: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  context: "M2.5 3h11M2.5 13h11M2.5 6.5h11v3h-11z",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9M10.3 10.3l3.2 3.2",
  filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
  marker: "M2.5 4h11M2.5 12h11M2.5 8h3M7 6.6h4.5v2.8H7z",
  up: "M4 9.5L8 5.5l4 4",
  down: "M4 6.5l4 4 4-4",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 7.4v3.4M8 5v.1",
  lock:
    "M4.5 7.5h7a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-4a1 1 0 0 1 1-1" +
    "M5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
} as const;
export type IconName = keyof typeof ICONS;

type Tags = HTMLElementTagNameMap;

/** Create an element with classes and children; strings become text nodes. */
export function element<Name extends keyof Tags>(
  name: Name,
  className: string,
  ...children: (Node | string)[]
): Tags[Name] {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** Create an icon that is hidden from screen readers. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "prismq-icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Create a button with an icon, a label and a tooltip. */
export function iconButton(
  name: IconName,
  label: string,
  onClick: (event: MouseEvent) => void,
): HTMLButtonElement {
  const button = element(
    "button",
    "prismq-button",
    icon(name),
    element("span", "prismq-button-label", label),
  );
  button.type = "button";
  button.addEventListener("click", onClick);
  return button;
}

/** Disable or enable a button without losing its focus, as the `disabled` attribute would. */
export function setDisabled(button: HTMLButtonElement, disabled: boolean): void {
  setAttribute(button, "aria-disabled", String(disabled));
}

/** Set a text; do not touch the page if it is the same. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * `setText` for a number that changes often.
 *
 * Keeps the text node where possible, so that mutation observers that watch for added and removed
 * nodes, and then measure the layout, are not triggered.
 */
export function setFigure(node: Element, text: string): void {
  const { firstChild } = node;
  if (!text || !(firstChild instanceof Text) || firstChild.nextSibling) setText(node, text);
  else if (firstChild.data !== text) firstChild.data = text;
}

/** Set an attribute; do not touch the page if it is the same. */
export function setAttribute(node: Element, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Set all classes of an element; do not touch the page if they are the same. */
export function setClass(node: Element, names: string): void {
  if (node.className !== names) node.className = names;
}

/** Show or hide an element with its `hidden` attribute. */
export function setVisible(node: HTMLElement, visible: boolean): void {
  if (node.hidden === visible) node.hidden = !visible;
}
