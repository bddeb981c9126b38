/**
 * What stands in which row of the list: lines, gaps between them, and what comes before and after. Pure; imports only types and the buffer's.
 */

import type { Gap, Line, RunStatus, Stream } from "./protocol.js";

export type Row =
  | { readonly kind: "line"; readonly line: Line }
  | { readonly kind: "hole"; readonly n: number }
  | { readonly kind: "gap"; readonly gap: Gap }
  | { readonly kind: "notice"; readonly text: string }
  | { readonly kind: "pending"; readonly stream: Stream; readonly text: string }
  | { readonly kind: "end"; readonly status: RunStatus };

/** A list of rows that is never made as a whole. */
export interface Rows {
  readonly count: number;
  /** Row `index`, from 0 to `count - 1`. */
  at(index: number): Row;
}

/** A part of a log: lines `base` to `end - 1`, in which some may be missing. */
export interface LogPart {
  readonly base: number;
  readonly end: number;
  /** Sorted by `before`; those outside of the part are left out here. */
  readonly gaps: readonly Gap[];
  readonly get: (n: number) => Line | undefined;
  readonly head: readonly Row[];
  readonly tail: readonly Row[];
}

export function logRows({ base, end, gaps, get, head, tail }: LogPart): Rows {
  const inside = gaps.filter((gap) => gap.before >= base && gap.before <= end);
  const lead = head.length;
  const body = end - base + inside.length;
  const lineRow = (n: number): Row => {
    const line = get(n);
    return line ? { kind: "line", line } : { kind: "hole", n };
  };
  const at = (index: number): Row => {
    const place = index - lead;
    if (place < 0) return head[index] as Row;
    if (place >= body) return tail[place - body] as Row;
    // Gap j is in row `before - base + j` of the body. Count those at or above this row by bisection.
    let low = 0;
    let high = inside.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const gap = inside[middle] as Gap;
      if (gap.before - base + middle <= place) low = middle + 1;
      else high = middle;
    }
    const last = inside[low - 1];
    if (last && last.before - base + low - 1 === place) return { kind: "gap", gap: last };
    return lineRow(base + place - low);
  };
  return { count: lead + body + tail.length, at };
}

/** The rows of a filtered log: the lines that match, in order, and nothing between them. */
export function matchRows(matches: readonly Line[], head: readonly Row[], tail: readonly Row[]): Rows {
  const at = (index: number): Row => {
    if (index < head.length) return head[index] as Row;
    const line = matches[index - head.length];
    return line ? { kind: "line", line } : (tail[index - head.length - matches.length] as Row);
  };
  return { count: head.length + matches.length + tail.length, at };
}
