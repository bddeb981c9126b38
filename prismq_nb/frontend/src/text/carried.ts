/**
 * Lines of a batch or a page, with what goes along with them: the colours that the lines before left, and how each was drawn. Pure.
 *
 * Colours go on to the next line of a stream until they are reset. The server says what is in force at the first line; from there on it is followed as
 * long as no line is left out. Pens are `sgrOf`, shared by all lines that have the same.
 */

import { type Carried, type Drawn, fromPage, fromWire, type Line, type LogPage, type Stream, type WireLine } from "../base/protocol.js";
import { penAfter } from "./terminal-text.js";

interface Along {
  readonly sgr?: Carried;
  readonly drawn?: Readonly<Record<string, Drawn>>;
  /** Numbers of lines that were answered where they end. */
  readonly prompts?: readonly number[];
}

export interface CarriedLines {
  readonly lines: readonly Line[];
  /** Colours in force after the last of them. */
  readonly after: Carried;
}

const NONE: Carried = {};

export function wireLines(lines: readonly WireLine[], along: Along): CarriedLines {
  const prompts = new Set(along.prompts);
  const found = lines.map((line) => fromWire(line));
  return carried(found.map((line) => (prompts.has(line.n) ? { ...line, prompt: true } : line)), along);
}

export function pageLines(page: LogPage): readonly Line[] {
  return carried(page.logs.map(fromPage), page).lines;
}

/** Colours as the server sends them, as `sgrOf` has them. */
export function pensOf(sgr: Carried | undefined): Carried {
  if (!sgr) return NONE;
  const pens: Partial<Record<Stream, string>> = {};
  for (const stream of ["stdout", "stderr"] as const) {
    const pen = sgr[stream];
    if (typeof pen === "string" && pen) pens[stream] = penAfter(pen, "");
  }
  return pens;
}

function carried(lines: readonly Line[], { sgr, drawn }: Along): CarriedLines {
  let pens: Partial<Record<Stream, string>> = { ...pensOf(sgr) };
  let next = lines[0]?.n;
  const found = lines.map((line) => {
    if (line.n !== next) pens = {}; // what the lines between did is not known
    next = line.n + 1;
    const pen = pens[line.stream] ?? "";
    const isCut = line.length > line.text.length;
    const after = penAfter(line.text, pen);
    if (after !== pen || isCut) pens[line.stream] = isCut ? "" : after;
    const how = drawn?.[line.n];
    return pen || how ? { ...line, ...(pen && { pen }), ...(how && { drawn: how }) } : line;
  });
  return { lines: found, after: pens };
}
