/**
 * Rows of a whole log with its folds: its lines, then unfinished text, each progress bar in its
 * place.
 */

import { hasEnded, type Line } from "../base/protocol.js";
import { type Insert, type LogParts, logRows, type Row, type RowSource } from "../base/rows.js";
import { isOutputOpen } from "../base/run-words.js";
import { barName } from "../folding/fold-redraws.js";
import type { RunStore } from "../stream/store.js";
import { rowOf } from "../text/prompt-answers.js";
import type { RowState } from "./row-state.js";

/**
 * @param end rows at the end of the module: after everything else, except what background processes
 *   print later.
 * @param want fetches lines, both numbers included.
 */
export function wholeLog(
  store: RunStore,
  state: RowState,
  end: readonly Row[],
  want: LogParts["want"],
): RowSource {
  const { buffer, gaps, pending, pens, complete, moduleEnd } = store;
  const { total } = buffer;
  state.updateFolds(total);
  const isDrawing = !complete && state.endsWithRedraw();
  const unfinished = state.unfinished.rows(pending, pens, isDrawing, performance.now());
  const names = new Set(
    unfinished.map(({ text }) => barName(text)).filter((name) => name !== undefined),
  );
  const get = (n: number): Line | undefined => buffer.get(n);
  const folded = (n: number): boolean =>
    isBlankEnd(n) ||
    state.isHidden(n) ||
    rowOf(n, get) !== n ||
    (names.size > 0 && state.isInLastRedraw(n) && isDrawnAgain(buffer.get(n), names));
  // Escape sequences that a program prints at its end, such as showing the cursor, are no line.
  const isBlankEnd = (n: number): boolean =>
    n === total - 1 && n > 0 && complete !== undefined && get(n)?.text === "";
  const inserts = gaps.map((gap): Insert => ({ before: gap.before, row: { kind: "gap", gap } }));
  const isPast = end.length > 0 && (moduleEnd < total || unfinished.length > 0);
  if (isPast) {
    const place = inserts.filter(({ before }) => before <= moduleEnd).length;
    inserts.splice(place, 0, ...end.map((row) => ({ before: moduleEnd, row })));
  }
  const tail = isPast ? unfinished : [...unfinished, ...end];
  return logRows({ total, inserts, get, folded, tail, want });
}

/** Whether a line is an earlier drawing of one of these unfinished bars. */
function isDrawnAgain(line: Line | undefined, names: ReadonlySet<string>): boolean {
  const name = line && barName(line.text);
  return name !== undefined && names.has(name);
}

/** Rows after the last line of a run that has ended and whose whole output is loaded. */
export function endRows(store: RunStore): Row[] {
  const { status, complete, buffer } = store;
  const isAllKnown = complete !== undefined || isOutputOpen(status);
  if (!status || !isAllKnown || !hasEnded(status.status) || !buffer.total) return [];
  const notes = (status.notes ?? []).map((text): Row => ({ kind: "note", text }));
  return [{ kind: "end", status }, ...notes];
}
