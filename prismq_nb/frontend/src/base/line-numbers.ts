/**
 * Line numbers as shown to and typed by people: from 1, as in every editor. Everywhere else (JSON,
 * traits, the viewer's code) lines count from 0. Pure.
 */

import { count } from "./format.js";

/** Format a line number for its row: `61` for line 60. */
export function lineNumber(line: number): string {
  return String(line + 1);
}

/** Format a line number for a sentence: `12,346`. */
export function spokenLine(line: number): string {
  return count(line + 1);
}
