/** The element of a place in a file that stands in a row; what a click on it does is `open-place.ts`'s to say. */

import { element } from "../base/dom.js";
import type { Place } from "./find-places.js";
import { canOpen } from "./open-file.js";

const PLACES = new WeakMap<Element, Place>();

/** @param nodes what is shown. */
export function placeNode(place: Place, nodes: (Node | string)[]): HTMLElement {
  const node = element("span", "prismq-place", ...nodes);
  node.tabIndex = 0;
  node.setAttribute("role", "link");
  node.title = `${canOpen() ? "Open" : "Copy"} ${placeText(place)}`;
  PLACES.set(node, place);
  return node;
}

/** The place that an element stands for, or one that it stands in. */
export function placeOf(target: EventTarget | null): Place | undefined {
  const node = target instanceof Element ? target.closest(".prismq-place") : null;
  return node ? PLACES.get(node) : undefined;
}

/** `train.py:7:3`, as editors and terminals take it. */
export function placeText({ path, line, column }: Place): string {
  return `${path}:${line}${column === undefined ? "" : `:${column}`}`;
}
