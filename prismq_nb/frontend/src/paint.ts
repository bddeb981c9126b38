/**
 * Styled spans -> nodes. Colours are classes of the style sheet or numbers set through the CSSOM (which a strict Content-Security-Policy allows).
 */

import { type Color, parseAnsi, type Style } from "./ansi.js";
import { element } from "./dom.js";

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const NEEDS_PARSING = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/;

/** Puts a log text into `node`, as text. */
export function paint(node: HTMLElement, text: string): void {
  if (!NEEDS_PARSING.test(text)) {
    node.textContent = text;
    return;
  }
  node.replaceChildren(...parseAnsi(text).map(({ text: part, style }) => (style ? styled(part, style) : document.createTextNode(part))));
}

function styled(text: string, style: Style): HTMLElement {
  const span = element("span", "");
  span.textContent = text;
  for (const flag of ["bold", "dim", "italic", "underline", "strike"] as const) if (style[flag]) span.classList.add(`prismq-${flag}`);
  const [fg, bg] = style.inverse ? [style.bg ?? "ground", style.fg ?? "text"] : [style.fg, style.bg];
  if (bg !== undefined) {
    span.classList.add("prismq-on");
    colour(span, "backgroundColor", "prismq-bg", bg);
  }
  if (fg !== undefined) colour(span, "color", "prismq-fg", fg);
  return span;
}

/** @param value `ground` and `text` are the list's own colours, for inverse text. */
function colour(span: HTMLElement, property: "color" | "backgroundColor", prefix: string, value: Color): void {
  if (typeof value === "string" && value.startsWith("rgb")) span.style[property] = value;
  else span.classList.add(`${prefix}-${value}`);
}
