/**
 * Lines that a program drew over: several progress bars at once move the cursor up and draw again, and each drawing is a line of the log. Pure.
 *
 * Rows are followed as a terminal would, by what the server says of each line (`Drawn`). tqdm: a bar, then `ESC [ A`; rich and docker: `ESC [ 1 A` for
 * each row, then all of them again. A line that tells of a problem stays, unless it was drawn again.
 */

import { LEVELS, type Line } from "../base/protocol.js";
import { plain } from "../text/terminal-text.js";

/** What a line draws. */
export interface Drawing {
  /** Rows that it left empty, counted from where it begins. */
  readonly emptied: readonly number[];
  /** Other frames were drawn before its text: also in the row in which it began, if that is another. */
  readonly updated: boolean;
  /** The row of its text, and of the cursor at its end, counted from where it begins. */
  readonly row: number;
  readonly end: number;
  /** See `barName`. */
  readonly name: string | undefined;
  /** Its first letters: the same for all drawings of one bar or step, whatever its figures. */
  readonly letters: string;
  readonly blank: boolean;
  /** What it says of a problem, but for numbers; undefined: nothing. */
  readonly problem: string | undefined;
}

/** What a line draws; null: it is of another stream; undefined: it is not at hand. */
export type DrawingAt = (n: number) => Drawing | null | undefined;

export interface Redraw {
  readonly first: number;
  readonly last: number;
  /** The newest drawing of each row, as line numbers in order. */
  readonly shown: readonly number[];
  /** Of those, the first one over whose older drawings it was drawn. */
  readonly head: number;
  /** Lines of its stream from the first to the last. */
  readonly size: number;
}

/** No cursor goes further up, and no block is longer. */
const SCREEN_ROWS = 64;
export const MAX_REDRAW_LINES = 1_000;
/** Lines of any stream among which those of the first drawing are looked for. */
const LOOK_BACK_LINES = 256;
/** So many blanks are printed to empty a row. */
const LEAST_BLANKS = 4;
const NAME_LETTERS = 8;
/** A longer line is no bar. */
const MAX_BAR_CHARS = 2_000;

const PERCENT = /\d{1,3}(?:\.\d+)?%/;
/** A bar has its percentage in so many characters, and a name of so many before it. */
const MAX_HEAD_CHARS = 200;
const MAX_NAME_CHARS = 80;
/** What bars are made of: blocks and lines, or `###`, `==>`. */
const BAR = /[\u2500-\u259f#=>\s]+/g;
const PROBLEM = /\b(?:WARN(?:ING)?|ERROR|CRITICAL|FATAL|PANIC)\b|(?:Error|Exception|Warning)\b/;

/**
 * The block of drawings whose first move up is in line `n`. Lines of other streams, which are on
 * another screen, may stand between its own.
 *
 * @param lowest the first line that it may take in.
 */
export function redrawAt(n: number, drawing: DrawingAt, lowest: number): Redraw | undefined {
  const begin = drawing(n);
  if (!begin || !goesUp(begin)) return undefined;
  const first = firstDrawn(n, begin, drawing, lowest);
  const rows = new Rows();
  let cursor = 0;
  let frameEnd = -1; // the lowest row from which the cursor went up before it drew
  let grown = -1; // up to this line, rows are of a frame that has more of them than the one before
  let last = first - 1;
  for (let at = first; at < first + MAX_REDRAW_LINES; at++) {
    const drawn = drawing(at);
    if (drawn === null) continue;
    if (!drawn) break;
    const { updated, row, end } = drawn;
    if (row < 0) frameEnd = Math.max(frameEnd, updated || rows.has(cursor) ? cursor : cursor - 1);
    if (at > n && at > grown && !goesUp(drawn) && cursor > frameEnd) {
      grown = comesBack(at, cursor, Math.max(frameEnd, rows.lowest()), drawing);
      if (grown < at) break;
    }
    rows.draw(cursor, Math.max(cursor + row, frameEnd - SCREEN_ROWS), at, drawn);
    cursor = Math.max(cursor + end, frameEnd - SCREEN_ROWS) + 1;
    last = at;
  }
  if (rows.size < 2) return undefined;
  const shown = rows.shown();
  const { size } = rows;
  if (!shown.length) return { first, last, shown: [last], head: last, size }; // all was erased
  return { first, last, shown, head: rows.head(), size };
}

/** The next line that goes up, if that leads back to row `frameEnd` or above; -1: it does not. */
function comesBack(from: number, row: number, frameEnd: number, drawing: DrawingAt): number {
  let cursor = row;
  let rows = 0;
  for (let at = from; rows < SCREEN_ROWS && at < from + MAX_REDRAW_LINES; at++) {
    const drawn = drawing(at);
    if (drawn === null) continue;
    if (!drawn) return -1;
    if (goesUp(drawn)) return cursor + Math.min(drawn.row, drawn.end) <= frameEnd ? at : -1;
    cursor += drawn.end + 1;
    rows++;
  }
  return -1;
}

interface Shown {
  readonly at: number;
  readonly drawn: Drawing;
}

/** Which line each row shows, and lines that were drawn over and stay. */
class Rows {
  /** Lines that were drawn. */
  size = 0;
  readonly #rows = new Map<number, Shown>();
  readonly #kept: Shown[] = [];
  /** Names of what was drawn over or went, and rows in which that was. */
  readonly #gone = new Set<string>();
  readonly #goneFrom = new Set<number>();

  /** @param start the row in which the line begins; `row`: that of its text. */
  draw(start: number, row: number, at: number, drawn: Drawing): void {
    this.size++;
    for (const emptied of drawn.emptied) this.#remove(start + emptied);
    if (drawn.blank) return;
    this.#remove(row, drawn.problem);
    this.#rows.set(row, { at, drawn });
  }

  has(row: number): boolean {
    return this.#rows.has(row);
  }

  lowest(): number {
    return Math.max(-1, ...this.#rows.keys());
  }

  shown(): number[] {
    return this.#all().map(({ at }) => at);
  }

  /** The first line that shows the newest drawing of something, or was drawn over something. */
  head(): number {
    const shown = this.#all();
    const over = [...this.#rows].filter(([row]) => this.#goneFrom.has(row)).map(([, { at }]) => at);
    const newest = shown.find(({ drawn }) => this.#gone.has(drawn.letters));
    return newest?.at ?? Math.min(...over, shown.at(-1)?.at ?? -1);
  }

  /** What a row showed goes; a problem stays among the lines, unless it is drawn again. */
  #remove(row: number, problem?: string): void {
    const before = this.#rows.get(row);
    if (!before) return;
    this.#rows.delete(row);
    const isKept = before.drawn.problem !== undefined && before.drawn.problem !== problem;
    if (isKept) this.#kept.push(before);
    else this.#gone.add(before.drawn.letters);
    this.#goneFrom.add(row);
  }

  #all(): Shown[] {
    return [...this.#kept, ...this.#rows.values()].sort((one, other) => one.at - other.at);
  }
}

function goesUp({ row, end }: Drawing): boolean {
  return row < 0 || end < 0;
}

/** The line on whose row the first move up ends; with a bar above a bar (tqdm), the one above. */
function firstDrawn(n: number, { row }: Drawing, drawing: DrawingAt, lowest: number): number {
  let first = n;
  let up = Math.max(0, -row);
  for (let at = n - 1; at >= lowest && at > n - LOOK_BACK_LINES && n - first < SCREEN_ROWS; at--) {
    const above = drawing(at);
    if (above === null) continue;
    if (!(up-- > 0 || (row >= 0 && isBarAbove(above)))) break;
    first = at;
  }
  return first;
}

function isBarAbove(drawing: Drawing | undefined): boolean {
  return drawing !== undefined && !goesUp(drawing) && drawing.name !== undefined;
}

/** What a line draws. */
export function drawingOf({ text, level, drawn }: Pick<Line, "text" | "level" | "drawn">): Drawing {
  const [updates, row, end, ...emptied] = drawn ?? [0, 0, 0];
  const moved = { updated: updates > 0, row, end };
  if (text.length > MAX_BAR_CHARS) {
    return { ...moved, emptied, name: undefined, letters: "", blank: false, problem: undefined };
  }
  const bare = plain(text);
  const blank = bare.trim() === "";
  const isProblem = LEVELS.indexOf(level) >= 2 && PROBLEM.test(bare);
  return {
    ...moved,
    emptied: blank && bare.length >= LEAST_BLANKS ? [...emptied, row] : emptied,
    name: barName(text),
    letters: (bare.slice(0, MAX_HEAD_CHARS).match(/\p{L}/gu) ?? []).slice(0, NAME_LETTERS).join(""),
    blank,
    problem: isProblem ? bare.replace(/\d+/g, "0") : undefined,
  };
}

/** What stands before a bar's percentage, but for digits and the bar itself; undefined: no bar. */
export function barName(text: string): string | undefined {
  if (text.length > MAX_BAR_CHARS) return undefined;
  if (!text.includes("%")) return undefined;
  const head = plain(text).slice(0, MAX_HEAD_CHARS);
  const percent = PERCENT.exec(head);
  const name = percent && head.slice(0, percent.index).replace(BAR, " ").trim();
  return name !== null && name.length <= MAX_NAME_CHARS ? name.replace(/\d+/g, "0") : undefined;
}
