/** Find a row again in another source of rows, by the number of a line near it. Pure. */

import { lineOf, type RowSource } from "../base/rows.js";

/** Rows from the anchored one on that are searched for a line. */
const MAX_ROWS = 4;

/** The first line at or after a row, and its distance from that row, in rows. */
export type RowAnchor = readonly [line: number, distance: number];

/** Return the anchor of row `index`; undefined if no line is near. */
export function anchorAt(source: RowSource, index: number): RowAnchor | undefined {
  const end = Math.min(source.count, index + MAX_ROWS);
  for (let row = index; row < end; row++) {
    const line = lineOf(source.at(row));
    if (line !== undefined) return [line, row - index];
  }
  return undefined;
}

/** Return the index of an anchored row. */
export function anchoredRow(source: RowSource, [line, distance]: RowAnchor): number {
  return Math.max(0, source.indexOf(line) - distance);
}
