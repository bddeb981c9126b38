/**
 * One search through the whole log, which goes on as the log grows: how many lines match, and where.
 *
 * All numbers are asked for while there are few; from then on every so maniest, so that a hundred million hits are as cheap as some thousand. Knows no
 * DOM. What the lines say is fetched elsewhere (`hits.ts`).
 */

import { failureOf, isNews } from "../api/failure.js";
import { HitSamples } from "./hits-samples.js";
import { parametersOf, type SearchQuery } from "./search-query.js";
import { type Hits, readHits, type SearchEnd } from "./search-stream.js";
import { takeTurn } from "./search-turns.js";
import { pause, Retries } from "../base/waiting.js";

/** So many hits are known one by one; of those that follow, one of `STRIDE`. */
export const EXACT_HITS = 20_000;
export const STRIDE = 256;
/** Shortest time (ms) from one look at a log that grows to the next. */
const PACE_MS = 250;
const BAD_REQUEST = 400;

/** Opens a search; `query` as in the URL. Rejects with `Failure` on an answer that is none. */
export type OpenSearch = (query: string, signal: AbortSignal) => Promise<Response>;

export class HitSearch {
  readonly query: SearchQuery;
  /** Equal for searches for the same lines. */
  readonly key: string;
  readonly samples = new HitSamples();
  /** Lines found so far. */
  hits = 0;
  /** Lines looked at so far. */
  searched = 0;
  /** Lines of the log, as far as known here. */
  total = 0;
  /** The log was looked through to its end once. */
  ready = false;
  /** Why it does not go on. */
  error: string | undefined;
  /** The connection is why, which the viewer says. */
  away = false;
  /** It never will: the pattern is wrong, for example. */
  hopeless = false;

  readonly #open: OpenSearch;
  readonly #changed: () => void;
  readonly #pace: number;
  readonly #end = new AbortController();
  readonly #retries = new Retries();
  #busy = false;

  /**
   * @param changed there is news.
   * @param pace ms between two looks at a log that grows.
   */
  constructor(query: SearchQuery, open: OpenSearch, changed: () => void, pace = PACE_MS) {
    this.query = query;
    this.key = parametersOf(query);
    this.#open = open;
    this.#changed = changed;
    this.#pace = pace;
  }

  /** From 0 to 1. */
  get progress(): number {
    return this.total ? Math.min(1, this.searched / this.total) : 1;
  }

  /** Nothing more comes of it, or not soon. */
  get isOver(): boolean {
    return this.hopeless || this.error !== undefined || this.#end.signal.aborted;
  }

  dispose(): void {
    this.#end.abort();
  }

  /** The log has `total` lines now: looks at those that it has not seen. Cheap when there are none. */
  advance(total: number): void {
    this.total = Math.max(this.total, total);
    if (!this.#busy && this.#behind()) void this.#look();
  }

  #behind(): boolean {
    return !this.hopeless && !this.#end.signal.aborted && (!this.ready || this.searched < this.total);
  }

  async #look(): Promise<void> {
    this.#busy = true;
    while (this.#behind()) {
      const begin = performance.now();
      let wait = this.ready ? this.#pace : 0;
      const release = await takeTurn();
      try {
        if (this.#behind()) await this.#pass();
        wait = this.ready ? Math.max(this.#pace, performance.now() - begin) : 0;
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

  /** Looks through what is left, or to where so much was found that not all numbers are wanted any more. */
  async #pass(): Promise<void> {
    const [base, from] = [this.hits, this.searched];
    const every = base < EXACT_HITS ? 1 : STRIDE;
    const enough = new AbortController();
    const signal = AbortSignal.any([this.#end.signal, enough.signal]);
    try {
      const response = await this.#open(`${this.key}&after=${from - 1}&every=${every}`, signal);
      const onTotal = (lines: number): void => void (this.total = Math.max(this.total, lines));
      const end = await readHits(response, onTotal, (found) => {
        if (enough.signal.aborted) return;
        this.#take(found, base, every);
        if (every === 1 && this.hits >= EXACT_HITS) enough.abort();
      });
      if (!enough.signal.aborted) this.#complete(end, base);
    } catch (error) {
      if (enough.signal.aborted) return; // every number so far came, and the next look goes on behind the last one
      this.samples.cut(base);
      [this.hits, this.searched] = [base, from];
      throw error;
    }
  }

  #take({ lines, hits, lines_done }: Hits, base: number, every: number): void {
    const known = every === 1 ? this.hits : base + Math.ceil((this.hits - base) / every) * every;
    lines.forEach((line, i) => this.samples.add(known + i * every, line));
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
    this.error = undefined;
    this.#retries.reset();
  }

  /** How long to wait, in ms: as long as the stream does. */
  #failed(error: unknown): number {
    const failure = failureOf(error);
    this.error = failure.message;
    this.away = isNews(failure);
    this.hopeless = failure.status === BAD_REQUEST;
    if (this.hopeless) this.error = this.error.replace(/^(?:q|exclude)=.* is not a valid pattern: | \(HTTP 400\)$/gs, "");
    return this.hopeless ? 0 : this.#retries.next(failure.retryAfterMs);
  }
}
