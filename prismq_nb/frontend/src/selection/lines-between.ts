/**
 * The lines between two rows from the page's buffer, so that a small copy needs no request. Pure.
 */

import type { Line } from "../base/protocol.js";

/** More are fetched. */
const MAX_LINES = 5_000;

/** Lines after `first` and before `last`; undefined: not all are buffered in full. */
export function linesBetween(
  get: (n: number) => Line | undefined,
  first: number,
  last: number,
): readonly Line[] | undefined {
  if (last - first > MAX_LINES) return undefined;
  const found: Line[] = [];
  for (let n = first + 1; n < last; n++) {
    const line = get(n);
    if (!line || line.length > line.text.length) return undefined;
    found.push(line);
  }
  return found;
}
