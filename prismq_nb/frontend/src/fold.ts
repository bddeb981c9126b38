/**
 * Which lines of a log are folded away: all but the head and the exception of a traceback, all but the newest drawing of bars. Pure.
 *
 * Looks at a window of line numbers with a bounded look around it, so it costs the same anywhere in a log of any length, and finds the same blocks
 * whatever the window, because none is longer than the look back.
 */

import { type Drawing, drawingOf, redrawAt } from "./fold-redraws.js";
import { MAX_TRACE_LINES, type Trace, traceAt } from "./fold-traces.js";
import type { Line } from "./protocol.js";
import { plain } from "./terminal-text.js";

export interface Block {
  readonly kind: "trace" | "redraw";
  /** Its first line and its last. */
  readonly first: number;
  readonly last: number;
  /** Lines that stay when it is folded, in order. The first has the button. */
  readonly shown: readonly number[];
  /** How often the same trace comes in it, one right after the other, and how many lines one has. */
  readonly repeats: number;
  readonly size: number;
}

export type Get = (n: number) => Line | undefined;

/** Lines looked at before a window, and after it. */
export const LOOK_AROUND_LINES = 1_024;
/** A window begins at a multiple of this, so that scrolling does not move where the look back begins with each row. */
const STEP_LINES = 256;
/** Fewer are not worth a button. */
const LEAST_HIDDEN: Readonly<Record<Block["kind"], number>> = { trace: 2, redraw: 1 };
/** Lines looked at in one go, at most: a hostile log must not take the page's time. */
const MAX_LOOKS = 20_000;
/** Lines of which it is remembered in which block they are. */
const MAX_KNOWN_LINES = 50_000;
/** Of a line, so much is looked at. */
const MAX_TEXT_CHARS = 1_000;
/** Lines of the same record that may stand between a trace and its repetition. */
const RECORD_LINES = 2;

/** The blocks that reach into lines `first` to `last` of a log of `total` lines, in order. */
export function findBlocks(get: Get, first: number, last: number, total: number): Block[] {
  const begin = Math.max(0, Math.floor(first / STEP_LINES) * STEP_LINES - LOOK_AROUND_LINES);
  const blocks: Block[] = [];
  let budget = MAX_LOOKS;
  const look: Get = (n) => (budget-- > 0 ? get(n) : undefined);
  let lowest = begin;
  for (let n = begin; n <= last && n < total; n++) {
    const block = blockAt(look, n, lowest);
    if (!block) continue;
    if (block.last >= first && hidden(block) >= LEAST_HIDDEN[block.kind]) blocks.push(block);
    n = block.last;
    lowest = n + 1;
  }
  return blocks;
}

function blockAt(get: Get, n: number, lowest: number): Block | undefined {
  const line = get(n);
  if (!line) return undefined;
  const raw = (at: number): string | undefined => {
    const other = at === n ? line : get(at);
    return other?.stream === line.stream ? other.text : undefined;
  };
  const drawing = (at: number): Drawing | undefined => {
    const other = at === n ? line : get(at);
    return other?.stream === line.stream ? drawnBy(other) : undefined;
  };
  const redraw = redrawAt(n, drawing, lowest);
  if (redraw) return { kind: "redraw", ...redraw, repeats: 1, size: redraw.last - redraw.first + 1 };
  const text = (at: number): string | undefined => {
    const found = raw(at);
    return found === undefined ? undefined : plain(found.slice(0, MAX_TEXT_CHARS));
  };
  const trace = traceAt(n, text);
  return trace && { kind: "trace", first: n, ...repeated(n, trace, text), shown: trace.shown, size: trace.last - n + 1 };
}

const drawings = new WeakMap<Line, Drawing>();

/** What a line draws: found once, as it is asked for whenever lines come. */
function drawnBy(line: Line): Drawing {
  let drawing = drawings.get(line);
  if (!drawing) drawings.set(line, (drawing = drawingOf(line)));
  return drawing;
}

function hidden({ first, last, shown }: Block): number {
  return last - first + 1 - shown.length;
}

/** How often the same trace follows, with the same lines of its record before it, and where the last of them ends. */
function repeated(first: number, { last }: Trace, text: (n: number) => string | undefined): { last: number; repeats: number } {
  const length = last - first + 1;
  let [end, repeats] = [last, 1];
  for (;;) {
    const next = nextSame(first, end, length, text);
    if (next === undefined || next + length - first > MAX_TRACE_LINES) return { last: end, repeats };
    end = next + length - 1;
    repeats++;
  }
}

function nextSame(first: number, end: number, length: number, text: (n: number) => string | undefined): number | undefined {
  for (let between = 0; between <= RECORD_LINES; between++) {
    const head = end + 1 + between;
    if (between && !sameRecord(text(head - between), text(first - between))) return undefined;
    if (same(first, head, length, text)) return head;
  }
  return undefined;
}

function same(one: number, other: number, length: number, text: (n: number) => string | undefined): boolean {
  for (let i = 0; i < length; i++) {
    const line = text(other + i);
    if (line === undefined || line !== text(one + i)) return false;
  }
  return true;
}

/** Lines of log records are the same when only numbers (times, counters) differ. */
function sameRecord(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one.replace(/\d+/g, "0") === other.replace(/\d+/g, "0");
}

/** The blocks of one view: what is folded now, and what the person opened. */
export class Folds {
  readonly #opened = new Set<number>();
  readonly #get: Get;
  /** Line number -> its block, or null for none, of the lines that were looked at. */
  readonly #blocks = new Map<number, Block | null>();
  /** Stretches, by their first lines, that lines still to come can change. */
  readonly #unsettled = new Map<number, number>();
  #total = 0;

  constructor(get: Get) {
    this.#get = get;
  }

  /** Lines came: forgets what they can change. The log has `total` lines now. */
  renew(total: number): void {
    for (const [first, last] of this.#unsettled) for (let n = first; n <= last; n++) this.#blocks.delete(n);
    this.#unsettled.clear();
    if (this.#blocks.size > MAX_KNOWN_LINES) this.#blocks.clear();
    this.#total = total;
  }

  /** The block of a line; undefined: it is in none. Looks at a stretch of lines at once, the first time. */
  block(n: number): Block | undefined {
    if (!this.#blocks.has(n)) this.#look(n);
    return this.#blocks.get(n) ?? undefined;
  }

  /** All of the log's end is one stretch, as it is looked at again and again while lines come. */
  #look(n: number): void {
    const end = Math.max(0, Math.floor((this.#total - LOOK_AROUND_LINES) / STEP_LINES) * STEP_LINES);
    const first = n >= end ? end : Math.floor(n / STEP_LINES) * STEP_LINES;
    const last = n >= end ? this.#total - 1 : first + STEP_LINES - 1;
    let isWhole = n < end;
    const get: Get = (at) => {
      const line = this.#get(at);
      isWhole &&= line !== undefined;
      return line;
    };
    const blocks = findBlocks(get, first, last, this.#total);
    for (let at = first; at <= last; at++) this.#blocks.set(at, null);
    for (const block of blocks) for (let at = Math.max(first, block.first); at <= Math.min(last, block.last); at++) this.#blocks.set(at, block);
    if (!isWhole) this.#unsettled.set(first, last);
  }

  /** Whether a line takes no height now. */
  isHidden(n: number): boolean {
    const block = this.block(n);
    return block !== undefined && !this.#opened.has(block.first) && !block.shown.includes(n);
  }

  /** Whether a line is drawn over by what comes after the last line of the log: it is of the last block, and that one is folded. */
  isLast(n: number): boolean {
    const block = this.block(n);
    return block?.kind === "redraw" && block.last === this.#total - 1 && !this.#opened.has(block.first);
  }

  /** What the button on a line says; undefined: it has none. */
  button(n: number): { readonly block: Block; readonly open: boolean } | undefined {
    const block = this.block(n);
    return block && n === block.shown[0] ? { block, open: this.#opened.has(block.first) } : undefined;
  }

  /** Opens or closes the block with its head at line `first`. */
  toggle(first: number): void {
    if (!this.#opened.delete(first)) this.#opened.add(first);
  }
}
