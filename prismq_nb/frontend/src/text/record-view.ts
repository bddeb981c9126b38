/** A JSON record as message and `key=value`: every part goes in as text. */

import { element } from "../base/dom.js";
import type { JsonRecord, Pair } from "./json-record.js";
import { paint } from "./paint.js";

const TITLE = "Click to show only lines with this value; Alt+click to hide them";
/** The member of a pair that is drawn, as it stands in the line. */
const RAW = new WeakMap<Element, string>();

/** @param fields keys of those that are shown, comma-separated; empty: all. */
export function drawRecord({ message, pairs }: JsonRecord, fields: string): HTMLElement {
  const text = element("span", "prismq-record-message");
  paint(text, message);
  const wanted = fieldSet(fields);
  const drawn = pairs.filter(({ key }) => !wanted || wanted.has(key)).flatMap((pair) => [" ", drawPair(pair)]);
  return element("span", "prismq-message prismq-record", text, ...drawn);
}

function drawPair({ key, shown, raw }: Pair): HTMLElement {
  const value = element("span", "prismq-record-value");
  const isCut = shown.endsWith("\u2026");
  paint(value, isCut ? shown.slice(0, -1) : shown, "", isCut);
  if (isCut) value.append("\u2026");
  value.title = TITLE;
  RAW.set(value, raw);
  return element("span", "prismq-record-pair", element("span", "prismq-record-key", `${key}=`), value);
}

/** The keys in an option; undefined: all. */
export function fieldSet(fields: string): ReadonlySet<string> | undefined {
  const names = fields.split(",").map((name) => name.trim()).filter(Boolean);
  return names.length ? new Set(names) : undefined;
}

/** Of a value that leads somewhere; a click on it goes there. */
const LINK = ".prismq-href, .prismq-place";

/** Calls `filter` for each value that is clicked on, with its member as the line has it. */
export function listenToValues(
  list: HTMLElement,
  filter: (raw: string, exclude: boolean) => void,
  signal: AbortSignal,
): void {
  const clicked = (event: MouseEvent): void => {
    const { target, altKey } = event;
    if (!(target instanceof Element)) return;
    const raw = RAW.get(target.closest(".prismq-record-value") ?? target);
    if (raw === undefined || (target.closest(LINK) && !altKey)) return;
    if (document.getSelection()?.isCollapsed === false) return; // it is being selected
    event.preventDefault(); // Alt+click on a link would download it
    filter(raw, altKey);
  };
  list.addEventListener("click", clicked, { signal });
}
