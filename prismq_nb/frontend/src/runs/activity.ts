/**
 * Follow the active runs of the server, for what JupyterLab shows beside its views: the status bar,
 * running sessions, notices.
 *
 * The runs are listed once; then the changes of the list are followed. A hidden page goes on while
 * a run is active and a short while longer, and then asks nothing until it is shown.
 */

import { backoff, MAX_SLOW_RETRY_MS } from "../base/backoff.js";
import type { RunChange } from "../stream/list-event.js";
import type { ListOptions, ListSink, ListSubscription } from "../stream/list-followers.js";
import { ActiveRuns } from "./active-runs.js";
import type { ListedRun, RunsPage } from "./runs-text.js";

/** Delay (ms) from a change to what it does: 50 runs that end at once are one change. */
export const GATHER_MS = 100;
/** How long (ms) a hidden page waits for another run: one may follow the other. */
export const HIDDEN_MS = 30_000;
/** Bound of the server for one list. */
const MAX_RUNS = 1_000;
/** How far (ms) the clocks of browser and server may differ. */
const CLOCKS_MS = 300_000;

export interface ActivityEnvironment {
  /** Load what follows the list of runs, and follow it. */
  follow(sink: ListSink, options: ListOptions): Promise<ListSubscription>;
  /** @throws whatever a failed request throws. */
  ask(query: string): Promise<RunsPage>;
  /** Whether the page can be seen. */
  visible(): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** 0 to 1. */
  random(): number;
}

/** Runs that an earlier page saw as active, and when (ms since the epoch). */
export interface LastSeen {
  readonly runs: readonly string[];
  readonly at: number;
}

export interface ActivityListener {
  /** The active runs, newest first. */
  active(runs: readonly ListedRun[]): void;
  /** Runs that were active and have ended. */
  ended?(runs: readonly ListedRun[]): void;
}

export class Activity {
  readonly #environment: ActivityEnvironment;
  readonly #listeners = new Set<ActivityListener>();
  #runs = new ActiveRuns();
  #following: Promise<ListSubscription> | undefined;
  /** The last contact, in ms since the epoch. */
  #seenAt = 0;
  #changes: RunChange[] = [];
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #listing: Promise<void> | undefined;
  /** The runs must be listed again. */
  #isStale = false;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(environment: ActivityEnvironment) {
    this.#environment = environment;
  }

  /** The active runs that are known, newest first. */
  get runs(): readonly ListedRun[] {
    return this.#runs.newestFirst;
  }

  /** Tell also how these runs ended. Before the first listener. */
  expect({ runs, at }: LastSeen): void {
    this.#runs = new ActiveRuns(runs);
    this.#seenAt = at;
  }

  /** Add a listener, for the lifetime of the page. */
  join(listener: ActivityListener): void {
    this.#listeners.add(listener);
    if (this.#seenAt) listener.active(this.runs);
    this.review();
  }

  /** The page was shown or hidden. */
  review(): void {
    clearTimeout(this.#rest);
    if (!this.#listeners.size) return;
    const { visible } = this.#environment;
    if (visible() || this.#runs.areBusy) this.#watch(true);
    else this.#rest = setTimeout(() => this.#watch(false), HIDDEN_MS);
  }

  /** List the runs again; never throws. */
  async refresh(): Promise<void> {
    this.#isStale = true;
    this.#listing ??= this.#list();
    return this.#listing;
  }

  #watch(on: boolean): void {
    if (!on && !this.#following) return;
    this.#following ??= this.#follow();
    this.#following.then(
      (subscription) => subscription.watch(on),
      () => {
        this.#following = undefined;
        this.#tryAgain(() => this.review());
      },
    );
  }

  #follow(): Promise<ListSubscription> {
    const sink: ListSink = {
      reset: () => void this.refresh(),
      changed: (change) => this.#gather(change),
      trouble: () => undefined, // what is shown is the last that is known
    };
    return this.#environment.follow(sink, { whileHidden: true });
  }

  #tryAgain(work: () => void): void {
    const wait = backoff(++this.#failures, this.#environment.random(), MAX_SLOW_RETRY_MS);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(work, wait);
  }

  #gather(change: RunChange): void {
    this.#changes.push(change);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#apply();
    }, GATHER_MS);
  }

  /** During a request, changes are applied to its answer, which may be older. */
  #apply(): void {
    if (this.#listing !== undefined || !this.#changes.length) return;
    const changes = this.#changes.splice(0);
    this.#tell(changes.flatMap((change) => this.#runs.change(change) ?? []));
  }

  async #list(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      this.#changes = [];
      try {
        const { runs } = await this.#environment.ask(this.#query());
        this.#failures = 0;
        this.#tell(this.#runs.list(runs));
      } catch {
        this.#tryAgain(() => void this.refresh());
      }
    }
    this.#listing = undefined;
    this.#apply();
  }

  #query(): string {
    if (!this.#runs.areExpected) return `status=running,queued&limit=${MAX_RUNS}`;
    const since = new Date(Math.max(0, this.#seenAt - CLOCKS_MS)).toISOString();
    return `changed_since=${since}&limit=${MAX_RUNS}`; // it has all active runs, too
  }

  #tell(ended: readonly ListedRun[]): void {
    this.#seenAt = this.#environment.now();
    const { runs } = this;
    for (const listener of this.#listeners) {
      listener.active(runs);
      if (ended.length) listener.ended?.(ended);
    }
    this.review();
  }
}
