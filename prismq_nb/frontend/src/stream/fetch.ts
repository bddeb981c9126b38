/**
 * Fetches the lines that views want, by number: the newest wish first, a few requests at a time, and none that nobody waits for any more.
 *
 * Knows no DOM; the network is a function.
 */

import { type LineBuffer, PAGE_LINES, type Range } from "./buffer.js";
import { pageLines } from "../text/carried.js";
import { failureOf } from "../api/failure.js";
import type { Line, LogPage } from "../base/protocol.js";
import { pause, Retries } from "../base/waiting.js";

/** Requests at a time: the browser allows an origin six in all its tabs. */
const MOST_REQUESTS = 2;
const REQUEST_LINES = 2 * PAGE_LINES;
/** Shortest time (ms) between the beginnings of two requests for other places: a scroll bar that is dragged passes many. */
const PACE_MS = 50;

export type FetchPage = (run: string, query: string, signal?: AbortSignal) => Promise<LogPage>;

/** What one view wants. */
export interface Wish {
  /** Lines that it shows. */
  readonly shown: Range;
  /** And those that it may show soon. */
  readonly around: Range;
}

interface Request {
  readonly range: Range;
  readonly abort: AbortController;
}

export class LineFetcher {
  readonly #buffer: LineBuffer;
  readonly #fetch: (query: string, signal: AbortSignal) => Promise<LogPage>;
  readonly #taken: (lines: readonly Line[]) => void;
  readonly #requests = new Set<Request>();
  readonly #retries = new Retries();
  #wishes: readonly Wish[] = [];
  #notBefore = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param taken gets the lines of each answer; [] after a failure, once it is time to try again. */
  constructor(buffer: LineBuffer, fetch: (query: string, signal: AbortSignal) => Promise<LogPage>, taken: (lines: readonly Line[]) => void) {
    this.#buffer = buffer;
    this.#fetch = fetch;
    this.#taken = taken;
  }

  /** All wishes there are now, the newest first. Cheap when nothing of them is missing. */
  want(wishes: readonly Wish[]): void {
    this.#wishes = wishes;
    for (const request of this.#requests) if (!wishes.some(({ around }) => overlap(around, request.range))) request.abort.abort();
    this.#next();
  }

  #next(): void {
    while (this.#requests.size < MOST_REQUESTS) {
      const range = this.#missing();
      if (!range) return;
      const wait = this.#notBefore - Date.now();
      if (wait > 0) {
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          this.#next();
        }, wait);
        return;
      }
      this.#notBefore = Date.now() + PACE_MS;
      void this.#request(range);
    }
  }

  /** What to fetch next: whole pages, of what is shown before what may be. */
  #missing(): Range | undefined {
    const parts = [...this.#wishes.map(({ shown }) => shown), ...this.#wishes.map(({ around }) => around)];
    for (const part of parts) {
      for (let from = part[0]; ; ) {
        const found = this.#buffer.missing([from, part[1]], REQUEST_LINES);
        if (!found) break;
        const running = [...this.#requests].find(({ range }) => found[0] >= range[0] && found[0] <= range[1]);
        if (!running) return this.#widened(found);
        from = running.range[1] + 1;
      }
    }
    return undefined;
  }

  /** Lines that are missing beside those, in the same pages, come along. */
  #widened([first, last]: Range): Range {
    const [low, high] = [first - (first % PAGE_LINES), last - (last % PAGE_LINES) + PAGE_LINES - 1];
    const from = this.#buffer.missing([low, first], REQUEST_LINES)?.[0] ?? first;
    return this.#buffer.missing([from, high], REQUEST_LINES) ?? [first, last];
  }

  async #request(range: Range): Promise<void> {
    const request: Request = { range, abort: new AbortController() };
    this.#requests.add(request);
    const query = `after=${range[0] - 1}&limit=${range[1] - range[0] + 1}`;
    let [lines, least] = [[] as readonly Line[], 0];
    try {
      lines = pageLines(await this.#fetch(query, request.abort.signal));
    } catch (error) {
      least = failureOf(error).retryAfterMs; // the connection's state says why; what is missing is asked for again
    }
    if (lines.length) this.#retries.reset();
    else if (!request.abort.signal.aborted) await pause(this.#retries.next(least));
    this.#requests.delete(request);
    this.#taken(lines);
    this.#next();
  }
}

function overlap(one: Range, other: Range): boolean {
  return one[0] <= other[1] && other[0] <= one[1];
}
