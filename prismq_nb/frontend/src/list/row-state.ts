/**
 * State of the rows of one viewer: which tracebacks, JSON records and long lines are open. Knows
 * lines, not elements.
 *
 * Separate from the row elements, which are created and removed while scrolling. The number of
 * whole lines held is bounded.
 */

import { messageOf } from "../base/format.js";
import { lineNumber } from "../base/line-numbers.js";
import type { Line } from "../base/protocol.js";
import { Folds, type Get } from "../folding/fold.js";
import { TraceFrames } from "../folding/trace-frames.js";
import { Unfinished } from "../folding/unfinished.js";
import type { Frame } from "../folding/user-frames.js";
import type { FetchPage } from "../stream/fetch.js";
import { type JsonRecord, recordOf } from "../text/json-record.js";
import { looksLikeJson } from "../text/json-text.js";
import { KnownFields } from "../text/known-fields.js";
import { answerOf } from "../text/prompt-answers.js";
import { type Earlier, EarlierFrames, type FetchFrames } from "./earlier-frames.js";

/** Long lines held in full; the oldest is dropped first. A line has at most 1 MiB. */
const MAX_WHOLE = 8;
const MAX_JSON = 200;

export interface RowEvents {
  /** Working directory of the run; undefined: unknown, perhaps only for now. */
  folder(): string | undefined;
  /** A redraw is needed. */
  changed(): void;
  /** An action failed; `text` is a sentence for people. */
  problem(text: string): void;
  /** The user opened or closed something, so the list should stop following. */
  touched(): void;
  /** Whether folding is on. */
  folding(): boolean;
  frames: FetchFrames;
  /** Whether all lines are shown, so that neighbours are adjacent. */
  unfiltered(): boolean;
}

export class RowState {
  readonly folds: Folds;
  readonly unfinished = new Unfinished();
  readonly fields = new KnownFields();
  #foldsOutdated = true;
  readonly #run: string;
  readonly #get: Get;
  readonly #fetchPage: FetchPage;
  readonly #changed: () => void;
  readonly #problem: (text: string) => void;
  readonly #touched: () => void;
  readonly #folding: () => boolean;
  readonly #earlier: EarlierFrames;
  readonly #frames: TraceFrames;
  readonly #unfiltered: () => boolean;
  readonly #json = new Set<number>();
  /** Whole text by line number; undefined while it is being fetched. */
  readonly #whole = new Map<number, string | undefined>();

  constructor(run: string, get: Get, fetchPage: FetchPage, events: RowEvents) {
    const { changed, problem, touched, folding, frames, unfiltered, folder } = events;
    this.#run = run;
    this.#get = get;
    this.#fetchPage = fetchPage;
    this.#changed = changed;
    this.#problem = problem;
    this.#touched = touched;
    this.#folding = folding;
    this.#earlier = new EarlierFrames(frames);
    this.#unfiltered = unfiltered;
    this.folds = new Folds(get);
    this.#frames = new TraceFrames(this.folds, get, folder);
  }

  /** Mark the folds as outdated; call this when lines were added or dropped. */
  invalidateFolds(): void {
    this.#foldsOutdated = true;
  }

  /** Bring the folds up to date with a log of `total` lines. */
  updateFolds(total: number): void {
    if (this.#foldsOutdated) this.folds.update(total);
    this.#foldsOutdated = false;
  }

  /** Whether a line is folded and has no height. */
  isHidden(n: number): boolean {
    return this.#folding() && this.folds.isHidden(n);
  }

  /**
   * Whether the log ends with folded progress bars, which the unfinished text continues to redraw.
   */
  endsWithRedraw(): boolean {
    return this.#folding() && this.folds.endsWithRedraw();
  }

  /** Whether a line belongs to those progress bars. */
  isInLastRedraw(n: number): boolean {
    return this.#folding() && this.folds.isInLastRedraw(n);
  }

  /** Open the block that hides a line. */
  reveal(n: number): void {
    if (this.isHidden(n)) this.folds.toggle(this.folds.block(n)?.first ?? n);
  }

  /** The answer shown in the row of a prompt; undefined: none. */
  answer(line: Line): Line | undefined {
    return this.#unfiltered() ? answerOf(line, this.#get) : undefined;
  }

  /** Timestamp of the previous line, µs since the epoch; undefined: unknown. */
  previous(n: number): number | undefined {
    return this.#get(n - 1)?.stamp;
  }

  /** The text of a line, whole if it was fetched. */
  text(line: Line): string {
    return this.#whole.get(line.n) ?? line.text;
  }

  /** `sgrOf` the style that a line begins with, as far as known. */
  pen({ n, pen }: Line): string {
    return pen ?? this.#get(n)?.pen ?? "";
  }

  /** Number of earlier drawings of a line, and those that are open. */
  earlier({ n, drawn }: Line): {
    readonly updates: number;
    readonly state: "closed" | "fetching" | "open";
    readonly shown: Earlier | undefined;
  } {
    const [count, row] = drawn ?? this.#get(n)?.drawn ?? [0, 0];
    const updates = row === 0 ? count : 0; // otherwise they may belong to another row
    return { updates, state: this.#earlier.state(n), shown: this.#earlier.of(n) };
  }

  async toggleEarlier(n: number): Promise<void> {
    this.#touched();
    try {
      await this.#earlier.toggle(n, this.#changed);
    } catch (error) {
      this.#problem(
        `Could not load the earlier updates of line ${lineNumber(n)}: ${messageOf(error)}`,
      );
    }
  }

  isJson(line: Line): boolean {
    return looksLikeJson(this.text(line));
  }

  /** The JSON record of a line; undefined: it is not one, or its row shows something else. */
  record(line: Line): JsonRecord | undefined {
    const text = this.text(line);
    if (
      line.length > line.text.length ||
      text.includes("\x1b") ||
      this.earlier(line).shown ||
      this.answer(line)
    )
      return undefined;
    const record = looksLikeJson(text) ? recordOf(text) : undefined;
    if (record) this.fields.add(record);
    return record;
  }

  isJsonOpen(n: number): boolean {
    return this.#json.has(n);
  }

  /**
   * `short`: the line is complete; `cut`: it is truncated; `fetching`; `whole`: its whole text was
   * fetched.
   */
  extent(line: Line): "short" | "cut" | "fetching" | "whole" {
    if (line.length <= line.text.length) return "short";
    if (!this.#whole.has(line.n)) return "cut";
    return this.#whole.get(line.n) === undefined ? "fetching" : "whole";
  }

  toggleFold(first: number): void {
    this.#touched();
    this.folds.toggle(first);
    this.#changed();
  }

  toggleJson(n: number): void {
    this.#touched();
    if (!this.#json.delete(n)) this.#json.add(n);
    for (const oldest of [...this.#json].slice(0, -MAX_JSON)) this.#json.delete(oldest);
    this.#changed();
  }

  /** Fetch the whole line, or go back to its beginning. */
  async toggleWhole(n: number): Promise<void> {
    this.#touched();
    if (this.#whole.delete(n)) {
      this.#changed();
      return;
    }
    this.#whole.set(n, undefined);
    this.#changed();
    try {
      const page = await this.#fetchPage(this.#run, `after=${n - 1}&limit=1`);
      const log = page.logs[0];
      if (!log || log.line !== n) throw new Error("the server did not send it");
      if (this.#whole.has(n)) this.#whole.set(n, log.message);
      for (const oldest of [...this.#whole.keys()].slice(0, -MAX_WHOLE)) this.#whole.delete(oldest);
    } catch (error) {
      this.#whole.delete(n);
      this.#problem(`Could not load line ${lineNumber(n)}: ${messageOf(error)}`);
    }
    this.#changed();
  }

  /** The fold that begins in line `n`; undefined: none. */
  fold(n: number): ReturnType<Folds["button"]> {
    return this.#folding() ? this.folds.button(n) : undefined;
  }

  /** The frame of the user's own code to show beside the exception of a folded trace. */
  frame(n: number): Frame | undefined {
    return this.#folding() ? this.#frames.at(n) : undefined;
  }

  /** Key of everything that the row of a line shows besides the line. */
  key(line: Line): string {
    const button = this.fold(line.n);
    const fold = button ? ` ${button.block.last}x${button.block.repeats}${button.open}` : "";
    const frame = this.frame(line.n);
    const origin = frame ? ` o${frame.path}:${frame.line}` : "";
    const extent = this.extent(line);
    const { updates, state } = this.earlier(line);
    const earlier = updates ? ` u${updates}${state}` : "";
    const answer = this.answer(line) ? "a" : "";
    const json = this.#json.has(line.n) ? "j" : "";
    const full = extent === "short" || extent === "cut" ? "" : extent;
    return fold + origin + earlier + answer + json + full;
  }
}
