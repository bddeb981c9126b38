/**
 * Styled spans -> nodes, always as text. Colours are classes of the style sheet, or numbers set through the CSSOM (which a strict
 * Content-Security-Policy allows) as custom properties for both themes, so that a change of theme needs no new rows.
 */

import { type Color, isSpecial, parseAnsi, type Span, type Style } from "./ansi.js";
import { isAligned, stretches } from "./cell-width.js";
import { channels, css, GROUNDS, inkOn, legible, NAMED_GROUNDS, type Rgb } from "./color.js";
import { element } from "../base/dom.js";
import { linkTitle } from "../base/href.js";
import { linked, mayLead, type Part, type Target } from "./linked.js";
import { placeNode } from "./place-node.js";

/**
 * Puts a log text into `node`, as text; addresses and places in files become links.
 *
 * @param pen `sgrOf` the colours in force before it.
 * @param isCut there is more of the line.
 */
export function paint(node: HTMLElement, text: string, pen = "", isCut = false): void {
  const aligned = isAligned(text);
  if (!aligned && !pen && !isSpecial(text) && !mayLead(text)) node.textContent = text;
  else node.replaceChildren(...linked(parseAnsi(text, pen), isCut).flatMap((part) => drawn(part, aligned)));
}

/** A text without styles whose addresses and places become links. */
export function withLinks(text: string): Node[] {
  if (!mayLead(text)) return [document.createTextNode(text)];
  return linked([{ text, style: undefined }]).flatMap((part) => drawn(part, false));
}

function drawn({ spans, target }: Part, aligned: boolean): Node[] {
  const nodes = spans.map((span) => painted(span, aligned));
  return target ? [leading(target, nodes)] : nodes;
}

function painted(span: Span, aligned = false): Node {
  const { text, style, code } = span;
  if (aligned && !code) return inColumns(span);
  if (!style && !code) return document.createTextNode(text);
  const node = element("span", "", text);
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
  const node = span.style ? (painted({ ...span, text: "" }) as HTMLElement) : document.createDocumentFragment();
  node.append(...parts);
  return node;
}

function leading(target: Target, nodes: Node[]): HTMLElement {
  if (target.kind === "place") return placeNode(target.place, nodes);
  const node = element("a", "prismq-href", ...nodes);
  node.href = target.href;
  node.rel = "noopener noreferrer";
  node.target = "_blank";
  node.title = linkTitle(target.href);
  if (target.beside !== undefined) node.dataset["beside"] = target.beside; // the style sheet shows it
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
