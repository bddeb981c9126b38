/**
 * Step from an error of a log to the next or previous one. Each step is one record: a traceback of
 * 155 lines, or one that was repeated nine times and is folded into one row. Knows no DOM.
 */

import type { Lines } from "../base/line-selection.js";
import { lineAfter, lineBefore } from "./hit-jump.js";
import type { FetchLines } from "./hit-lines.js";
import { parametersOf, type SearchQuery } from "./search-query.js";

/** Maximum number of folded traces that one step skips, so that a step always ends. */
const MAX_FOLDS = 50;

/** Target of a step. */
export interface ErrorStop {
  /** The line to go to: the first of the error that the list shows. */
  readonly line: number;
  /** First lines of its record, and of the last record folded into the same row. */
  readonly records: Lines;
  /** The step wrapped around at the end of the log. */
  readonly wrapped: boolean;
}

export interface StepFrom {
  /** -1: before the first line; `Infinity`: after the last. */
  readonly line: number;
  /** The user is at an error there; otherwise it is the position of the list. */
  readonly isStop: boolean;
}

/** Return the folded trace that hides a line or is part of its record; undefined: none. */
export type FoldOf = (record: number, direction: 1 | -1) => Promise<Lines | undefined>;

export class ErrorSteps {
  readonly #fetch: FetchLines;
  readonly #foldOf: FoldOf;
  readonly #signal: AbortSignal;
  readonly #records: string;
  /** Parameters for the error lines that the list shows, if it does not show all of them. */
  readonly #shown: string | undefined;

  /** @param query the errors to step through. */
  constructor(fetch: FetchLines, query: SearchQuery, foldOf: FoldOf, signal: AbortSignal) {
    this.#fetch = fetch;
    this.#foldOf = foldOf;
    this.#signal = signal;
    this.#records = parametersOf({ ...query, text: "", records: true });
    this.#shown = query.text ? parametersOf(query) : undefined;
  }

  /**
   * Step from `from`.
   *
   * @param total number of lines of the log.
   * @returns undefined: there are no errors.
   */
  async step(from: StepFrom, direction: 1 | -1, total: number): Promise<ErrorStop | undefined> {
    const search = this.#shown === undefined ? this.#byRecord : this.#byLine;
    const stop = await search.call(this, { ...from, line: Math.min(from.line, total) }, direction);
    if (stop) return stop;
    const end = { line: direction > 0 ? -1 : total, isStop: false };
    const other = await search.call(this, end, direction);
    return other && { ...other, wrapped: from.line >= 0 && from.line < total };
  }

  async #byRecord({ line: from }: StepFrom, direction: 1 | -1): Promise<ErrorStop | undefined> {
    let at = from;
    for (let folds = 0; folds < MAX_FOLDS; folds++) {
      const record = direction > 0 ? await this.#after(at) : await this.#before(at);
      if (record === undefined) return undefined;
      const near = await this.#foldOf(record, direction);
      const head = near ? ((await this.#before(near[0] + 1)) ?? record) : record;
      const fold = head > record ? undefined : near; // otherwise it belongs to the next record
      const first = Math.min(head, record);
      if (direction > 0 ? first > from : first < from) {
        const last = (fold && (await this.#before(fold[1] + 1))) ?? first;
        return { line: first, records: [first, Math.max(first, last)], wrapped: false };
      }
      at = direction > 0 ? Math.max(record, fold?.[1] ?? record) : first;
    }
    return undefined;
  }

  /** Step in a list that shows only some lines of errors, which may all belong to one record. */
  async #byLine(
    { line: from, isStop }: StepFrom,
    direction: 1 | -1,
  ): Promise<ErrorStop | undefined> {
    const here = isStop ? await this.#before(from + 1) : undefined;
    const line =
      direction > 0 ? await this.#shownAfter(from, here) : await this.#shownBefore(here ?? from);
    if (line === undefined) return undefined;
    const record = (await this.#before(line + 1)) ?? line;
    return { line, records: [record, record], wrapped: false };
  }

  /** @param here the record of the current position. */
  async #shownAfter(from: number, here: number | undefined): Promise<number | undefined> {
    const line = await this.#after(from, this.#shown);
    if (line === undefined || here === undefined || (await this.#before(line + 1)) !== here)
      return line;
    const next = await this.#after(from);
    return next === undefined ? undefined : this.#after(next - 1, this.#shown);
  }

  /** Return the first line of the last record before a line. */
  async #shownBefore(line: number): Promise<number | undefined> {
    const last = await this.#before(line, this.#shown);
    const record = last === undefined ? undefined : await this.#before(last + 1);
    return record === undefined ? last : this.#after(record - 1, this.#shown);
  }

  #after(line: number, filter = this.#records): Promise<number | undefined> {
    return lineAfter(line, filter, this.#fetch, this.#signal);
  }

  #before(line: number, filter = this.#records): Promise<number | undefined> {
    return lineBefore(line, 0, filter, this.#fetch, this.#signal);
  }
}
