/** The rows of a whole log, as a viewer has folded it: its lines, and what is unfinished after them, each bar in its place. */

import { barName } from "./fold-redraws.js";
import type { Line } from "./protocol.js";
import type { RowState } from "./row-state.js";
import { type LogParts, logRows, type Row, type RowSource } from "./rows.js";
import type { RunStore } from "./store.js";

/**
 * @param end rows after everything else.
 * @param want asks for lines, both numbers included.
 */
export function wholeLog(store: RunStore, state: RowState, end: readonly Row[], want: LogParts["want"]): RowSource {
  const { buffer, gaps, pending, complete } = store;
  const { total } = buffer;
  state.look(total);
  const unfinished = state.unfinished.rows(pending, !complete && total > 0 && state.isLast(total - 1), performance.now());
  const names = new Set(unfinished.map(({ text }) => barName(text)).filter((name) => name !== undefined));
  const folded = (n: number): boolean => state.isHidden(n) || (names.size > 0 && state.isLast(n) && isDrawnAgain(buffer.get(n), names));
  return logRows({ total, gaps, get: (n) => buffer.get(n), folded, tail: [...unfinished, ...end], want });
}

/** Whether a line is an older drawing of one of these unfinished bars. */
function isDrawnAgain(line: Line | undefined, names: ReadonlySet<string>): boolean {
  const name = line && barName(line.text);
  return name !== undefined && names.has(name);
}
