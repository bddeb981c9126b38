/**
 * Fetch lines that viewers want by number: the latest request first, a few at a time, and none that
 * is no longer wanted.
 *
 * Knows no DOM; the network is a function.
 */

import { failureOf } from "../api/failure.js";
import { pause, Retries } from "../base/backoff.js";
import type { Line, LogPage } from "../base/protocol.js";
import { pageLines } from "../text/line-pens.js";
import { type LineBuffer, PAGE_LINES, type Range } from "./buffer.js";

/** Maximum concurrent requests: the browser allows an origin six in all its tabs. */
const MAX_REQUESTS = 2;
const REQUEST_LINES = 2 * PAGE_LINES;
/**
 * Minimum interval (ms) between two requests for different ranges: a dragged scroll bar passes
 * many.
 */
const MIN_INTERVAL_MS = 50;

export type FetchPage = (run: string, query: string, signal?: AbortSignal) => Promise<LogPage>;

/** The lines that one viewer wants. */
export interface WantedLines {
  /** Lines in view. */
  readonly shown: Range;
  /** Lines that may soon be in view, including those that are. */
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
  #wanted: readonly WantedLines[] = [];
  #notBefore = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param taken receives the lines of each response; [] after a failure, once it is time to retry.
   */
  constructor(
    buffer: LineBuffer,
    fetch: (query: string, signal: AbortSignal) => Promise<LogPage>,
    taken: (lines: readonly Line[]) => void,
  ) {
    this.#buffer = buffer;
    this.#fetch = fetch;
    this.#taken = taken;
  }

  /** Set all wanted lines, the latest first. Cheap if none is missing. */
  want(wanted: readonly WantedLines[]): void {
    this.#wanted = wanted;
    for (const request of this.#requests)
      if (!wanted.some(({ around }) => overlap(around, request.range))) request.abort.abort();
    this.#next();
  }

  #next(): void {
    while (this.#requests.size < MAX_REQUESTS) {
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
      this.#notBefore = Date.now() + MIN_INTERVAL_MS;
      void this.#request(range);
    }
  }

  /** Return the next range to fetch: whole pages, lines in view first. */
  #missing(): Range | undefined {
    const parts = [
      ...this.#wanted.map(({ shown }) => shown),
      ...this.#wanted.map(({ around }) => around),
    ];
    for (const part of parts) {
      for (let from = part[0]; ; ) {
        const found = this.#buffer.missing([from, part[1]], REQUEST_LINES);
        if (!found) break;
        const running = [...this.#requests].find(
          ({ range }) => found[0] >= range[0] && found[0] <= range[1],
        );
        if (!running) return this.#widened(found);
        from = running.range[1] + 1;
      }
    }
    return undefined;
  }

  /** Widen a range to the missing lines of the same pages. */
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
      // the connection's state shows the reason; missing lines are requested again
      least = failureOf(error).retryAfterMs;
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
