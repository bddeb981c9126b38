/**
 * Making and changing elements. The only place that creates nodes from names; text always goes in as text.
 */

const SVG = "http://www.w3.org/2000/svg";

/** Drawn on a grid of 16 by 16 with a line of 1.5, round ends. */
export const ICONS = {
  queued: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 5v3.2l2 1.3",
  completed: "M3.5 8.5l3 3 6-7",
  failed: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  cancelled: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M3.9 3.9l8.2 8.2",
  follow: "M3.5 3.5L8 8l4.5-4.5M3.5 8.5L8 13l4.5-4.5",
  view: "M2 4.5h7M12.5 4.5H14M2 11.5h1.5M7 11.5h7M10.7 2.8v3.4M5.3 9.8v3.4",
  copy: "M5.5 5.5V3a1 1 0 0 1 1-1H13a1 1 0 0 1 1 1v6.5a1 1 0 0 1-1 1h-2.5M3 5.5h6.5a1 1 0 0 1 1 1V13a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V6.5a1 1 0 0 1 1-1z",
  link: "M6.7 9.3a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.9.9M9.3 6.7a2.6 2.6 0 0 0-3.7 0L3.3 9a2.6 2.6 0 0 0 3.7 3.7l.9-.9",
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
  more: "M3 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0M7.5 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0M12 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0",
  full: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  context: "M2.5 3h11M2.5 13h11M2.5 6.5h11v3h-11z",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9M10.3 10.3l3.2 3.2",
  filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
  marker: "M2.5 4h11M2.5 12h11M2.5 8h3M7 6.6h4.5v2.8H7z",
  up: "M4 9.5L8 5.5l4 4",
  down: "M4 6.5l4 4 4-4",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 7.4v3.4M8 5v.1",
  lock: "M4.5 7.5h7a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-4a1 1 0 0 1 1-1M5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
} as const;
export type IconName = keyof typeof ICONS;

type Tags = HTMLElementTagNameMap;

export function element<Name extends keyof Tags>(name: Name, className: string, ...children: (Node | string)[]): Tags[Name] {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

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

/** A button with an icon, and a name and a tooltip of its own. */
export function iconButton(name: IconName, label: string, onClick: (event: MouseEvent) => void): HTMLButtonElement {
  const button = element("button", "prismq-button", icon(name), element("span", "prismq-button-label", label));
  button.type = "button";
  button.addEventListener("click", onClick);
  return button;
}

/** A button that does nothing for now. It keeps the focus, which one that is `disabled` would lose. */
export function setDisabled(button: HTMLButtonElement, disabled: boolean): void {
  setAttribute(button, "aria-disabled", String(disabled));
}

/** Sets a text, and touches the page only when it differs. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * `setText` for a figure that changes often. Its text node stays where it can, so that those who
 * watch for nodes that come and go, and then look at the whole layout, are not woken.
 */
export function setFigure(node: Element, text: string): void {
  const { firstChild } = node;
  if (!text || !(firstChild instanceof Text) || firstChild.nextSibling) return setText(node, text);
  if (firstChild.data !== text) firstChild.data = text;
}

export function setAttribute(node: Element, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Sets all classes of an element, and touches the page only when they differ. */
export function setClass(node: Element, names: string): void {
  if (node.className !== names) node.className = names;
}

export function show(node: HTMLElement, on: boolean): void {
  if (node.hidden === on) node.hidden = !on;
}
