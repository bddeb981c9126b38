/**
 * Styled spans -> nodes, always as text. Colours are classes of the style sheet, or numbers set through the CSSOM (which a strict
 * Content-Security-Policy allows) as custom properties for both themes, so that a change of theme needs no new rows.
 */

import { type Color, isSpecial, parseAnsi, type Span, type Style } from "./ansi.js";
import { isAligned, stretches } from "./cell-width.js";
import { channels, css, GROUNDS, inkOn, legible, NAMED_GROUNDS, type Rgb } from "./color.js";
import { element } from "./dom.js";
import { linkTitle } from "./href.js";

/**
 * Puts a log text into `node`, as text.
 *
 * @param pen `sgrOf` the colours in force before it.
 */
export function paint(node: HTMLElement, text: string, pen = ""): void {
  if (isAligned(text)) node.replaceChildren(...parseAnsi(text, pen).map((span) => painted(span, true)));
  else if (pen || isSpecial(text)) node.replaceChildren(...parseAnsi(text, pen).map((span) => painted(span)));
  else node.textContent = text;
}

function painted(span: Span, aligned = false): Node {
  const { text, style, href, code } = span;
  if (aligned && !code) return inColumns(span);
  if (!style && !href && !code) return document.createTextNode(text);
  const node = href ? link(text, href) : element("span", "", text);
  if (style) dress(node, style);
  if (code) {
    node.classList.add("prismq-sign");
    node.title = code;
  }
  return node;
}

/** A span in which wide characters take two columns each. */
function inColumns(span: Span): Node {
  const parts = stretches(span.text).map(([text, columns]) => {
    if (!columns) return document.createTextNode(text);
    const part = element("span", "prismq-wide", text);
    part.style.width = `${columns}ch`;
    return part;
  });
  const node = span.style || span.href ? (painted({ ...span, text: "" }) as HTMLElement) : document.createDocumentFragment();
  node.append(...parts);
  return node;
}

function link(text: string, href: string): HTMLAnchorElement {
  const node = element("a", "prismq-href", text);
  node.href = href;
  node.rel = "noopener noreferrer";
  node.target = "_blank";
  node.title = linkTitle(href);
  return node;
}

function dress(node: HTMLElement, style: Style): void {
  for (const flag of ["bold", "dim", "italic", "underline", "strike"] as const) if (style[flag]) node.classList.add(`prismq-${flag}`);
  const { fg, bg } = style;
  if (style.inverse && bg !== undefined && fg === undefined) {
    node.classList.add("prismq-on", "prismq-bg-text"); // its ground is the list's text
    colourText(node, bg, "inverse");
  } else if (style.inverse && fg === undefined) node.classList.add("prismq-on", "prismq-bg-text", "prismq-fg-ground");
  else if (style.inverse) onGround(node, fg as Color, bg);
  else if (bg !== undefined) onGround(node, bg, fg);
  else if (fg !== undefined) colourText(node, fg, "row");
}

/** Text in a colour on a ground of the theme. */
function colourText(node: HTMLElement, color: Color, on: "row" | "inverse"): void {
  if (typeof color === "number" && on === "row") {
    node.classList.add(`prismq-fg-${color}`);
    return;
  }
  const wanted = numbers(color);
  node.classList.add("prismq-fg");
  node.style.setProperty("--prismq-on-light", css(legible(wanted, GROUNDS.light[on])));
  node.style.setProperty("--prismq-on-dark", css(legible(wanted, GROUNDS.dark[on])));
}

/** Text on a ground of its own, which is the same in both themes. */
function onGround(node: HTMLElement, ground: Color, color: Color | undefined): void {
  const under = numbers(ground);
  node.classList.add("prismq-on");
  node.style.backgroundColor = css(under);
  node.style.color = css(color === undefined ? inkOn(under) : legible(numbers(color), under));
}

function numbers(color: Color): Rgb {
  return typeof color === "string" ? channels(color) : (NAMED_GROUNDS[color] ?? [0, 0, 0]);
}
