/**
 * Line numbers as people see and type them: from 1, as in every editor. Lines themselves, in JSON,
 * traits and everywhere else in the viewer, count from 0. Pure; imports only types.
 */

import { count } from "./format.js";
import type { Lines } from "./line-selection.js";

const ADDRESS = /^#L(\d{1,15})(?:-L?(\d{1,15}))?$/;

/** The number of a line, as its row shows it: `61` for line 60. */
export function lineNumber(line: number): string {
  return String(line + 1);
}

/** The same in a sentence: `12,346`. */
export function spokenLine(line: number): string {
  return count(line + 1);
}

/** The end of an address that leads to lines: `#L61`, `#L61-L70`. */
export function lineAddress([first, last]: Lines): string {
  return `#L${first + 1}${last > first ? `-L${last + 1}` : ""}`;
}

/** The lines that such an address names; undefined: none. `#L0` is taken for the first line. */
export function linesInAddress(hash: string): Lines | undefined {
  const [, from, to = from] = ADDRESS.exec(hash) ?? [];
  if (from === undefined) return undefined;
  const [first, last] = [from, to].map((text) => Math.max(0, Number(text) - 1)) as [number, number];
  return first <= last ? [first, last] : [last, first];
}
