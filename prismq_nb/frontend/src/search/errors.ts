/**
 * The errors of one log as records: where they are, for the marks beside the scroll bar, and which
 * of them the person went to last. Knows no DOM.
 */

import type { ErrorStop } from "./error-steps.js";
import { Found } from "./found.js";
import { levelCounts } from "../base/records.js";
import { ERRORS, errorsOf } from "./search-query.js";
import type { RunStore } from "../stream/store.js";

/** They follow a log that grows this slowly (ms): there is one such search a viewer. */
const PACE_MS = 2_000;

/** Which of the errors is shown. */
export interface ErrorPlace {
  /** The first that stands in its row and the last, from 0; undefined: not counted yet. */
  readonly indices: readonly [first: number, last: number] | undefined;
  readonly total: number;
  /** There may be more of them. */
  readonly complete: boolean;
}

export class Errors {
  readonly #run: string;
  readonly #store: RunStore;
  readonly #changed: () => void;
  #found: Found | undefined;
  #stop: ErrorStop | undefined;
  #indices: readonly [first: number, last: number] | undefined;
  #isCounting = false;

  /** @param changed there is news. */
  constructor(run: string, store: RunStore, changed: () => void) {
    this.#run = run;
    this.#store = store;
    this.#changed = changed;
  }

  /** Where they are, as far as known; undefined: there are none, or nobody wanted to know. */
  get search(): Found["search"] | undefined {
    return this.#found?.search;
  }

  dispose(): void {
    this.#found?.dispose();
  }

  /** Looks at what came. */
  advance(): void {
    const query = errorsOf(undefined);
    if (!query || !this.#total) return;
    const { buffer } = this.#store;
    const held = (line: number): ReturnType<typeof buffer.get> => buffer.get(line);
    this.#found ??= new Found(this.#run, { ...query, records: true }, held, this.#changed, PACE_MS);
    this.#found.search.advance(buffer.total);
  }

  /** The person went to that one. */
  arrive(stop: ErrorStop): void {
    this.#stop = stop;
    this.#indices = undefined;
    this.#count();
  }

  /** @param current the line that the person went to last, whatever it is. */
  place(current: number | undefined): ErrorPlace | undefined {
    const stop = this.#stop;
    if (!stop || current !== stop.line) return undefined;
    if (!this.#indices) this.#count();
    const { complete } = this.#counts[0] ?? { complete: false };
    const total = Math.max(this.#total, (this.#indices?.[1] ?? 0) + 1);
    return { indices: this.#indices, total, complete };
  }

  get #counts(): ReturnType<typeof levelCounts> {
    return levelCounts(this.#store.status).filter(({ level }) => ERRORS.includes(level));
  }

  get #total(): number {
    return this.#counts.reduce((sum, { records }) => sum + records, 0);
  }

  /** Says which ones they are as soon as the search has come there. */
  #count(): void {
    const [stop, found] = [this.#stop, this.#found];
    if (!stop || !found || this.#isCounting || found.search.searched <= stop.records[1]) return;
    this.#isCounting = true;
    const [first, last] = stop.records;
    void Promise.all([found.jump.indexOf(first), last === first ? undefined : found.jump.indexOf(last)])
      .then(([one, other]) => {
        if (this.#stop === stop && one !== undefined) this.#indices = [one, other ?? one];
      })
      .catch(() => undefined) // it is asked for again
      .finally(() => {
        this.#isCounting = false;
        this.#changed();
      });
  }
}
