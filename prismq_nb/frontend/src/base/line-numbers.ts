/**
 * Line numbers as shown to and typed by people: from 1, as in every editor. Everywhere else (JSON,
 * traits, the viewer's code) lines count from 0. Pure; imports only types.
 */

import { count } from "./format.js";
import type { Lines } from "./line-selection.js";

const ADDRESS = /^#L(\d{1,15})(?:-L?(\d{1,15}))?$/;

/** Format a line number for its row: `61` for line 60. */
export function lineNumber(line: number): string {
  return String(line + 1);
}

/** Format a line number for a sentence: `12,346`. */
export function spokenLine(line: number): string {
  return count(line + 1);
}

/** Return the URL fragment for lines: `#L61`, `#L61-L70`. */
export function lineAddress([first, last]: Lines): string {
  return `#L${first + 1}${last > first ? `-L${last + 1}` : ""}`;
}

/** Parse a URL fragment; undefined if it names no lines. `#L0` counts as the first line. */
export function linesInAddress(hash: string): Lines | undefined {
  const [, from, to = from] = ADDRESS.exec(hash) ?? [];
  if (from === undefined) return undefined;
  const [first, last] = [from, to].map((text) => Math.max(0, Number(text) - 1)) as [number, number];
  return first <= last ? [first, last] : [last, first];
}
