/**
 * A prompt on stderr and the answer that the terminal echoed on stdout: two lines of the log that a
 * terminal, and the list, show in one row. Pure; imports only types.
 */

import type { Line } from "../base/protocol.js";

type Get = (n: number) => Line | undefined;

/** The answer in the row of a prompt; undefined: there is none. */
export function answerOf(line: Line, get: Get): Line | undefined {
  const next = line.prompt ? get(line.n + 1) : undefined;
  return next?.stream === "stdout" ? next : undefined;
}

/** The line whose row shows a line: its prompt, else itself. */
export function rowOf(n: number, get: Get): number {
  const before = get(n - 1);
  return before && answerOf(before, get) ? n - 1 : n;
}

/** The last line in the row of a line. */
export function lastInRow(n: number, get: Get): number {
  const line = get(n);
  return (line && answerOf(line, get)?.n) ?? n;
}
