/**
 * The lines in an address, `#L61-L70`: from 1, as people count them. Pure; a script of its own
 * because JupyterLab waits for those who use it, and formats of numbers take 10 ms to load.
 */

import type { Lines } from "./line-selection.js";

const ADDRESS = /^#L(\d{1,15})(?:-L?(\d{1,15}))?$/;

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
