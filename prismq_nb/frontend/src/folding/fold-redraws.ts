/**
 * Find lines that a program overwrote: several progress bars at once move the cursor up and draw
 * again, and each drawing is a line of the log. Pure.
 *
 * Rows are tracked as on a terminal, from the server's data on each line (`Drawn`). tqdm: a bar,
 * then `ESC [ A`; rich and docker: `ESC [ 1 A` per row, then all rows again. A line that reports a
 * problem stays visible unless it was drawn again.
 */

import { LEVELS, type Line } from "../base/protocol.js";
import { plain } from "../text/terminal-text.js";

/** The drawing of one line. */
export interface Drawing {
  /** Rows that it erased, relative to the row in which it begins. */
  readonly emptied: readonly number[];
  /** Other frames were drawn before its text, possibly in the row in which it began. */
  readonly updated: boolean;
  /** Row of its text, and of the cursor at its end, relative to the row in which it begins. */
  readonly row: number;
  readonly end: number;
  /** See `barName`. */
  readonly name: string | undefined;
  /**
   * Its first letters, which are the same for all drawings of a bar or step, whatever its numbers.
   */
  readonly letters: string;
  readonly blank: boolean;
  /** The problem that it reports, with digits masked; undefined: none. */
  readonly problem: string | undefined;
}

/**
 * Return the drawing of a line; null: the line is of another stream; undefined: it is not loaded.
 */
export type DrawingAt = (n: number) => Drawing | null | undefined;

export interface Redraw {
  readonly first: number;
  readonly last: number;
  /** The newest drawing of each row, as line numbers in order. */
  readonly shown: readonly number[];
  /** Of those, the first that overwrote older drawings. */
  readonly head: number;
  /** Number of lines of its stream from the first to the last. */
  readonly size: number;
}

/** Limits of upward cursor movement and of a block's length. */
const SCREEN_ROWS = 64;
export const MAX_REDRAW_LINES = 1_000;
/** Lines of any stream that are searched for the first drawing. */
const LOOK_BACK_LINES = 256;
/** Minimum number of blanks that count as erasing a row. */
const MIN_BLANKS = 4;
const NAME_LETTERS = 8;
/** Longer lines are not progress bars. */
const MAX_BAR_CHARS = 2_000;

const PERCENT = /\d{1,3}(?:\.\d+)?%/;
/** Limits for the position of a bar's percentage and for the name before it. */
const MAX_HEAD_CHARS = 200;
const MAX_NAME_CHARS = 80;
/** Characters that bars consist of: blocks and lines, or `###`, `==>`. */
const BAR = /[\u2500-\u259f#=>\s]+/g;
const PROBLEM = /\b(?:WARN(?:ING)?|ERROR|CRITICAL|FATAL|PANIC)\b|(?:Error|Exception|Warning)\b/;

/**
 * Return the block of drawings whose first upward movement is in line `n`. Lines of other streams,
 * which have their own screen, may be interleaved.
 *
 * @param lowest first line that the block may include.
 */
export function redrawAt(n: number, drawing: DrawingAt, lowest: number): Redraw | undefined {
  const begin = drawing(n);
  if (!begin || !goesUp(begin)) return undefined;
  const first = firstDrawn(n, begin, drawing, lowest);
  const rows = new Rows();
  let cursor = 0;
  let frameEnd = -1; // the lowest row from which the cursor moved up before drawing
  let grown = -1; // last line of a frame that has more rows than the previous one
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
  return redrawOf(rows, first, last);
}

/** Return the block of the drawn rows; undefined if it has only one line. */
function redrawOf(rows: Rows, first: number, last: number): Redraw | undefined {
  if (rows.size < 2) return undefined;
  const shown = rows.shown();
  const { size } = rows;
  if (!shown.length) return { first, last, shown: [last], head: last, size }; // all was erased
  return { first, last, shown, head: rows.head(), size };
}

/** Return the next line that moves up, if it returns to row `frameEnd` or above; otherwise -1. */
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

/** The line shown in each row, and overwritten lines that stay. */
class Rows {
  /** Number of lines drawn. */
  size = 0;
  readonly #rows = new Map<number, Shown>();
  readonly #kept: Shown[] = [];
  /** Names of overwritten or erased drawings, and the rows in which they were. */
  readonly #removed = new Set<string>();
  readonly #removedFrom = new Set<number>();

  /**
   * @param start row in which the line begins.
   * @param row row of its text.
   */
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

  /**
   * Return the first line that shows the newest drawing of something, or that overwrote something.
   */
  head(): number {
    const shown = this.#all();
    const over = [...this.#rows]
      .filter(([row]) => this.#removedFrom.has(row))
      .map(([, { at }]) => at);
    const newest = shown.find(({ drawn }) => this.#removed.has(drawn.letters));
    return newest?.at ?? Math.min(...over, shown.at(-1)?.at ?? -1);
  }

  /** Remove the drawing of a row; a problem stays among the lines unless it is drawn again. */
  #remove(row: number, problem?: string): void {
    const before = this.#rows.get(row);
    if (!before) return;
    this.#rows.delete(row);
    const isKept = before.drawn.problem !== undefined && before.drawn.problem !== problem;
    if (isKept) this.#kept.push(before);
    else this.#removed.add(before.drawn.letters);
    this.#removedFrom.add(row);
  }

  #all(): Shown[] {
    return [...this.#kept, ...this.#rows.values()].sort((one, other) => one.at - other.at);
  }
}

function goesUp({ row, end }: Drawing): boolean {
  return row < 0 || end < 0;
}

/**
 * Return the line in whose row the first upward movement ends; for a bar above a bar (tqdm), the
 * line above.
 */
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

/** Return the drawing of a line. */
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
    emptied: blank && bare.length >= MIN_BLANKS ? [...emptied, row] : emptied,
    name: barName(text),
    letters: (bare.slice(0, MAX_HEAD_CHARS).match(/\p{L}/gu) ?? []).slice(0, NAME_LETTERS).join(""),
    blank,
    problem: isProblem ? bare.replace(/\d+/g, "0") : undefined,
  };
}

/**
 * Return the text before a bar's percentage, without digits and the bar itself; undefined if the
 * text is not a bar.
 */
export function barName(text: string): string | undefined {
  if (text.length > MAX_BAR_CHARS) return undefined;
  if (!text.includes("%")) return undefined;
  const head = plain(text).slice(0, MAX_HEAD_CHARS);
  const percent = PERCENT.exec(head);
  const name = percent && head.slice(0, percent.index).replace(BAR, " ").trim();
  return name !== null && name.length <= MAX_NAME_CHARS ? name.replace(/\d+/g, "0") : undefined;
}
