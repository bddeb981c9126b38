/**
 * Lines of the hits of a search, by hit index: fetched on demand, a bounded number cached.
 *
 * If the line numbers of hits are known, lines are fetched by number; if only every 256th is known,
 * by the same filter from the last known hit on. Knows no DOM.
 */

import { failureOf } from "../api/failure.js";
import { pause, Retries } from "../base/backoff.js";
import { PagedLines } from "../base/paged-lines.js";
import type { Line, LogPage } from "../base/protocol.js";
import { pageLines } from "../text/line-pens.js";
import type { HitSearch } from "./hit-search.js";

/** Hits that are cached and evicted together. */
const PAGE_HITS = 128;
/** Approximate limit for the cached lines, in bytes. */
export const BUDGET_BYTES = 6_000_000;
/** Maximum lines per request; dragging the scroll bar makes few requests of some lines each. */
const REQUEST_LINES = 200;
/**
 * Maximum hits per filtered request: the distance between a known hit and the wanted ones is less
 * than this.
 */
const FILTER_LINES = 1_000;

/** Fetch lines by URL parameters. */
export type FetchLines = (query: string, signal: AbortSignal) => Promise<LogPage>;

export class HitLines {
  readonly search: HitSearch;
  readonly #fetch: FetchLines;
  readonly #held: (line: number) => Line | undefined;
  readonly #changed: () => void;
  readonly #cache = new PagedLines(PAGE_HITS, BUDGET_BYTES);
  readonly #end = new AbortController();
  readonly #retries = new Retries();
  #wanted: readonly [first: number, last: number] | undefined;
  #current: AbortController | undefined;
  #newest: { readonly lines: readonly Line[]; readonly total: number } | undefined;

  /**
   * @param held returns a line by number if the page has it anyway.
   * @param changed called when more lines are available.
   */
  constructor(
    search: HitSearch,
    fetch: FetchLines,
    held: (line: number) => Line | undefined,
    changed: () => void,
  ) {
    this.search = search;
    this.#fetch = fetch;
    this.#held = held;
    this.#changed = changed;
    search.onLines = {
      lines: (page) => this.#take(page),
      newest: (page) => this.takeNewest(page),
    };
  }

  /** The newest hits while the search has not reached them; undefined: unknown. */
  get newest(): readonly Line[] | undefined {
    return this.#newest?.lines;
  }

  dispose(): void {
    this.#end.abort();
    this.#current?.abort();
  }

  /** Return the line of hit `index`; undefined: not loaded. */
  get(index: number): Line | undefined {
    const known = this.#cache.get(index);
    if (known) return known;
    const number = this.search.samples.exact(index);
    return number === undefined ? undefined : this.#held(number);
  }

  /**
   * Return the index of the first hit at or after line `line`; exact if lines are known, else an
   * estimate. `search.hits`: none, as far as searched.
   */
  indexOf(line: number): number {
    const { samples, hits } = this.search;
    const position = samples.floorLine(line);
    if (position < 0) return 0;
    const [index, at] = [samples.indexAt(position), samples.lineAt(position)];
    if (at === line) return index;
    const end = position + 1 < samples.size ? samples.indexAt(position + 1) : hits;
    for (let next = index + 1; next < end; next++) {
      const known = this.get(next);
      if (!known) return Math.min(end, index + line - at);
      if (known.n >= line) return next;
    }
    return end;
  }

  /** Add the newest hits of a log, which the search may not have reached. */
  takeNewest(page: LogPage): void {
    this.#newest = { lines: pageLines(page), total: page.total_lines };
    if (page.logs.every(({ line }) => line < this.search.searched)) this.#take(page);
  }

  /** Assign indices to the newest hits once the search is complete. */
  numberNewest(): void {
    const { lines, total } = this.#newest ?? { lines: [], total: 0 };
    this.#newest = { lines: [], total: 0 };
    const { hits, searched } = this.search;
    const isEnd = total === searched;
    lines.forEach((line, i) => {
      this.#put(line, isEnd ? hits - lines.length + i : undefined);
    });
  }

  #take(page: LogPage): void {
    for (const line of pageLines(page)) this.#put(line);
  }

  /** @param fallbackIndex its index among the hits, if the search did not report it. */
  #put(line: Line, fallbackIndex?: number): void {
    const { samples } = this.search;
    const position = samples.floorLine(line.n);
    const isKnown = position >= 0 && samples.lineAt(position) === line.n;
    const index = isKnown ? samples.indexAt(position) : fallbackIndex;
    if (index !== undefined) this.#cache.put(index, line);
  }

  /**
   * Fetch missing lines of hits `first` to `last`, the latest call first. Cheap if none is missing.
   */
  want(first: number, last: number): void {
    this.#wanted = this.#missing(first, Math.min(last, this.search.hits - 1));
    this.#cache.trim([[first, last]]);
    if (this.#wanted && !this.#current && !this.search.awaitsLines) void this.#work();
  }

  /** Fetch hits and wait for them. */
  async load(first: number, last: number): Promise<void> {
    const missing = this.#missing(first, Math.min(last, this.search.hits - 1));
    if (missing) await this.#request(missing, this.#end.signal);
  }

  #missing(first: number, last: number): readonly [number, number] | undefined {
    let [low, high] = [Math.max(0, first), last];
    while (low <= high && this.get(low)) low++;
    while (high >= low && this.get(high)) high--;
    return low <= high ? [low, Math.min(high, low + REQUEST_LINES - 1)] : undefined;
  }

  async #work(): Promise<void> {
    while (this.#wanted && !this.#end.signal.aborted) {
      const wanted = this.#wanted;
      this.#wanted = undefined;
      this.#current = new AbortController();
      const failure = await this.#request(wanted, this.#current.signal).then(
        () => undefined,
        failureOf,
      );
      if (this.#end.signal.aborted) return;
      this.#changed(); // the redraw asks for what is still missing
      if (failure) await pause(this.#retries.next(failure.retryAfterMs));
      else this.#retries.reset();
    }
    this.#current = undefined;
    if (this.#wanted) void this.#work();
  }

  async #request([first, last]: readonly [number, number], signal: AbortSignal): Promise<void> {
    const numbers: number[] = [];
    for (let index = first; index <= last; index++) {
      const number = this.search.samples.exact(index);
      if (number === undefined) return this.#filtered(first, last, signal);
      numbers.push(number);
    }
    const page = await this.#fetch(`lines=${numbers.join(",")}`, signal);
    const byNumber = new Map(pageLines(page).map((line) => [line.n, line]));
    numbers.forEach((number, i) => {
      const line = byNumber.get(number);
      if (line) this.#cache.put(first + i, line);
    });
  }

  /**
   * Fetch hits with the same filter from the last known hit on; may take several requests if hits
   * are far apart.
   */
  async #filtered(first: number, last: number, signal: AbortSignal): Promise<void> {
    const { samples, searched, key } = this.search;
    const position = samples.floor(first);
    let index = position < 0 ? 0 : samples.indexAt(position);
    let after = position < 0 ? -1 : samples.lineAt(position) - 1;
    while (index <= last && after < searched - 1) {
      const limit = Math.min(FILTER_LINES, last - index + 1);
      const page = await this.#fetch(
        `after=${after}&before=${searched}&limit=${limit}&${key}`,
        signal,
      );
      for (const line of pageLines(page)) this.#cache.put(index++, line);
      const next = Math.max(after, page.logs.at(-1)?.line ?? -1, page.next_after);
      if (!page.truncated || next === after) return;
      after = next;
      this.#changed();
    }
  }
}
