/** The element of a file location in a row; `open-location.ts` handles clicks on it. */

import { element } from "../base/dom.js";
import type { FileLocation } from "./file-locations.js";
import { canOpen } from "./open-file.js";

const LOCATIONS = new WeakMap<Element, FileLocation>();

/** @param nodes the content. */
export function locationNode(location: FileLocation, nodes: (Node | string)[]): HTMLElement {
  const node = element("span", "prismq-place", ...nodes);
  node.tabIndex = 0;
  node.setAttribute("role", "link");
  node.title = `${canOpen() ? "Open" : "Copy"} ${locationText(location)}`;
  LOCATIONS.set(node, location);
  return node;
}

/** The location of an element or of one of its ancestors. */
export function locationOf(target: EventTarget | null): FileLocation | undefined {
  const node = target instanceof Element ? target.closest(".prismq-place") : null;
  return node ? LOCATIONS.get(node) : undefined;
}

/** `train.py:7:3`, the form that editors and terminals accept. */
export function locationText({ path, line, column }: FileLocation): string {
  return `${path}:${line}${column === undefined ? "" : `:${column}`}`;
}
