/**
 * What stands in which row of the list: lines, gaps between them, and what comes after. Pure; imports only types.
 *
 * The list (`window.ts`) sees nothing but a `RowSource`: the whole log is one, the lines that a search found are another.
 */

import type { Gap, Line, RunStatus, Stream } from "./protocol.js";

export type Row =
  /** `apart`: the lines before it are not shown. */
  | { readonly kind: "line"; readonly line: Line; readonly apart?: boolean }
  /** A line that is not there yet; `about`: its number is not known exactly. */
  | { readonly kind: "hole"; readonly n: number; readonly about?: boolean }
  /** A line that is folded away: it has a place in the list and no height. */
  | { readonly kind: "folded"; readonly n: number }
  | { readonly kind: "gap"; readonly gap: Gap }
  | { readonly kind: "notice"; readonly text: string }
  /** What a person should know about the run. */
  | { readonly kind: "note"; readonly text: string }
  /** A row of unfinished text; `place`: which of its stream, from 0. */
  | { readonly kind: "pending"; readonly stream: Stream; readonly text: string; readonly place: number }
  | { readonly kind: "end"; readonly status: RunStatus };

/** A list of rows that is never made as a whole. Cheap to make: the list gets a new one for each drawing. */
export interface RowSource {
  readonly count: number;
  /** Row `index`, from 0 to `count - 1`. */
  at(index: number): Row;
  /** The row of line `line`; where it has none, that of the next line that has; `count` past the last one. */
  indexOf(line: number): number;
  /** Rows `first` to `last` are shown, or soon will be: fetches what is missing of them. Called at each drawing, so cheap when nothing is. */
  want(first: number, last: number): void;
}

/** A row that stands before line `before`, and has no number. */
export interface Insert {
  readonly before: number;
  readonly row: Row;
}

/** A whole log: lines 0 to `total - 1`, of which most are not on the page. */
export interface LogParts {
  readonly total: number;
  /** Sorted by `before`: gaps, and the end of the module where more was printed after it. */
  readonly inserts: readonly Insert[];
  readonly get: (n: number) => Line | undefined;
  /** Whether a line is folded away. */
  readonly folded: (n: number) => boolean;
  /** What stands after the last line. */
  readonly tail: readonly Row[];
  /** Asks for lines, both numbers included. */
  readonly want: (first: number, last: number) => void;
}

export function logRows({ total, inserts: known, get, folded, tail, want }: LogParts): RowSource {
  const inserts = known.filter(({ before }) => before <= total);
  const body = total + inserts.length;
  /** Inserts at or above row `index`: insert j is in row `before + j`. */
  const insertsTo = (index: number): number => bisect(inserts.length, (j) => (inserts[j] as Insert).before + j > index);
  const numberAt = (index: number): number => index - insertsTo(index);
  const at = (index: number): Row => {
    if (index >= body) return tail[index - body] as Row;
    const above = insertsTo(index);
    const last = inserts[above - 1];
    if (last && last.before + above - 1 === index) return last.row;
    const line = get(index - above);
    if (folded(index - above)) return { kind: "folded", n: index - above };
    return line ? { kind: "line", line } : { kind: "hole", n: index - above };
  };
  return {
    count: body + tail.length,
    at,
    indexOf: (line) => (line >= total ? body + tail.length : line + bisect(inserts.length, (j) => (inserts[j] as Insert).before > line)),
    want: (first, last) => {
      const [low, high] = [Math.max(0, numberAt(first)), Math.min(total - 1, numberAt(last))];
      if (low <= high) want(low, high);
    },
  };
}

/** The row of a line, or of its nearest neighbour where it has none; and whether that is sure. */
export function nearestRow(rows: RowSource, line: number): readonly [row: number, isSure: boolean] {
  const index = rows.indexOf(line);
  const [before, after] = [index - 1, index].map((one) => (one >= 0 && one < rows.count ? rows.at(one) : undefined));
  const isSure = [before, after].every((row) => row?.kind !== "hole" || !row.about);
  const [low, high] = [before, after].map((row) => row && lineOf(row));
  const isBefore = low !== undefined && (high === undefined || line - low < high - line);
  return [isBefore ? index - 1 : index, isSure];
}

/** The line that a row shows; undefined: none. */
export function lineOf(row: Row): number | undefined {
  return row.kind === "line" ? row.line.n : row.kind === "hole" || row.kind === "folded" ? row.n : undefined;
}

/** The first of `count` places for which `holds` is true, where it stays true from one place on; `count`: for none. */
function bisect(count: number, holds: (place: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
