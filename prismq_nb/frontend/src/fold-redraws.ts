/**
 * Lines that a program drew over: several progress bars at once move the cursor up and draw again, and each drawing is a line of the log. Pure.
 *
 * Rows are followed as a terminal would, by what the server says of each line (`Drawn`). tqdm: a bar, then `ESC [ A`; rich and docker: `ESC [ 1 A` for
 * each row, then all of them again. A line that tells of a problem stays, unless it was drawn again.
 */

import { LEVELS, type Line } from "./protocol.js";
import { plain } from "./terminal-text.js";

/** What a line draws. */
export interface Drawing {
  /** Other frames were drawn before its text: also in the row in which it began, if that is another. */
  readonly updated: boolean;
  /** The row of its text, and of the cursor at its end, counted from where it begins. */
  readonly row: number;
  readonly end: number;
  /** See `barName`. */
  readonly name: string | undefined;
  readonly blank: boolean;
  /** What it says of a problem, but for numbers; undefined: nothing. */
  readonly problem: string | undefined;
}

/** What a line draws; undefined: it is not at hand, or of another stream. */
export type DrawingAt = (n: number) => Drawing | undefined;

export interface Redraw {
  readonly first: number;
  readonly last: number;
  /** The newest drawing of each row, as line numbers in order. */
  readonly shown: readonly number[];
}

/** No cursor goes further up, and no block is longer. */
const SCREEN_ROWS = 64;
export const MAX_REDRAW_LINES = 1_000;
/** A longer line is no bar. */
const MAX_BAR_CHARS = 2_000;

const PERCENT = /\d{1,3}(?:\.\d+)?%/;
/** A bar has its percentage in so many characters, and a name of so many before it. */
const MAX_HEAD_CHARS = 200;
const MAX_NAME_CHARS = 80;
const PROBLEM = /\b(?:WARN(?:ING)?|ERROR|CRITICAL|FATAL|PANIC)\b|(?:Error|Exception|Warning)\b/;

/** The block of drawings whose first move up is in line `n`; `lowest`: the first line that it may take in. */
export function redrawAt(n: number, drawing: DrawingAt, lowest: number): Redraw | undefined {
  const begin = drawing(n);
  if (!begin || !goesUp(begin)) return undefined;
  const first = Math.max(lowest, firstDrawn(n, begin, drawing));
  const rows = new Rows();
  let cursor = 0;
  let frameEnd = -1; // the lowest row from which the cursor went up before it drew
  let grown = -1; // up to this line, rows are of a frame that has more of them than the one before
  let last = first - 1;
  for (let at = first; at < first + MAX_REDRAW_LINES; at++) {
    const drawn = drawing(at);
    if (!drawn) break;
    const { updated, row, end } = drawn;
    if (row < 0) frameEnd = Math.max(frameEnd, updated || rows.has(cursor) ? cursor : cursor - 1);
    if (at > n && at > grown && !goesUp(drawn) && cursor > frameEnd) {
      grown = comesBack(at, cursor, frameEnd, drawing);
      if (grown < at) break;
    }
    rows.draw(Math.max(cursor + row, frameEnd - SCREEN_ROWS), at, drawn);
    cursor = Math.max(cursor + end, frameEnd - SCREEN_ROWS) + 1;
    last = at;
  }
  return last > first ? { first, last, shown: rows.shown() } : undefined;
}

/** The next line that goes up, if that leads back to a row of the frame; -1: it does not. */
function comesBack(from: number, row: number, frameEnd: number, drawing: DrawingAt): number {
  let cursor = row;
  for (let at = from; at < from + SCREEN_ROWS; at++) {
    const drawn = drawing(at);
    if (!drawn) return -1;
    if (goesUp(drawn)) return cursor + Math.min(drawn.row, drawn.end) <= frameEnd ? at : -1;
    cursor += drawn.end + 1;
  }
  return -1;
}

/** Which line each row shows, and lines that were drawn over and stay. */
class Rows {
  readonly #rows = new Map<number, { readonly at: number; readonly problem: string | undefined }>();
  readonly #kept: number[] = [];

  draw(row: number, at: number, { blank, problem }: Drawing): void {
    const before = this.#rows.get(row);
    if (blank) return;
    if (before?.problem !== undefined && before.problem !== problem) this.#kept.push(before.at);
    this.#rows.set(row, { at, problem });
  }

  has(row: number): boolean {
    return this.#rows.has(row);
  }

  shown(): number[] {
    return [...this.#kept, ...Array.from(this.#rows.values(), ({ at }) => at)].sort((a, b) => a - b);
  }
}

function goesUp({ row, end }: Drawing): boolean {
  return row < 0 || end < 0;
}

/** The line on whose row the first move up ends; with a bar above a bar (tqdm), the one above. */
function firstDrawn(n: number, { row }: Drawing, drawing: DrawingAt): number {
  let first = n + Math.min(0, row);
  while (row >= 0 && first > 0 && first > n - SCREEN_ROWS && isBarAbove(drawing(first - 1))) first--;
  return Math.max(0, first);
}

function isBarAbove(drawing: Drawing | undefined): boolean {
  return drawing !== undefined && !goesUp(drawing) && drawing.name !== undefined;
}

/** What a line draws. */
export function drawingOf({ text, level, drawn }: Pick<Line, "text" | "level" | "drawn">): Drawing {
  const [updates, row, end] = drawn ?? [0, 0, 0];
  const moved = { updated: updates > 0, row, end };
  if (text.length > MAX_BAR_CHARS) return { ...moved, name: undefined, blank: false, problem: undefined };
  const bare = plain(text);
  const isProblem = LEVELS.indexOf(level) >= 2 && PROBLEM.test(bare);
  return { ...moved, name: barName(text), blank: bare.trim() === "", problem: isProblem ? bare.replace(/\d+/g, "0") : undefined };
}

/** What stands before a bar's percentage, but for digits and rich's bar itself; undefined: no bar. */
export function barName(text: string): string | undefined {
  if (text.length > MAX_BAR_CHARS) return undefined;
  if (!text.includes("%")) return undefined;
  const head = plain(text).slice(0, MAX_HEAD_CHARS);
  const percent = PERCENT.exec(head);
  const name = percent && head.slice(0, percent.index).trimEnd();
  if (name === null || name.length > MAX_NAME_CHARS) return undefined;
  return name.replace(/[\u2501\u2578\u257a\s]+/g, " ").trim().replace(/\d+/g, "0");
}
