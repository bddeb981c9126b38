/**
 * Draw styled spans as text nodes. Colours are classes of the style sheet, or custom properties for
 * both themes, so that a change of theme draws no rows. They are set through the CSSOM, which a
 * strict Content-Security-Policy allows.
 */

import { element } from "../base/dom.js";
import { linkTitle } from "../base/href.js";
import { type Color, isSpecial, parseAnsi, type Span, type Style } from "./ansi.js";
import { isAligned, stretches } from "./cell-width.js";
import { channels, css, GROUNDS, inkOn, legible, NAMED_GROUNDS, type Rgb } from "./color.js";
import { mayHaveTarget, type Part, partsOf, type Target } from "./link-targets.js";
import { locationNode } from "./location-node.js";

/**
 * Put log text into `node`, as text; URLs and file locations become links.
 *
 * @param pen `sgrOf` the colours in force before it.
 * @param isCut the line continues.
 */
export function paint(node: HTMLElement, text: string, pen = "", isCut = false): void {
  const aligned = isAligned(text);
  if (!aligned && !pen && !isSpecial(text) && !mayHaveTarget(text)) node.textContent = text;
  else
    node.replaceChildren(
      ...partsOf(parseAnsi(text, pen), isCut).flatMap((part) => drawn(part, aligned)),
    );
}

/** Nodes of a text without styles; URLs and file locations become links. */
export function withLinks(text: string): Node[] {
  if (!mayHaveTarget(text)) return [document.createTextNode(text)];
  return partsOf([{ text, style: undefined }]).flatMap((part) => drawn(part, false));
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
  const node = span.style
    ? (painted({ ...span, text: "" }) as HTMLElement)
    : document.createDocumentFragment();
  node.append(...parts);
  return node;
}

function leading(target: Target, nodes: Node[]): HTMLElement {
  if (target.kind === "place") return locationNode(target.place, nodes);
  const node = element("a", "prismq-href", ...nodes);
  node.href = target.href;
  node.rel = "noopener noreferrer";
  node.target = "_blank";
  node.title = linkTitle(target.href);
  // shown by the style sheet
  if (target.beside !== undefined) node.dataset.beside = target.beside;
  return node;
}

function dress(node: HTMLElement, style: Style): void {
  for (const flag of ["bold", "dim", "italic", "underline", "strike"] as const)
    if (style[flag]) node.classList.add(`prismq-${flag}`);
  const { fg, bg } = style;
  if (style.inverse && bg !== undefined && fg === undefined) {
    node.classList.add("prismq-on", "prismq-bg-text"); // on the text colour of the list
    colourText(node, bg, "inverse");
  } else if (style.inverse && fg === undefined)
    node.classList.add("prismq-on", "prismq-bg-text", "prismq-fg-ground");
  else if (style.inverse) onGround(node, fg as Color, bg);
  else if (bg !== undefined) onGround(node, bg, fg);
  else if (fg !== undefined) colourText(node, fg, "row");
}

/** Coloured text on a background of the theme. */
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

/** Text on a background of its own, the same in both themes. */
function onGround(node: HTMLElement, ground: Color, color: Color | undefined): void {
  const under = numbers(ground);
  node.classList.add("prismq-on");
  node.style.backgroundColor = css(under);
  node.style.color = css(color === undefined ? inkOn(under) : legible(numbers(color), under));
}

function numbers(color: Color): Rgb {
  return typeof color === "string" ? channels(color) : (NAMED_GROUNDS[color] ?? [0, 0, 0]);
}
