/**
 * The lines that a search found, as far as somebody looks at them: by the hit's number, fetched when wanted, some thousand kept at most.
 *
 * Where the numbers of lines are known they are fetched by number; where only every so maniest is, by the same filter from the last known one on.
 * Knows no DOM.
 */

import { pageLines } from "../text/carried.js";
import type { HitSearch } from "./hit-search.js";
import { failureOf } from "../api/failure.js";
import { HitsCache } from "./hits-cache.js";
import type { Line, LogPage } from "../base/protocol.js";
import { pause, Retries } from "../base/waiting.js";

/** Lines of one request, at most; a scroll bar that is dragged makes few requests of some lines. */
const REQUEST_LINES = 200;
/** Between a known hit and those that are wanted there are less than this. */
const FILTER_LINES = 1_000;

/** The answer of a poll; `query` as in the URL. */
export type FetchLines = (query: string, signal: AbortSignal) => Promise<LogPage>;

export class Hits {
  readonly search: HitSearch;
  readonly #fetch: FetchLines;
  readonly #held: (line: number) => Line | undefined;
  readonly #changed: () => void;
  readonly #cache = new HitsCache();
  readonly #end = new AbortController();
  readonly #retries = new Retries();
  #wanted: readonly [first: number, last: number] | undefined;
  #current: AbortController | undefined;

  /**
   * @param held the line with a number, if the page has it anyway.
   * @param changed there are more lines.
   */
  constructor(search: HitSearch, fetch: FetchLines, held: (line: number) => Line | undefined, changed: () => void) {
    this.search = search;
    this.#fetch = fetch;
    this.#held = held;
    this.#changed = changed;
  }

  dispose(): void {
    this.#end.abort();
    this.#current?.abort();
  }

  /** The line of hit `index`; undefined: not here. */
  get(index: number): Line | undefined {
    const known = this.#cache.get(index);
    if (known) return known;
    const number = this.search.samples.exact(index);
    return number === undefined ? undefined : this.#held(number);
  }

  /** Number of the first hit in line `line` or behind it; exact where lines are known, else about. `search.hits`: none, as far as searched. */
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

  /** Takes the newest hits of a log of `total` lines, which are here already. */
  seed(lines: readonly Line[], total: number): void {
    const { samples, hits, searched } = this.search;
    lines.forEach((line, i) => {
      const position = samples.floorLine(line.n);
      if (position >= 0 && samples.lineAt(position) === line.n) this.#cache.put(samples.indexAt(position), line);
      else if (total === searched) this.#cache.put(hits - lines.length + i, line);
    });
  }

  /** Hits `first` to `last` are shown: fetches what is missing, the newest wish first. Cheap when nothing is. */
  want(first: number, last: number): void {
    this.#wanted = this.#missing(first, Math.min(last, this.search.hits - 1));
    this.#cache.trim(first, last);
    if (this.#wanted && !this.#current) void this.#work();
  }

  /** Fetches hits and awaits them. */
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
      const failure = await this.#request(wanted, this.#current.signal).then(() => undefined, failureOf);
      if (this.#end.signal.aborted) return;
      this.#changed(); // whoever draws now says what is missing still
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

  /** Goes on by the same filter from the last known hit, which may take several looks where hits are far apart. */
  async #filtered(first: number, last: number, signal: AbortSignal): Promise<void> {
    const { samples, searched, key } = this.search;
    const position = samples.floor(first);
    let index = position < 0 ? 0 : samples.indexAt(position);
    let after = position < 0 ? -1 : samples.lineAt(position) - 1;
    while (index <= last && after < searched - 1) {
      const limit = Math.min(FILTER_LINES, last - index + 1);
      const page = await this.#fetch(`after=${after}&before=${searched}&limit=${limit}&${key}`, signal);
      for (const line of pageLines(page)) this.#cache.put(index++, line);
      const next = Math.max(after, page.logs.at(-1)?.line ?? -1, page.next_after);
      if (!page.truncated || next === after) return;
      after = next;
      this.#changed();
    }
  }
}
