/**
 * Find the lines to fold: all but the head and the exception of a traceback, all but the newest
 * drawing of progress bars. Pure.
 *
 * Scans a window of line numbers with a bounded margin around it, so the cost is the same anywhere
 * in a log of any length, and the blocks found are the same for any window, because no block is
 * longer than the margin.
 */

import type { Line, Stream } from "../base/protocol.js";
import { plain } from "../text/terminal-text.js";
import { type Drawing, drawingOf, redrawAt } from "./fold-redraws.js";
import { MAX_TRACE_LINES, type Trace, traceAt } from "./fold-traces.js";

export interface Block {
  readonly kind: "trace" | "redraw";
  /** Its first and last line. */
  readonly first: number;
  readonly last: number;
  /** The stream of its lines; lines of the other may be interleaved with those of bars. */
  readonly stream: Stream;
  /** Lines that stay visible when it is folded, in order. */
  readonly shown: readonly number[];
  /** The line with the button: the one whose older drawings are folded, or a trace's first line. */
  readonly head: number;
  /** Number of consecutive repetitions of the trace. */
  readonly repeats: number;
  /** Number of lines of one trace, or of all drawings of the bars. */
  readonly size: number;
}

export type Get = (n: number) => Line | undefined;

const STREAMS: readonly Stream[] = ["stdout", "stderr"];
/** Margin read before and after a window, in lines. */
export const MARGIN_LINES = 1_024;
/**
 * Windows are aligned to a multiple of this, so that scrolling by a row does not move the margin.
 */
const STEP_LINES = 256;
/** Minimum number of hidden lines that justifies a button. */
const MIN_HIDDEN: Readonly<Record<Block["kind"], number>> = { trace: 2, redraw: 1 };
/** Maximum lines read per window, so that a hostile log cannot block the page. */
const MAX_READS = 20_000;
/** Maximum number of lines whose block is cached. */
const MAX_KNOWN_LINES = 50_000;
/** Characters of a line that are examined. */
const MAX_TEXT_CHARS = 1_000;
/** Lines of the same log record that may precede the repetition of a trace. */
const RECORD_LINES = 2;

/** Return the blocks that overlap lines `first` to `last` of a log of `total` lines, in order. */
export function findBlocks(get: Get, first: number, last: number, total: number): Block[] {
  const begin = Math.max(0, Math.floor(first / STEP_LINES) * STEP_LINES - MARGIN_LINES);
  const blocks: Block[] = [];
  const ends: Partial<Record<Stream, number>> = {};
  let budget = MAX_READS;
  const read: Get = (n) => (budget-- > 0 ? get(n) : undefined);
  for (let n = begin; n <= last && n < total; n++) {
    const line = read(n);
    if (!line || n <= (ends[line.stream] ?? -1)) continue;
    const block = blockAt(read, line, Math.max(begin, (ends[line.stream] ?? -1) + 1));
    if (!block) continue;
    if (block.last >= first && hidden(block) >= MIN_HIDDEN[block.kind]) blocks.push(block);
    ends[line.stream] = block.last;
  }
  return blocks;
}

/** Return the block that begins at a line, or whose first upward cursor movement is in it. */
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

/** Return the drawing of a line; cached, as it is needed whenever lines arrive. */
function drawnBy(line: Line): Drawing {
  let drawing = drawings.get(line);
  if (!drawing) {
    drawing = drawingOf(line);
    drawings.set(line, drawing);
  }
  return drawing;
}

function hidden({ kind, first, last, shown, size }: Block): number {
  return (kind === "redraw" ? size : last - first + 1) - shown.length;
}

/**
 * Count consecutive repetitions of a trace, each with the same preceding record lines, and find the
 * end of the last.
 */
function repeated(
  first: number,
  { last }: Trace,
  text: (n: number) => string | undefined,
): { last: number; repeats: number } {
  const length = last - first + 1;
  let [end, repeats] = [last, 1];
  while (true) {
    const next = nextSame(first, end, length, text);
    if (next === undefined || next + length - first > MAX_TRACE_LINES)
      return { last: end, repeats };
    end = next + length - 1;
    repeats++;
  }
}

function nextSame(
  first: number,
  end: number,
  length: number,
  text: (n: number) => string | undefined,
): number | undefined {
  for (let between = 0; between <= RECORD_LINES; between++) {
    const head = end + 1 + between;
    if (between && !sameRecord(text(head - between), text(first - between))) return undefined;
    if (same(first, head, length, text)) return head;
  }
  return undefined;
}

function same(
  one: number,
  other: number,
  length: number,
  text: (n: number) => string | undefined,
): boolean {
  for (let i = 0; i < length; i++) {
    const line = text(other + i);
    if (line === undefined || line !== text(one + i)) return false;
  }
  return true;
}

/** Record lines are the same if they differ only in digits (times, counters). */
function sameRecord(one: string | undefined, other: string | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    one.replace(/\d+/g, "0") === other.replace(/\d+/g, "0")
  );
}

/** The blocks of one view, and which of them are open. */
export class Folds {
  readonly #opened = new Set<number>();
  readonly #get: Get;
  /** Block by line number, for lines examined so far; null: none. */
  readonly #blocks = new Map<number, Block | null>();
  /** Ranges that lines still to come can change: last line by first line. */
  readonly #unsettled = new Map<number, number>();
  /** Last line by stream. */
  readonly #last = new Map<Stream, number>();
  #total = 0;

  constructor(get: Get) {
    this.#get = get;
  }

  /** Update to a log of `total` lines: discard the blocks that new lines can change. */
  update(total: number): void {
    for (const [first, last] of this.#unsettled)
      for (let n = first; n <= last; n++) this.#blocks.delete(n);
    this.#unsettled.clear();
    this.#last.clear();
    if (this.#blocks.size > MAX_KNOWN_LINES) this.#blocks.clear();
    this.#total = total;
  }

  /**
   * Return the block of a line; undefined: none. The first call examines a whole range of lines.
   */
  block(n: number): Block | undefined {
    if (!this.#blocks.has(n)) this.#examine(n);
    return this.#blocks.get(n) ?? undefined;
  }

  /**
   * Examine the range of a line. The end of the log is one range, as it is examined repeatedly
   * while lines arrive.
   */
  #examine(n: number): void {
    const end = Math.max(0, Math.floor((this.#total - MARGIN_LINES) / STEP_LINES) * STEP_LINES);
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

  /** Whether a line is folded now. */
  isHidden(n: number): boolean {
    const block = this.block(n);
    return block !== undefined && !this.#opened.has(block.first) && !block.shown.includes(n);
  }

  /**
   * Whether a line belongs to a folded block of progress bars that the output after the last line
   * of its stream continues to redraw.
   */
  isInLastRedraw(n: number): boolean {
    const block = this.block(n);
    if (block?.kind !== "redraw" || this.#opened.has(block.first)) return false;
    return block.last === this.#lastOf(block.stream);
  }

  /** Whether the log ends, in one of its streams, with folded progress bars. */
  endsWithRedraw(): boolean {
    return STREAMS.some(
      (stream) => this.#lastOf(stream) >= 0 && this.isInLastRedraw(this.#lastOf(stream)),
    );
  }

  /** Return the last line of a stream among the newest lines; -1: none. */
  #lastOf(stream: Stream): number {
    const known = this.#last.get(stream);
    if (known !== undefined) return known;
    let n = this.#total - 1;
    const end = Math.max(0, n - MARGIN_LINES);
    while (n >= end && this.#get(n)?.stream !== stream) n--;
    const last = n >= end ? n : -1;
    this.#last.set(stream, last);
    return last;
  }

  /** Return the block whose button is on a line; undefined: none. */
  button(n: number): { readonly block: Block; readonly open: boolean } | undefined {
    const block = this.block(n);
    return n === block?.head ? { block, open: this.#opened.has(block.first) } : undefined;
  }

  isOpen({ first }: Block): boolean {
    return this.#opened.has(first);
  }

  /** Open or close the block that begins with line `first`. */
  toggle(first: number): void {
    if (!this.#opened.delete(first)) this.#opened.add(first);
  }
}
