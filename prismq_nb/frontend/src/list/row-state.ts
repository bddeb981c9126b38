/**
 * What a person opened in the rows of one viewer: tracebacks, JSON, long lines; and which lines are selected. Knows lines, not elements.
 *
 * Apart from the rows themselves, which come and go while one scrolls. What is fetched in full is bounded.
 */

import { answerOf } from "../text/answers.js";
import { type Earlier, EarlierFrames, type FetchFrames } from "./earlier-frames.js";
import { Folds, type Get } from "../folding/fold.js";
import { type JsonRecord, recordOf } from "../text/json-record.js";
import { TraceFrames } from "../folding/trace-frames.js";
import { looksLikeJson } from "../text/json-text.js";
import { KnownFields } from "../text/known-fields.js";
import { lineNumber } from "../base/line-numbers.js";
import type { Line } from "../base/protocol.js";
import { Unfinished } from "../folding/unfinished.js";
import type { Frame } from "../folding/user-frames.js";
import type { FetchPage } from "../stream/fetch.js";

/** Long lines held in full; the oldest goes first. A line has 1 MiB at most. */
const MAX_WHOLE = 8;
const MAX_JSON = 200;

export interface RowEvents {
  /** The folder in which the run was started; undefined: not known, perhaps later. */
  folder(): string | undefined;
  /** Rows have to be drawn anew. */
  changed(): void;
  /** Something could not be done; a sentence for people. */
  problem(text: string): void;
  /** The person opened or closed something and wants to stay there. */
  touched(): void;
  /** Whether anything is folded at all. */
  folding(): boolean;
  frames: FetchFrames;
  /** Whether all lines are shown. */
  whole(): boolean;
}

export class RowState {
  readonly folds: Folds;
  readonly unfinished = new Unfinished();
  readonly fields = new KnownFields();
  #news = true;
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
  /** Line number -> its whole text; undefined while it is fetched. */
  readonly #whole = new Map<number, string | undefined>();

  constructor(run: string, get: Get, fetchPage: FetchPage, events: RowEvents) {
    const { changed, problem, touched, folding, frames, whole, folder } = events;
    this.#run = run;
    this.#get = get;
    this.#fetchPage = fetchPage;
    this.#changed = changed;
    this.#problem = problem;
    this.#touched = touched;
    this.#folding = folding;
    this.#earlier = new EarlierFrames(frames);
    this.#unfiltered = whole;
    this.folds = new Folds(get);
    this.#frames = new TraceFrames(this.folds, get, folder);
  }

  /** To be called when lines came or went. */
  renew(): void {
    this.#news = true;
  }

  /** Finds what can be folded in a log of `total` lines, anew if there was news. */
  look(total: number): void {
    if (this.#news) this.folds.renew(total);
    this.#news = false;
  }

  /** Whether a line takes no height. */
  isHidden(n: number): boolean {
    return this.#folding() && this.folds.isHidden(n);
  }

  /** Whether the log ends with folded bars, over which the unfinished text goes on drawing. */
  endsDrawn(): boolean {
    return this.#folding() && this.folds.endsDrawn();
  }

  /** Whether a line is of such bars. */
  isLast(n: number): boolean {
    return this.#folding() && this.folds.isLast(n);
  }

  /** Opens what a line is folded into. */
  reveal(n: number): void {
    if (this.isHidden(n)) this.folds.toggle(this.folds.block(n)?.first ?? n);
  }

  /** What stands behind a question in its row; undefined: nothing. */
  answer(line: Line): Line | undefined {
    return this.#unfiltered() ? answerOf(line, this.#get) : undefined;
  }

  /** Stamp of the line before, µs since the epoch; undefined: not known. */
  previous(n: number): number | undefined {
    return this.#get(n - 1)?.stamp;
  }

  /** The text of a line as far as it is here. */
  text(line: Line): string {
    return this.#whole.get(line.n) ?? line.text;
  }

  /** `sgrOf` the colours that a line begins with, as far as they are known. */
  pen({ n, pen }: Line): string {
    return pen ?? this.#get(n)?.pen ?? "";
  }

  /** What was drawn on a line before, and how often, and whether it is shown now. */
  earlier({ n, drawn }: Line): { readonly updates: number; readonly state: "closed" | "fetching" | "open"; readonly shown: Earlier | undefined } {
    const [count, row] = drawn ?? this.#get(n)?.drawn ?? [0, 0];
    const updates = row === 0 ? count : 0; // else they are, or may be, of another row
    return { updates, state: this.#earlier.state(n), shown: this.#earlier.of(n) };
  }

  async toggleEarlier(n: number): Promise<void> {
    this.#touched();
    try {
      await this.#earlier.toggle(n, this.#changed);
    } catch (error) {
      this.#problem(`Could not load the earlier updates of line ${lineNumber(n)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  isJson(line: Line): boolean {
    return looksLikeJson(this.text(line));
  }

  /** The JSON record that a line is; undefined: it is none, or its row shows something else. */
  record(line: Line): JsonRecord | undefined {
    const text = this.text(line);
    if (line.length > line.text.length || text.includes("\x1b") || this.earlier(line).shown || this.answer(line)) return undefined;
    const record = looksLikeJson(text) ? recordOf(text) : undefined;
    if (record) this.fields.see(record);
    return record;
  }

  isJsonOpen(n: number): boolean {
    return this.#json.has(n);
  }

  /** `cut`: there is more of the line; `fetching`; `whole`: it was fetched; `short`: it always was. */
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

  /** Fetches the whole line, or goes back to its beginning. */
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
      this.#problem(`Could not load line ${lineNumber(n)}: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#changed();
  }

  /** What the button of a fold says; undefined: the line has none. */
  fold(n: number): ReturnType<Folds["button"]> {
    return this.#folding() ? this.folds.button(n) : undefined;
  }

  /** The frame of the person's own code that stands beside the exception of a folded trace. */
  frame(n: number): Frame | undefined {
    return this.#folding() ? this.#frames.at(n) : undefined;
  }

  /** What, besides the line itself, its row shows. */
  key(line: Line): string {
    const button = this.fold(line.n);
    const fold = button ? ` ${button.block.last}x${button.block.repeats}${button.open}` : "";
    const frame = this.frame(line.n);
    const origin = frame ? ` o${frame.path}:${frame.line}` : "";
    const extent = this.extent(line);
    const { updates, state } = this.earlier(line);
    const earlier = updates ? ` u${updates}${state}` : "";
    const answer = this.answer(line) ? "a" : "";
    return `${fold}${origin}${earlier}${answer}${this.#json.has(line.n) ? "j" : ""}${extent === "short" || extent === "cut" ? "" : extent}`;
  }
}
