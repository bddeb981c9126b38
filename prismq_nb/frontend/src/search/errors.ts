/**
 * The errors of one log as records: their positions, for the marks beside the scroll bar, and the
 * one that the user navigated to last. Knows no DOM.
 */

import { levelCounts } from "../base/records.js";
import type { RunStore } from "../stream/store.js";
import type { ErrorStop } from "./error-steps.js";
import { QueryResults } from "./query-results.js";
import { ERRORS, errorsOf } from "./search-query.js";

/**
 * Interval (ms) at which a growing log is searched for errors; there is one such search per viewer.
 */
const INTERVAL_MS = 2_000;

/** Position among the errors. */
export interface ErrorPlace {
  /** Indices of the first and last error in its row, from 0; undefined: not counted yet. */
  readonly indices: readonly [first: number, last: number] | undefined;
  readonly total: number;
  /** Whether `total` is final. */
  readonly complete: boolean;
}

export class Errors {
  readonly #run: string;
  readonly #store: RunStore;
  readonly #changed: () => void;
  #results: QueryResults | undefined;
  #stop: ErrorStop | undefined;
  #indices: readonly [first: number, last: number] | undefined;
  #isCounting = false;

  /** @param changed called when a redraw is needed. */
  constructor(run: string, store: RunStore, changed: () => void) {
    this.#run = run;
    this.#store = store;
    this.#changed = changed;
  }

  /** The search for errors; undefined: there are none, or none was started. */
  get search(): QueryResults["search"] | undefined {
    return this.#results?.search;
  }

  dispose(): void {
    this.#results?.dispose();
  }

  /** Search the lines that arrived. */
  advance(): void {
    const query = errorsOf(undefined);
    if (!query || !this.#total) return;
    const { buffer } = this.#store;
    const held = (line: number): ReturnType<typeof buffer.get> => buffer.get(line);
    this.#results ??= new QueryResults(
      this.#run,
      { ...query, records: true },
      held,
      this.#changed,
      INTERVAL_MS,
    );
    this.#results.search.advance(buffer.total);
  }

  /** Record that the user navigated to an error. */
  arrive(stop: ErrorStop): void {
    this.#stop = stop;
    this.#indices = undefined;
    this.#count();
  }

  /**
   * Return the position among the errors; undefined: the user is elsewhere.
   *
   * @param current the line that the user navigated to last, of whatever kind.
   */
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

  /** Determine the indices as soon as the search has reached the lines. */
  #count(): void {
    const [stop, results] = [this.#stop, this.#results];
    if (!stop || !results || this.#isCounting || results.search.searched <= stop.records[1]) return;
    this.#isCounting = true;
    const [first, last] = stop.records;
    void Promise.all([
      results.jump.indexOf(first),
      last === first ? undefined : results.jump.indexOf(last),
    ])
      .then(([one, other]) => {
        if (this.#stop === stop && one !== undefined) this.#indices = [one, other ?? one];
      })
      .catch(() => undefined) // the next render tries again
      .finally(() => {
        this.#isCounting = false;
        this.#changed();
      });
  }
}
