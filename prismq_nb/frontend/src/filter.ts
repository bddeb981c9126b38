/**
 * The lines of a run that pass a level or text filter, asked of the server, which looks at the whole log; nothing is filtered on the page.
 *
 * Starts with the newest matches and goes on by cursor as the log grows. Apart from the store, because each viewer has its own filter. Knows no DOM.
 */

import type { FetchPage } from "./fetch.js";
import { fromPage, type Line } from "./protocol.js";

/** Matches that are listed: the newest ones. */
const WINDOW_LINES = 10_000;
/** Matches of one request. */
const PAGE_LINES = 1_000;
/** Shortest time (ms) between two requests, and after one that failed. */
const PACE_MS = 300;
const RETRY_MS = 3_000;
/** Lines not looked at, above which it starts anew from the end, so that a flood cannot outrun it. */
const FAR_BEHIND_LINES = 100_000;

export interface Filter {
  /** Level names, comma-separated; empty: all. */
  readonly level: string;
  /** Text; empty: all. */
  readonly query: string;
}

export class FilteredLog {
  matches: readonly Line[] = [];
  /** Older matches were left out. */
  omitted = false;
  /** At least one answer came. */
  ready = false;
  error: string | undefined;
  /** Takes nothing new while true, so that what somebody reads stays where it is. */
  hold = false;

  readonly #run: string;
  readonly #filter: string;
  readonly #fetchPage: FetchPage;
  readonly #changed: () => void;
  #cursor: number | undefined;
  #total = 0;
  #busy = false;
  #disposed = false;

  constructor(run: string, filter: Filter, fetchPage: FetchPage, changed: () => void) {
    this.#run = run;
    this.#fetchPage = fetchPage;
    this.#changed = changed;
    const parameters = new URLSearchParams();
    if (filter.level) parameters.set("level", filter.level);
    if (filter.query) parameters.set("q", filter.query);
    this.#filter = parameters.toString();
  }

  dispose(): void {
    this.#disposed = true;
  }

  /** The log has `total` lines now: looks at those that it has not seen. Cheap when there are none. */
  advance(total: number): void {
    this.#total = Math.max(this.#total, total);
    if (!this.#busy && !this.#disposed && this.#behind()) void this.#look();
  }

  #behind(): boolean {
    return this.#cursor === undefined || (!this.hold && this.#cursor < this.#total - 1);
  }

  async #look(): Promise<void> {
    this.#busy = true;
    while (!this.#disposed && this.#behind()) {
      const pause = await this.#request().then(
        () => PACE_MS,
        (error: unknown) => this.#failed(error),
      );
      if (!this.#disposed) this.#changed();
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    this.#busy = false;
  }

  async #request(): Promise<void> {
    const restart = this.#cursor === undefined || this.#total - this.#cursor > FAR_BEHIND_LINES;
    const position = restart ? `tail=${PAGE_LINES}` : `after=${this.#cursor}&limit=${PAGE_LINES}`;
    const page = await this.#fetchPage(this.#run, `${position}&${this.#filter}`);
    const lines = [...(restart ? [] : this.matches), ...page.logs.map(fromPage)];
    this.matches = lines.slice(-WINDOW_LINES);
    this.omitted = (restart ? page.truncated : this.omitted) || lines.length > WINDOW_LINES;
    this.#cursor = Math.max(page.next_after, this.matches.at(-1)?.n ?? -1);
    this.#total = Math.max(this.#total, page.total_lines);
    this.ready = true;
    this.error = undefined;
  }

  #failed(error: unknown): number {
    this.error = error instanceof Error ? error.message : String(error);
    return RETRY_MS;
  }
}
