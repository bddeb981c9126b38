/**
 * The answers to one question about runs, asked again while somebody can see them: one request for
 * all tables of a page that ask the same. Knows no DOM; the page is an `Environment`.
 */

import { failureOf } from "../api/failure.js";
import { hasEnded } from "../base/protocol.js";
import type { RunsPage } from "./runs-words.js";
import { type Trouble, troubleOf } from "../stream/trouble.js";

/** Between two questions (ms): while something goes on, and while nothing does. */
export const BUSY_MS = 2_000;
export const QUIET_MS = 4_000;

export interface FeedEnvironment {
  /** @throws Failure */
  ask(query: string, signal: AbortSignal): Promise<RunsPage>;
  /** Whether the page can be seen. */
  visible(): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** 0 to 1. */
  random(): number;
}

export interface RunsListener {
  page(page: RunsPage): void;
  /** Why there is no answer, and when it is asked for again; undefined: there is one. */
  trouble(trouble: Trouble | undefined): void;
}

export class RunsFeed {
  readonly #environment: FeedEnvironment;
  readonly #query: string;
  readonly #listeners = new Set<RunsListener>();
  readonly #watching = new Set<RunsListener>();
  #page: RunsPage | undefined;
  #trouble: Trouble | undefined;
  #failures = 0;
  /** When to ask next, in ms since the epoch. */
  #due = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;
  #again = false;

  constructor(query: string, environment: FeedEnvironment) {
    this.#query = query;
    this.#environment = environment;
  }

  get isIdle(): boolean {
    return this.#listeners.size === 0;
  }

  /** Tells what is known, and from then on what is new. */
  join(listener: RunsListener): void {
    this.#listeners.add(listener);
    if (this.#page) listener.page(this.#page);
    if (this.#trouble) listener.trouble(this.#trouble);
  }

  leave(listener: RunsListener): void {
    this.#listeners.delete(listener);
    this.watch(listener, false);
  }

  /** Whether it can be seen: nothing is asked for what cannot. */
  watch(listener: RunsListener, on: boolean): void {
    if (on) this.#watching.add(listener);
    else this.#watching.delete(listener);
    this.review();
  }

  /** Asks at once: something was changed, or somebody is back. */
  refresh(): void {
    this.#due = 0;
    if (this.#asking) this.#again = true;
    this.review();
  }

  /** Decides anew when to ask. */
  review(): void {
    clearTimeout(this.#timer);
    const { visible, now } = this.#environment;
    if (!this.#watching.size || !visible()) return this.#asking?.abort();
    if (this.#asking) return;
    this.#timer = setTimeout(() => void this.#ask(), Math.max(0, this.#due - now()));
  }

  async #ask(): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    this.#again = false;
    let wait = QUIET_MS;
    try {
      this.#take(await this.#environment.ask(this.#query, asking.signal));
      wait = this.#page?.runs.some((run) => !hasEnded(run.status) || run.output_open) ? BUSY_MS : QUIET_MS;
    } catch (error) {
      if (!asking.signal.aborted) wait = this.#fail(error);
    }
    this.#asking = undefined;
    this.#due = asking.signal.aborted || this.#again ? 0 : this.#environment.now() + wait;
    this.review();
  }

  #take(page: RunsPage): void {
    this.#page = page;
    this.#failures = 0;
    for (const listener of this.#listeners) listener.page(page);
    if (!this.#trouble) return;
    this.#trouble = undefined;
    for (const listener of this.#listeners) listener.trouble(undefined);
  }

  /** Returns how long to wait. */
  #fail(error: unknown): number {
    const { now, random } = this.#environment;
    this.#trouble = troubleOf(failureOf(error), ++this.#failures, now(), random());
    for (const listener of this.#listeners) listener.trouble(this.#trouble);
    return this.#trouble.retryAt - now();
  }
}
