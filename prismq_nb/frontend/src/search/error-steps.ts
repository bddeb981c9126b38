/**
 * From an error of a log to the next, or to the one before, each of them one record: a traceback of
 * 155 lines is one step, and so is one that came nine times in a row and is folded into one. Knows
 * no DOM.
 */

import { lineAfter, lineBefore } from "./hit-jump.js";
import type { FetchLines } from "./hits.js";
import type { Lines } from "../base/line-selection.js";
import { parametersOf, type SearchQuery } from "./search-query.js";

/** Folded traces that one step passes, at most: what a list hides may never keep it from ending. */
const MOST_FOLDS = 50;

/** Where a step led. */
export interface ErrorStop {
  /** The line to go to: the first of the error's that the list shows. */
  readonly line: number;
  /** The first line of its record, and of the last one that is folded into the same row. */
  readonly records: Lines;
  /** It went round at the end of the log. */
  readonly wrapped: boolean;
}

export interface StepFrom {
  /** -1: before the first line; `Infinity`: behind the last. */
  readonly line: number;
  /** The person is there, at an error; else it is where the list happens to stand. */
  readonly isStop: boolean;
}

/** The folded trace that hides a line or stands in its record; undefined: there is none. */
export type FoldOf = (record: number, direction: 1 | -1) => Promise<Lines | undefined>;

export class ErrorSteps {
  readonly #fetch: FetchLines;
  readonly #foldOf: FoldOf;
  readonly #signal: AbortSignal;
  readonly #records: string;
  /** The lines that the list shows of errors, where it does not show all of them. */
  readonly #shown: string | undefined;

  /** @param query the errors that are looked for. */
  constructor(fetch: FetchLines, query: SearchQuery, foldOf: FoldOf, signal: AbortSignal) {
    this.#fetch = fetch;
    this.#foldOf = foldOf;
    this.#signal = signal;
    this.#records = parametersOf({ ...query, text: "", records: true });
    this.#shown = query.text ? parametersOf(query) : undefined;
  }

  /** @param total lines of the log. @returns undefined: there is no error at all. */
  async step(from: StepFrom, direction: 1 | -1, total: number): Promise<ErrorStop | undefined> {
    const walk = this.#shown === undefined ? this.#byRecord : this.#byLine;
    const found = await walk.call(this, { ...from, line: Math.min(from.line, total) }, direction);
    if (found) return found;
    const end = { line: direction > 0 ? -1 : total, isStop: false };
    const other = await walk.call(this, end, direction);
    return other && { ...other, wrapped: from.line >= 0 && from.line < total };
  }

  async #byRecord({ line: from }: StepFrom, direction: 1 | -1): Promise<ErrorStop | undefined> {
    let at = from;
    for (let folds = 0; folds < MOST_FOLDS; folds++) {
      const record = direction > 0 ? await this.#after(at) : await this.#before(at);
      if (record === undefined) return undefined;
      const near = await this.#foldOf(record, direction);
      const head = near ? ((await this.#before(near[0] + 1)) ?? record) : record;
      const fold = head > record ? undefined : near; // else it is the next record's
      const first = Math.min(head, record);
      if (direction > 0 ? first > from : first < from) {
        const last = (fold && (await this.#before(fold[1] + 1))) ?? first;
        return { line: first, records: [first, Math.max(first, last)], wrapped: false };
      }
      at = direction > 0 ? Math.max(record, fold?.[1] ?? record) : first;
    }
    return undefined;
  }

  /** In a list that shows some lines of errors only, which may all continue a record. */
  async #byLine({ line: from, isStop }: StepFrom, direction: 1 | -1): Promise<ErrorStop | undefined> {
    const here = isStop ? await this.#before(from + 1) : undefined;
    const line = direction > 0 ? await this.#shownAfter(from, here) : await this.#shownBefore(here ?? from);
    if (line === undefined) return undefined;
    const record = (await this.#before(line + 1)) ?? line;
    return { line, records: [record, record], wrapped: false };
  }

  /** @param here the record that the person is in. */
  async #shownAfter(from: number, here: number | undefined): Promise<number | undefined> {
    const line = await this.#after(from, this.#shown);
    if (line === undefined || here === undefined || (await this.#before(line + 1)) !== here) return line;
    const next = await this.#after(from);
    return next === undefined ? undefined : this.#after(next - 1, this.#shown);
  }

  /** The first line of the last record before a line. */
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
