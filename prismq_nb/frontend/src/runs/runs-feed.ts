/**
 * The runs that match one query, kept up to date while somebody can see them. All tables of a page
 * with the same query share one request. Knows no DOM; the page is a `FeedEnvironment`.
 *
 * The runs are listed once. Then the changes of the list are followed: one that the page of runs
 * can absorb costs no request; after any other the runs are listed again, at most every `BUSY_MS`.
 */

import { failureOf } from "../api/failure.js";
import { type ConnectionProblem, problemOf } from "../stream/connection-problem.js";
import type { RunChange } from "../stream/list-event.js";
import type { ListSink, ListSubscription } from "../stream/list-followers.js";
import type { RunsPage } from "./runs-text.js";

/** Minimum time (ms) between two requests that changes cause: a change is shown within a second. */
export const BUSY_MS = 600;
/** How long (ms) the first request waits for the stream of changes, so that one is enough. */
export const PATIENCE_MS = 300;
/** Delay (ms) from a change to what it does: 50 runs that end at once are one change. */
export const GATHER_MS = 30;
const NEVER = Infinity;

export interface FeedEnvironment {
  /** @throws Failure */
  ask(query: string, signal: AbortSignal): Promise<RunsPage>;
  /** Follow the changes of the list. */
  follow(sink: ListSink): ListSubscription;
  /** The page after some changes; undefined: it must be requested. */
  apply(page: RunsPage, changes: readonly RunChange[]): RunsPage | undefined;
  /** Whether the page can be seen. */
  visible(): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** 0 to 1. */
  random(): number;
}

export interface RunsListener {
  page(page: RunsPage): void;
  /**
   * Why the runs are not up to date, and when that is tried again; undefined: they are.
   */
  trouble(trouble: ConnectionProblem | undefined): void;
}

export class RunsFeed {
  readonly #environment: FeedEnvironment;
  readonly #query: string;
  readonly #listeners = new Set<RunsListener>();
  readonly #watching = new Set<RunsListener>();
  #following: ListSubscription | undefined;
  #page: RunsPage | undefined;
  #trouble: ConnectionProblem | undefined;
  /** Problem of the stream of changes. */
  #silence: ConnectionProblem | undefined;
  #reported: ConnectionProblem | undefined;
  #failures = 0;
  /** When the next request is due, in ms since the epoch. */
  #due = NEVER;
  /** When the last request began, in ms since the epoch. */
  #askedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;
  #again = false;
  /** Changes that are not applied yet. */
  #changes: RunChange[] = [];
  #gathering: ReturnType<typeof setTimeout> | undefined;

  constructor(query: string, environment: FeedEnvironment) {
    this.#query = query;
    this.#environment = environment;
  }

  get isIdle(): boolean {
    return this.#listeners.size === 0;
  }

  /** Add a listener; it gets the last answer at once. */
  join(listener: RunsListener): void {
    this.#listeners.add(listener);
    if (this.#page) listener.page(this.#page);
    if (this.#reported) listener.trouble(this.#reported);
  }

  leave(listener: RunsListener): void {
    this.#listeners.delete(listener);
    this.watch(listener, false);
    if (!this.isIdle) return;
    this.#following?.end();
    this.#following = undefined;
  }

  /** Set whether the listener's table is in view: nothing is requested for tables out of view. */
  watch(listener: RunsListener, on: boolean): void {
    if (on) this.#watching.add(listener);
    else this.#watching.delete(listener);
    this.#follow(this.#watching.size > 0);
    this.review();
  }

  /** Request at once: a run was changed. */
  refresh(): void {
    this.#dueIn(0);
    if (this.#asking) this.#again = true;
    this.review();
  }

  /** Request at once if the last request failed; the stream of changes retries by itself. */
  retryNow(): void {
    if (this.#trouble) this.refresh();
  }

  /** Reschedule the next request. */
  review(): void {
    clearTimeout(this.#timer);
    const { visible, now } = this.#environment;
    if (!this.#watching.size || !visible()) {
      this.#asking?.abort();
      return;
    }
    if (this.#asking || this.#due === NEVER) return;
    this.#timer = setTimeout(() => void this.#ask(), Math.max(0, this.#due - now()));
  }

  #follow(on: boolean): void {
    if (on && !this.#following) {
      if (!this.#page) this.#dueIn(PATIENCE_MS);
      this.#following = this.#environment.follow({
        reset: () => this.refresh(),
        changed: (change) => this.#gather(change),
        trouble: (trouble) => {
          this.#silence = trouble;
          if (!this.#page) this.refresh();
          this.#report();
        },
      });
    }
    this.#following?.watch(on);
  }

  #dueIn(ms: number): void {
    this.#due = Math.min(this.#due, this.#environment.now() + ms);
  }

  #gather(change: RunChange): void {
    this.#changes.push(change);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#apply();
    }, GATHER_MS);
  }

  /** Apply what has changed; during a request, to its answer, which may be older. */
  #apply(): void {
    if (this.#asking || !this.#page || !this.#changes.length) return;
    const page = this.#environment.apply(this.#page, this.#changes.splice(0));
    if (page) this.#take(page);
    else {
      this.#dueIn(Math.max(0, this.#askedAt + BUSY_MS - this.#environment.now()));
      this.review();
    }
  }

  async #ask(): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    this.#again = false;
    this.#due = NEVER;
    this.#askedAt = this.#environment.now();
    this.#changes = [];
    try {
      this.#take(await this.#environment.ask(this.#query, asking.signal));
      this.#failures = 0;
      this.#trouble = undefined;
      this.#report();
    } catch (error) {
      if (asking.signal.aborted) this.#dueIn(0);
      else this.#fail(error);
    }
    this.#asking = undefined;
    if (this.#again) this.#dueIn(0);
    this.#apply();
    this.review();
  }

  #take(page: RunsPage): void {
    if (page === this.#page) return;
    this.#page = page;
    for (const listener of this.#listeners) listener.page(page);
  }

  #fail(error: unknown): void {
    const { now, random } = this.#environment;
    this.#trouble = problemOf(failureOf(error), ++this.#failures, now(), random());
    this.#dueIn(this.#trouble.retryAt - now());
    this.#report();
  }

  #report(): void {
    const trouble = this.#trouble ?? this.#silence;
    if (trouble === this.#reported) return;
    this.#reported = trouble;
    for (const listener of this.#listeners) listener.trouble(trouble);
  }
}
