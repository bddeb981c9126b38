/** Draw a JSON record as message and `key=value`; every part enters the page as text. */

import { element } from "../base/dom.js";
import type { JsonRecord, Pair } from "./json-record.js";
import { paint } from "./paint.js";

const TITLE = "Click to show only lines with this value; Alt+click to hide them";
/** The member of a drawn pair, as written in the line. */
const RAW = new WeakMap<Element, string>();

/** @param fields keys to show, comma-separated; empty: all. */
export function drawRecord({ message, pairs }: JsonRecord, fields: string): HTMLElement {
  const text = element("span", "prismq-record-message");
  paint(text, message);
  const wanted = fieldSet(fields);
  const drawn = pairs
    .filter(({ key }) => !wanted || wanted.has(key))
    .flatMap((pair) => [" ", drawPair(pair)]);
  return element("span", "prismq-message prismq-record", text, ...drawn);
}

function drawPair({ key, shown, raw }: Pair): HTMLElement {
  const value = element("span", "prismq-record-value");
  const isCut = shown.endsWith("\u2026");
  paint(value, isCut ? shown.slice(0, -1) : shown, "", isCut);
  if (isCut) value.append("\u2026");
  value.title = TITLE;
  RAW.set(value, raw);
  return element(
    "span",
    "prismq-record-pair",
    element("span", "prismq-record-key", `${key}=`),
    value,
  );
}

/** The keys in the option `fields`; undefined: all. */
export function fieldSet(fields: string): ReadonlySet<string> | undefined {
  const names = fields
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  return names.length ? new Set(names) : undefined;
}

/** Links in a value handle clicks themselves. */
const LINK = ".prismq-href, .prismq-place";

/** Call `filter` when a value is clicked, with its member as written in the line. */
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
    if (document.getSelection()?.isCollapsed === false) return; // text is being selected
    event.preventDefault(); // Alt+click on a link would download it
    filter(raw, altKey);
  };
  list.addEventListener("click", clicked, { signal });
}
