/**
 * One search through the whole log, continued as the log grows: the number of matching lines and
 * their positions.
 *
 * The line numbers of the first hits are all sent, then only every 256th, so that a hundred million
 * hits cost no more than a few thousand. On request, the lines of the first and of the newest hits
 * are included; others are fetched by `hit-lines.ts`. Knows no DOM.
 */

import { failureOf, mayBeDisconnected } from "../api/failure.js";
import { pause, Retries } from "../base/backoff.js";
import { HitSamples } from "./hit-samples.js";
import { parametersOf, type SearchQuery } from "./search-query.js";
import { acquireSearchSlot } from "./search-slots.js";
import { type HitNumbers, readHits, type SearchEnd, type SearchEvents } from "./search-stream.js";

/** Hits whose line numbers are all known; of the following, one in `STRIDE`. */
export const EXACT_HITS = 20_000;
export const STRIDE = 256;
/** Minimum interval (ms) between two searches of a growing log. */
const INTERVAL_MS = 250;
const BAD_REQUEST = 400;

/** Open a search; `query` are URL parameters. Rejects with `Failure` on an error response. */
export type OpenSearch = (query: string, signal: AbortSignal) => Promise<Response>;

export class HitSearch {
  readonly query: SearchQuery;
  /** Same for searches that match the same lines. */
  readonly key: string;
  readonly samples = new HitSamples();
  /** Number of first and of newest hits whose lines are included. */
  withLines = 0;
  /** Receives these lines. */
  onLines: Pick<SearchEvents, "lines" | "newest"> | undefined;
  /** Number of matching lines found so far. */
  hits = 0;
  /** Number of lines searched so far. */
  searched = 0;
  /** Number of lines of the log, as far as known here. */
  total = 0;
  /** Whether the whole log was searched once. */
  ready = false;
  /** Message of the failure that stopped the search, if any. */
  error: string | undefined;
  /** Whether the connection failed, which the viewer reports elsewhere. */
  isConnectionLost = false;
  /** Whether the server rejected the query, for example because the pattern is invalid. */
  isRejected = false;

  readonly #open: OpenSearch;
  readonly #changed: () => void;
  readonly #intervalMs: number;
  readonly #end = new AbortController();
  readonly #retries = new Retries();
  #busy = false;
  #hasBegun = false;
  #awaitsLines = false;

  /**
   * @param changed called when a redraw is needed.
   * @param intervalMs minimum interval between two searches of a growing log, in ms.
   */
  constructor(query: SearchQuery, open: OpenSearch, changed: () => void, intervalMs = INTERVAL_MS) {
    this.query = query;
    this.key = parametersOf(query);
    this.#open = open;
    this.#changed = changed;
    this.#intervalMs = intervalMs;
  }

  /** From 0 to 1. */
  get progress(): number {
    return this.total ? Math.min(1, this.searched / this.total) : 1;
  }

  /** Whether no further results are expected soon. */
  get isOver(): boolean {
    return this.isRejected || this.error !== undefined || this.#end.signal.aborted;
  }

  /** Whether a request was sent. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Whether lines of known hits are still being sent. */
  get awaitsLines(): boolean {
    return this.#awaitsLines;
  }

  dispose(): void {
    this.#end.abort();
  }

  /** Search new lines of a log that has `total` lines now. Cheap if there are none. */
  advance(total: number): void {
    this.total = Math.max(this.total, total);
    if (!this.#busy && this.#isBehind()) void this.#run();
  }

  #isBehind(): boolean {
    return (
      !this.isRejected && !this.#end.signal.aborted && (!this.ready || this.searched < this.total)
    );
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#isBehind()) {
      const begin = performance.now();
      let wait = this.ready ? this.#intervalMs : 0;
      const release = await acquireSearchSlot();
      try {
        if (this.#isBehind()) await this.#pass();
        wait = this.ready ? Math.max(this.#intervalMs, performance.now() - begin) : 0;
      } catch (error) {
        wait = this.#failed(error);
      } finally {
        release();
      }
      if (this.#end.signal.aborted) return;
      this.#changed();
      if (this.error !== undefined) await pause(wait);
      else if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
    }
    this.#busy = false;
  }

  /** Search the remaining lines once. */
  async #pass(): Promise<void> {
    const [base, from] = [this.hits, this.searched];
    const { signal } = this.#end;
    const exact = Math.max(0, EXACT_HITS - base);
    const lines = this.withLines ? `&with_lines=${this.withLines}` : "";
    const query = `${this.key}&after=${from - 1}&every=${STRIDE}&exact=${exact}${lines}`;
    this.#hasBegun = true;
    try {
      const end = await readHits(await this.#open(query, signal), {
        snapshot: (total) => {
          this.total = Math.max(this.total, total);
        },
        hits: (found) => this.#take(found, base, exact),
        lines: (page) => {
          this.#awaitsLines = false;
          this.onLines?.lines(page);
          this.#changed();
        },
        newest: (page) => {
          this.onLines?.newest(page);
          this.#changed();
        },
      });
      this.#complete(end, base);
    } catch (error) {
      this.#awaitsLines = false;
      this.samples.cut(base);
      [this.hits, this.searched] = [base, from];
      throw error;
    }
  }

  /** @param exact number of first hits of this pass whose line numbers are all sent. */
  #take({ lines, hits, lines_done }: HitNumbers, base: number, exact: number): void {
    let index = this.hits - base;
    this.#awaitsLines = index < this.withLines && lines.length > 0;
    for (const line of lines) {
      if (index >= exact) index = Math.ceil(index / STRIDE) * STRIDE;
      this.samples.add(base + index++, line);
    }
    this.hits = base + hits;
    this.searched = Math.max(this.searched, lines_done, (lines.at(-1) ?? -1) + 1);
    this.error = undefined;
    this.#retries.reset();
    this.#changed();
  }

  #complete({ hits, lines }: SearchEnd, base: number): void {
    this.hits = base + hits;
    this.searched = lines;
    this.total = Math.max(this.total, lines);
    this.ready = true;
    this.#awaitsLines = false;
    this.error = undefined;
    this.#retries.reset();
  }

  /** Record a failure; return the wait before the next try, in ms. */
  #failed(error: unknown): number {
    const failure = failureOf(error);
    this.isRejected = failure.status === BAD_REQUEST;
    this.error = this.isRejected ? failure.detail : failure.message;
    this.isConnectionLost = mayBeDisconnected(failure);
    return this.isRejected ? 0 : this.#retries.next(failure.retryAfterMs);
  }
}
