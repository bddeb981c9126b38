/**
 * Lines that a program drew over: several progress bars at once move the cursor up and draw again, and each drawing is a line of the log. Pure.
 *
 * Rows are followed as a terminal would. tqdm: a bar, then `ESC [ A`; rich: `ESC [ 1 A` for each row, then all of them again. A line keeps only what
 * came after its last `\r`, so its moves can be lost: a bar with the name of one drawn before is taken for that one.
 */

/** A line's text with its escape sequences; undefined: not at hand, or of another stream. */
export type RawAt = (n: number) => string | undefined;

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
const BAR = /^(.{0,80}?)\s*\d{1,3}(?:\.\d+)?%/;

/** The block of drawings whose first move up is in line `n`; `lowest`: the first line that it may take in. */
export function redrawAt(n: number, raw: RawAt, lowest: number): Redraw | undefined {
  const begin = raw(n);
  if (begin === undefined || !MOVES_UP.test(begin) || begin.length > MAX_BAR_CHARS) return undefined;
  const first = Math.max(lowest, firstDrawn(n, raw));
  const rows = new Map<number, number>();
  const names = new Map<string, number>();
  let cursor = 0;
  let frameEnd = -1; // the lowest row from which the cursor went up before it drew
  let last = first - 1;
  for (let at = first; at < first + MAX_REDRAW_LINES; at++) {
    const text = raw(at);
    if (text === undefined) break;
    const { before, total } = moves(text);
    const name = barName(text);
    const known = name === undefined ? undefined : names.get(name);
    if (before) frameEnd = Math.max(frameEnd, cursor);
    const isLost = total === 0 && at > n && known !== undefined && known < cursor;
    if (at > n && total === 0 && cursor > frameEnd && !isLost) break;
    const row = isLost ? known : Math.max(cursor - before, frameEnd - SCREEN_ROWS);
    if (!isBlank(text)) rows.set(row, at);
    if (name !== undefined) names.set(name, row);
    if (!isLost) cursor = Math.max(cursor - total, frameEnd - SCREEN_ROWS) + 1;
    last = at;
  }
  const shown = [...rows].sort(([a], [b]) => a - b).map(([, line]) => line);
  return last > first ? { first, last, shown: shown.sort((a, b) => a - b) } : undefined;
}

/** The line on whose row the first move up ends; with a bar above a bar (tqdm), the one above. */
function firstDrawn(n: number, raw: RawAt): number {
  const { before } = moves(raw(n) ?? "");
  let first = n - before;
  while (first > n - SCREEN_ROWS && before === 0 && first > 0 && barName(raw(first - 1) ?? "") !== undefined && moves(raw(first - 1) ?? "").total === 0) first--;
  return Math.max(0, first);
}

/** How far up a line moves: before its text, and in all. */
function moves(text: string): { readonly before: number; readonly total: number } {
  const lead = LEADING.exec(text)?.[0].length ?? 0;
  return { before: ups(text.slice(0, lead)), total: ups(text) };
}

function ups(text: string): number {
  if (text.length > MAX_BAR_CHARS) return 0;
  let sum = 0;
  for (const [, amount] of text.matchAll(UP)) sum += Number(amount || 1);
  return Math.min(sum, SCREEN_ROWS);
}

function isBlank(text: string): boolean {
  return withoutEscapes(text).trim() === "";
}

function withoutEscapes(text: string): string {
  // eslint-disable-next-line no-control-regex -- escape sequences are what is looked for
  return text.replace(/\x1b\[[\d;?]*[A-Za-z]/g, "");
}

/** What stands before a bar's percentage, but for digits and rich's bar itself; undefined: no bar. */
export function barName(text: string): string | undefined {
  if (text.length > MAX_BAR_CHARS) return undefined;
  return BAR.exec(withoutEscapes(text))?.[1]?.replace(/[\u2501\u2578\u257a\s]+/g, " ").trim().replace(/\d+/g, "0");
}
