/**
 * Lines that a program drew over: several progress bars at once move the cursor up and draw again, and each drawing is a line of the log. Pure.
 *
 * Rows are followed as a terminal would. tqdm: a bar, then `ESC [ A`; rich: `ESC [ 1 A` for each row, then all of them again. A line keeps only what
 * came after its last `\r`, so its moves can be lost: a bar with the name of one drawn before is taken for that one.
 */

import { plain } from "./terminal-text.js";

/** What a line draws. */
export interface Drawing {
  /** How far up the cursor goes before its text, and in all. */
  readonly before: number;
  readonly total: number;
  /** See `barName`. */
  readonly name: string | undefined;
  readonly blank: boolean;
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

// eslint-disable-next-line no-control-regex -- escape sequences are what is looked for
const MOVES_UP = /\x1b\[\d{0,3}[AF]/;
// eslint-disable-next-line no-control-regex -- as above
const UP = /\x1b\[(\d{0,3})[AF]/g;
// eslint-disable-next-line no-control-regex -- as above
const LEADING = /^(?:\x1b\[[\d;?]*[A-Za-z])*/;
const PERCENT = /\d{1,3}(?:\.\d+)?%/;
/** A bar has its percentage in so many characters, and a name of so many before it. */
const MAX_HEAD_CHARS = 200;
const MAX_NAME_CHARS = 80;

/** The block of drawings whose first move up is in line `n`; `lowest`: the first line that it may take in. */
export function redrawAt(n: number, drawing: DrawingAt, lowest: number): Redraw | undefined {
  const begin = drawing(n);
  if (!begin?.total) return undefined;
  const first = Math.max(lowest, firstDrawn(n, begin, drawing));
  const rows = new Map<number, number>();
  const names = new Map<string, number>();
  let cursor = 0;
  let frameEnd = -1; // the lowest row from which the cursor went up before it drew
  let last = first - 1;
  for (let at = first; at < first + MAX_REDRAW_LINES; at++) {
    const drawn = drawing(at);
    if (!drawn) break;
    const { before, total, name, blank } = drawn;
    const known = name === undefined ? undefined : names.get(name);
    if (before) frameEnd = Math.max(frameEnd, cursor);
    const isLost = total === 0 && at > n && known !== undefined && known < cursor;
    if (at > n && total === 0 && cursor > frameEnd && !isLost) break;
    const row = isLost ? known : Math.max(cursor - before, frameEnd - SCREEN_ROWS);
    if (!blank) rows.set(row, at);
    if (name !== undefined) names.set(name, row);
    if (!isLost) cursor = Math.max(cursor - total, frameEnd - SCREEN_ROWS) + 1;
    last = at;
  }
  return last > first ? { first, last, shown: [...rows.values()].sort((a, b) => a - b) } : undefined;
}

/** The line on whose row the first move up ends; with a bar above a bar (tqdm), the one above. */
function firstDrawn(n: number, { before }: Drawing, drawing: DrawingAt): number {
  let first = n - before;
  while (before === 0 && first > 0 && first > n - SCREEN_ROWS && isBarAbove(drawing(first - 1))) first--;
  return Math.max(0, first);
}

function isBarAbove(drawing: Drawing | undefined): boolean {
  return drawing?.total === 0 && drawing.name !== undefined;
}

const PLAIN: Drawing = { before: 0, total: 0, name: undefined, blank: false };

/** What a text draws, its escape sequences included. */
export function drawingOf(text: string): Drawing {
  if (text.length > MAX_BAR_CHARS) return PLAIN;
  const total = MOVES_UP.test(text) ? ups(text) : 0;
  const before = total ? ups(LEADING.exec(text)?.[0] ?? "") : 0;
  return { before, total, name: barName(text), blank: isBlank(text) };
}

function ups(text: string): number {
  let sum = 0;
  for (const [, amount] of text.matchAll(UP)) sum += Number(amount || 1);
  return Math.min(sum, SCREEN_ROWS);
}

function isBlank(text: string): boolean {
  return plain(text).trim() === "";
}

/** What stands before a bar's percentage, but for digits and rich's bar itself; undefined: no bar. */
export function barName(text: string): string | undefined {
  if (text.length > MAX_BAR_CHARS) return undefined;
  const head = plain(text).slice(0, MAX_HEAD_CHARS);
  const percent = PERCENT.exec(head);
  const name = percent && head.slice(0, percent.index).trimEnd();
  if (name === null || name.length > MAX_NAME_CHARS) return undefined;
  return name.replace(/[\u2501\u2578\u257a\s]+/g, " ").trim().replace(/\d+/g, "0");
}
