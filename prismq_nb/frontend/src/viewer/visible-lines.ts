/** From rows in view to lines in view. Pure. */

import { lineOf, type RowSource } from "../base/rows.js";

/** Numbers of the first and last line among rows `first` to `last`; undefined: there is none. */
export function linesInRows(
  rows: RowSource,
  [first, last]: readonly [first: number, last: number],
): [first: number, last: number] | undefined {
  let [top, bottom] = [first, Math.min(last, rows.count - 1)];
  while (top <= bottom && lineOf(rows.at(top)) === undefined) top++;
  while (top <= bottom && lineOf(rows.at(bottom)) === undefined) bottom--;
  if (top > bottom) return undefined;
  const [from, to] = [lineOf(rows.at(top)), lineOf(rows.at(bottom))];
  return from === undefined || to === undefined ? undefined : [from, to];
}

/** The first of rows `first` to `last` that has a line; `last` if none has. */
export function firstLineRow(
  rows: RowSource,
  [first, last]: readonly [first: number, last: number],
): number {
  let index = first;
  while (index < last && !["line", "hole"].includes(rows.at(index).kind)) index++;
  return index;
}
