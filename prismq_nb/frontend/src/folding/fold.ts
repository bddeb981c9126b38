/**
 * Which lines of a log are folded away: all but the head and the exception of a traceback, all but the newest drawing of bars. Pure.
 *
 * Looks at a window of line numbers with a bounded look around it, so it costs the same anywhere in a log of any length, and finds the same blocks
 * whatever the window, because none is longer than the look back.
 */

import { type Drawing, drawingOf, redrawAt } from "./fold-redraws.js";
import { MAX_TRACE_LINES, type Trace, traceAt } from "./fold-traces.js";
import type { Line, Stream } from "../base/protocol.js";
import { plain } from "../text/terminal-text.js";

export interface Block {
  readonly kind: "trace" | "redraw";
  /** Its first line and its last. */
  readonly first: number;
  readonly last: number;
  /** Its lines are of this stream; others may stand between those of bars. */
  readonly stream: Stream;
  /** Lines that stay when it is folded, in order. */
  readonly shown: readonly number[];
  /** The one that has the button: whose older drawings are folded, or a trace's first line. */
  readonly head: number;
  /** How often the same trace comes in it, one right after the other. */
  readonly repeats: number;
  /** Lines of one trace; of bars, all lines. */
  readonly size: number;
}

export type Get = (n: number) => Line | undefined;

const STREAMS: readonly Stream[] = ["stdout", "stderr"];
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
  const ends: Partial<Record<Stream, number>> = {};
  let budget = MAX_LOOKS;
  const look: Get = (n) => (budget-- > 0 ? get(n) : undefined);
  for (let n = begin; n <= last && n < total; n++) {
    const line = look(n);
    if (!line || n <= (ends[line.stream] ?? -1)) continue;
    const block = blockAt(look, line, Math.max(begin, (ends[line.stream] ?? -1) + 1));
    if (!block) continue;
    if (block.last >= first && hidden(block) >= LEAST_HIDDEN[block.kind]) blocks.push(block);
    ends[line.stream] = block.last;
  }
  return blocks;
}

/** The block that begins with a line of the log, or with the line before which its bars began. */
function blockAt(get: Get, line: Line, lowest: number): Block | undefined {
  const { n, stream } = line;
  const at = (other: number): Line | undefined => (other === n ? line : get(other));
  const drawing = (other: number): Drawing | null | undefined => {
    const found = at(other);
    return found && (found.stream === stream ? drawnBy(found) : null);
  };
  const redraw = redrawAt(n, drawing, lowest);
  if (redraw) return { kind: "redraw", stream, ...redraw, repeats: 1 };
  const text = (other: number): string | undefined => {
    const found = at(other);
    return found?.stream === stream ? plain(found.text.slice(0, MAX_TEXT_CHARS)) : undefined;
  };
  const trace = traceAt(n, text);
  if (!trace) return undefined;
  const { shown } = trace;
  const head = shown[0] ?? n;
  const size = trace.last - n + 1;
  return { kind: "trace", stream, first: n, ...repeated(n, trace, text), shown, head, size };
}

const drawings = new WeakMap<Line, Drawing>();

/** What a line draws: found once, as it is asked for whenever lines come. */
function drawnBy(line: Line): Drawing {
  let drawing = drawings.get(line);
  if (!drawing) drawings.set(line, (drawing = drawingOf(line)));
  return drawing;
}

function hidden({ kind, first, last, shown, size }: Block): number {
  return (kind === "redraw" ? size : last - first + 1) - shown.length;
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
  /** Stream -> its last line. */
  readonly #last = new Map<Stream, number>();
  #total = 0;

  constructor(get: Get) {
    this.#get = get;
  }

  /** Lines came: forgets what they can change. The log has `total` lines now. */
  renew(total: number): void {
    for (const [first, last] of this.#unsettled) for (let n = first; n <= last; n++) this.#blocks.delete(n);
    this.#unsettled.clear();
    this.#last.clear();
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
    for (const block of blocks) {
      for (let at = Math.max(first, block.first); at <= Math.min(last, block.last); at++) {
        if (get(at)?.stream === block.stream) this.#blocks.set(at, block);
      }
    }
    if (!isWhole) this.#unsettled.set(first, last);
  }

  /** Whether a line takes no height now. */
  isHidden(n: number): boolean {
    const block = this.block(n);
    return block !== undefined && !this.#opened.has(block.first) && !block.shown.includes(n);
  }

  /**
   * Whether a line is drawn over by what comes after the last line of its stream: it is of the last
   * block, and that one is folded.
   */
  isLast(n: number): boolean {
    const block = this.block(n);
    if (block?.kind !== "redraw" || this.#opened.has(block.first)) return false;
    return block.last === this.#lastOf(block.stream);
  }

  /** Whether the log ends, in one of its streams, with bars that are folded. */
  endsDrawn(): boolean {
    return STREAMS.some((stream) => this.#lastOf(stream) >= 0 && this.isLast(this.#lastOf(stream)));
  }

  /** The last line of a stream, among the newest; -1: there is none. */
  #lastOf(stream: Stream): number {
    const known = this.#last.get(stream);
    if (known !== undefined) return known;
    let n = this.#total - 1;
    const end = Math.max(0, n - LOOK_AROUND_LINES);
    while (n >= end && this.#get(n)?.stream !== stream) n--;
    const last = n >= end ? n : -1;
    this.#last.set(stream, last);
    return last;
  }

  /** What the button on a line says; undefined: it has none. */
  button(n: number): { readonly block: Block; readonly open: boolean } | undefined {
    const block = this.block(n);
    return n === block?.head ? { block, open: this.#opened.has(block.first) } : undefined;
  }

  isOpen({ first }: Block): boolean {
    return this.#opened.has(first);
  }

  /** Opens or closes the block that begins with line `first`. */
  toggle(first: number): void {
    if (!this.#opened.delete(first)) this.#opened.add(first);
  }
}
