/**
 * Lines of a batch or page, each with its pen (the colours that earlier lines left) and how it was
 * drawn. Pure.
 *
 * Colours carry over to the next line of a stream until they are reset. The server sends the pens
 * at the first line; they are followed from there until a line is missing. Pens are strings of
 * `sgrOf`, shared by lines with the same pen.
 */

import {
  type Carried,
  type Drawn,
  fromPage,
  fromWire,
  type Line,
  type LogPage,
  type Stream,
  type WireLine,
} from "../base/protocol.js";
import { penAfter } from "./terminal-text.js";

interface Along {
  readonly sgr?: Carried;
  readonly drawn?: Readonly<Record<string, Drawn>>;
  /** Numbers of lines that are prompts, answered in the same row. */
  readonly prompts?: readonly number[];
}

export interface LinesWithPens {
  readonly lines: readonly Line[];
  /** Colours in force after the last of them. */
  readonly after: Carried;
}

const NONE: Carried = {};

export function wireLines(lines: readonly WireLine[], along: Along): LinesWithPens {
  const prompts = new Set(along.prompts);
  const found = lines.map((line) => fromWire(line));
  return carried(
    found.map((line) => (prompts.has(line.n) ? { ...line, prompt: true } : line)),
    along,
  );
}

export function pageLines(page: LogPage): readonly Line[] {
  return carried(page.logs.map(fromPage), page).lines;
}

/** The server's colours in the form of `sgrOf`. */
export function pensOf(sgr: Carried | undefined): Carried {
  if (!sgr) return NONE;
  const pens: Partial<Record<Stream, string>> = {};
  for (const stream of ["stdout", "stderr"] as const) {
    const pen = sgr[stream];
    if (typeof pen === "string" && pen) pens[stream] = penAfter(pen, "");
  }
  return pens;
}

function carried(lines: readonly Line[], { sgr, drawn }: Along): LinesWithPens {
  let pens: Partial<Record<Stream, string>> = { ...pensOf(sgr) };
  let next = lines[0]?.n;
  const found = lines.map((line) => {
    if (line.n !== next) pens = {}; // the effect of the missing lines is unknown
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
