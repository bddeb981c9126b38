/**
 * Rows of the list: lines, gaps between them, and the rows after the last line. Pure; imports only
 * types.
 *
 * The list (`list/virtual-list.ts`) knows only `RowSource`: the whole log is one, the hits of a
 * search are another.
 */

import { bisect } from "./bisect.js";
import type { Gap, Line, RunStatus, Stream } from "./protocol.js";

export type Row =
  /** `startsGroup`: the lines before it are omitted. */
  | { readonly kind: "line"; readonly line: Line; readonly startsGroup?: boolean }
  /** A line that is not loaded yet; `isApproximate`: its number is a lower bound. */
  | { readonly kind: "hole"; readonly n: number; readonly isApproximate?: boolean }
  /** A folded line: it has an index in the list and no height. */
  | { readonly kind: "folded"; readonly n: number }
  | { readonly kind: "gap"; readonly gap: Gap }
  | { readonly kind: "notice"; readonly text: string }
  /** A note about the run. */
  | { readonly kind: "note"; readonly text: string }
  /** A row of unfinished text; `place`: its index within its stream, from 0. */
  | {
      readonly kind: "pending";
      readonly stream: Stream;
      readonly text: string;
      readonly place: number;
    }
  | { readonly kind: "end"; readonly status: RunStatus };

/** A lazy list of rows. Cheap to create: the list gets a new one for each render. */
export interface RowSource {
  readonly count: number;
  /** Row `index`, from 0 to `count - 1`. */
  at(index: number): Row;
  /** The row of line `line`, or of the next line that has one; `count` past the last. */
  indexOf(line: number): number;
  /**
   * Fetch missing lines of rows `first` to `last`, which are or will soon be visible. Called at
   * each render, so it must be cheap if nothing is missing.
   */
  want(first: number, last: number): void;
}

/** A row without a number, placed before line `before`. */
export interface Insert {
  readonly before: number;
  readonly row: Row;
}

/** A whole log: lines 0 to `total - 1`, most of which are not loaded. */
export interface LogParts {
  readonly total: number;
  /** Sorted by `before`: gaps, and the end of the module if more was printed after it. */
  readonly inserts: readonly Insert[];
  readonly get: (n: number) => Line | undefined;
  /** Whether a line is folded. */
  readonly folded: (n: number) => boolean;
  /** Rows after the last line. */
  readonly tail: readonly Row[];
  /** Fetch lines, both numbers included. */
  readonly want: (first: number, last: number) => void;
}

export function logRows({ total, inserts: known, get, folded, tail, want }: LogParts): RowSource {
  const inserts = known.filter(({ before }) => before <= total);
  const body = total + inserts.length;
  /** Number of inserts at or above row `index`: insert j is in row `before + j`. */
  const insertsTo = (index: number): number =>
    bisect(inserts.length, (j) => (inserts[j] as Insert).before + j > index);
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
    indexOf: (line) =>
      line >= total
        ? body + tail.length
        : line + bisect(inserts.length, (j) => (inserts[j] as Insert).before > line),
    want: (first, last) => {
      const [low, high] = [Math.max(0, numberAt(first)), Math.min(total - 1, numberAt(last))];
      if (low <= high) want(low, high);
    },
  };
}

/** Return the row of a line, or of its nearest neighbour, and whether that is exact. */
export function nearestRow(rows: RowSource, line: number): readonly [row: number, isSure: boolean] {
  const index = rows.indexOf(line);
  const [before, after] = [index - 1, index].map((one) =>
    one >= 0 && one < rows.count ? rows.at(one) : undefined,
  );
  const isSure = [before, after].every((row) => row?.kind !== "hole" || !row.isApproximate);
  const [low, high] = [before, after].map((row) => row && lineOf(row));
  const isBefore = low !== undefined && (high === undefined || line - low < high - line);
  return [isBefore ? index - 1 : index, isSure];
}

/** Return the line that a row shows; undefined: none. */
export function lineOf(row: Row): number | undefined {
  return row.kind === "line"
    ? row.line.n
    : row.kind === "hole" || row.kind === "folded"
      ? row.n
      : undefined;
}
