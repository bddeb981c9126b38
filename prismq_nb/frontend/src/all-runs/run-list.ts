/**
 * The runs that match a query: those that are active, whole, and those that have ended, page by
 * page. Kept up to date while somebody can see them. Knows no DOM.
 */

import { hasEnded, isRunId, type RunState } from "../base/protocol.js";
import { RunsFeed } from "../runs/runs-feed.js";
import { type ListedRun, MAX_LIMIT, type RunsPage } from "../runs/runs-text.js";
import type { ConnectionProblem } from "../stream/connection-problem.js";
import type { RunChange } from "../stream/list-event.js";
import type { ListSink, ListSubscription } from "../stream/list-followers.js";
import { grouped, type Section } from "./layout.js";
import { ACTIVE, ENDED, EVERYTHING, type Query, shown } from "./query.js";
import { PAGE_RUNS, Windows } from "./windows.js";

/** Parameters of `GET /api/runs`. */
export type Parameters = Readonly<Record<string, string | number>>;

export interface ListEnvironment {
  /** @throws Failure */
  list(parameters: Parameters, signal: AbortSignal): Promise<RunsPage>;
  /** Follow the changes of the list. */
  follow(sink: ListSink): ListSubscription;
  visible(): boolean;
}

export type Counts = NonNullable<RunsPage["counts"]>;
const NO_SIGNAL = new AbortController().signal;

export class RunList {
  readonly #environment: ListEnvironment;
  readonly #changed: () => void;
  readonly #ended = new Windows();
  readonly #fetching = new Set<number>();
  #query: Query = EVERYTHING;
  #feed: RunsFeed;
  #active: readonly ListedRun[] = [];
  /** Statuses of runs that changed and are not shown: filtered out, or far down the list. */
  readonly #elsewhere = new Map<string, RunState>();
  /** Of all statuses, with the other filters. */
  counts: Counts = {};
  trouble: ConnectionProblem | undefined;
  /** Whether the first answer to the query is here. */
  isKnown = false;
  #watched = false;
  /** The ended runs that are in view. */
  #view: readonly [first: number, last: number] = [0, PAGE_RUNS];
  #generation = 0;

  /** @param changed something is different; called often. */
  constructor(environment: ListEnvironment, changed: () => void) {
    this.#environment = environment;
    this.#changed = changed;
    this.#feed = this.#newFeed();
  }

  dispose(): void {
    this.#feed.leave(this.#listener);
    this.#generation++;
  }

  /** Show other runs. The old ones stay until the first answer. */
  ask(query: Query): void {
    this.#feed.leave(this.#listener);
    this.#generation++;
    this.#fetching.clear();
    this.#elsewhere.clear();
    this.#query = query;
    this.#view = [0, PAGE_RUNS];
    this.isKnown = false;
    this.#feed = this.#newFeed();
    this.#feed.watch(this.#listener, this.#watched);
  }

  /** Set whether the list is in view. */
  watch(on: boolean): void {
    this.#watched = on;
    this.#feed.watch(this.#listener, on);
  }

  /** The page was hidden, or is shown again. */
  review(): void {
    this.#feed.review();
  }

  /** Fetch again: something was changed. */
  refresh(): void {
    this.#ended.invalidate();
    this.#feed.refresh();
  }

  /** Set which of the ended runs are in view, and fetch what is missing of them. */
  look(first: number, last: number): void {
    this.#view = [first, last];
    for (const page of this.#ended.wanted(first, last)) void this.#fetch(page);
  }

  get active(): readonly ListedRun[] {
    return this.#active;
  }

  get total(): number {
    return this.#active.length + this.#ended.total;
  }

  /** Runs that are grouped: all, or the newest of very many. */
  get groupedRuns(): number {
    return this.#active.length + [...this.#ended].length;
  }

  get sections(): readonly Section[] {
    const { group } = this.#query;
    if (group !== "none") return grouped([...this.#active, ...this.#ended], group);
    const active = this.#active;
    const both = active.length > 0 && this.#ended.total > 0;
    const ended = this.#ended;
    return [
      {
        key: "active",
        heading: both ? "Running" : undefined,
        count: active.length,
        at: (index) => active[index],
      },
      {
        key: "ended",
        heading: both ? "Ended" : undefined,
        count: ended.total,
        at: (index) => ended.at(index),
      },
    ];
  }

  /** All runs that match, also those that were not looked at; at most `most`. */
  async everything(most: number): Promise<readonly ListedRun[]> {
    const found = [...this.#active];
    const statuses = shown(this.#query, ENDED);
    for (let offset = 0; statuses.length && found.length < most; offset += MAX_LIMIT) {
      const asked = { ...this.#filter(statuses), limit: MAX_LIMIT, offset };
      const page = await this.#environment.list(asked, NO_SIGNAL);
      found.push(...page.runs.filter(isShown));
      if (page.runs.length < MAX_LIMIT) break;
    }
    return found.slice(0, most);
  }

  readonly #listener = {
    page: (): void => this.#changed(),
    trouble: (trouble: ConnectionProblem | undefined): void => {
      this.trouble = trouble;
      this.#changed();
    },
  };

  #newFeed(): RunsFeed {
    const feed = new RunsFeed("", {
      ask: (_, signal) => this.#update(signal),
      follow: (sink) => this.#environment.follow(sink),
      apply: (page, changes) =>
        changes.every((change) => this.#apply(change)) ? { ...page } : undefined,
      visible: () => this.#environment.visible(),
      now: () => Date.now(),
      random: () => Math.random(),
    });
    feed.join(this.#listener);
    return feed;
  }

  /** Take a change; false: only the server knows what the list shows now. */
  #apply(change: RunChange): boolean {
    if (change.kind === "removed") return false;
    const run = change.run as ListedRun;
    if (hasEnded(run.status)) {
      if (this.#ended.replace(run)) return true;
    } else {
      const at = this.#active.findIndex(({ run_id }) => run_id === run.run_id);
      if (at >= 0) {
        this.#active = this.#active.with(at, run);
        return true;
      }
    }
    const isKnown = this.#elsewhere.get(run.run_id) === run.status;
    this.#elsewhere.set(run.run_id, run.status);
    return isKnown;
  }

  /** Fetch the active runs and, if they may have changed, the ended ones in view. */
  async #update(signal: AbortSignal): Promise<RunsPage> {
    const generation = this.#generation;
    const active = await this.#fetchActive(signal);
    if (generation !== this.#generation) return active;
    const counts = active.counts ?? {};
    const before = this.counts;
    const hasMoved = ENDED.some((status) => counts[status] !== before[status]);
    if (!this.isKnown || hasMoved) this.#ended.invalidate();
    await this.#fetchEnded(signal, !this.isKnown, generation);
    if (generation !== this.#generation) return active;
    this.counts = counts;
    this.#active = this.#withoutEnded(active.runs.filter(isShown));
    this.isKnown = true;
    return active;
  }

  async #fetchActive(signal: AbortSignal): Promise<RunsPage> {
    const statuses = shown(this.#query, ACTIVE);
    // without them, for the counts alone
    const asked = statuses.length ? statuses : ACTIVE;
    const limit = statuses.length ? MAX_LIMIT : 1;
    const page = await this.#environment.list({ ...this.#filter(asked), limit }, signal);
    return statuses.length ? page : { ...page, runs: [] };
  }

  /** @param anew the query is another one. */
  async #fetchEnded(signal: AbortSignal, anew: boolean, generation: number): Promise<void> {
    const statuses = shown(this.#query, ENDED);
    if (!statuses.length) {
      this.#ended.clear();
      return;
    }
    const isGrouped = this.#query.group !== "none";
    const limit = isGrouped ? MAX_LIMIT : PAGE_RUNS;
    const pages = anew
      ? [0]
      : isGrouped
        ? this.#ended.wanted(0, 1)
        : this.#ended.wanted(...this.#view);
    for (const page of pages) {
      const asked = { ...this.#filter(statuses), limit, offset: page * limit };
      const answer = await this.#environment.list(asked, signal);
      if (generation !== this.#generation) return;
      if (anew) this.#ended.clear();
      this.#put(page, answer);
    }
  }

  #put(page: number, { runs, total }: RunsPage): void {
    for (let at = 0; at === 0 || at < runs.length; at += PAGE_RUNS)
      this.#ended.put(page + at / PAGE_RUNS, runs.slice(at, at + PAGE_RUNS).filter(isShown), total);
  }

  /** A run may have ended between two answers. */
  #withoutEnded(runs: readonly ListedRun[]): readonly ListedRun[] {
    const ended = new Set([...this.#ended].map(({ run_id }) => run_id));
    return runs.filter(({ run_id }) => !ended.has(run_id));
  }

  async #fetch(page: number): Promise<void> {
    const isLate = this.#query.group !== "none" || !this.isKnown || this.trouble !== undefined;
    if (isLate || this.#fetching.has(page)) return; // `#update` does it
    this.#fetching.add(page);
    const generation = this.#generation;
    const statuses = shown(this.#query, ENDED);
    const asked = { ...this.#filter(statuses), limit: PAGE_RUNS, offset: page * PAGE_RUNS };
    const answer = await this.#environment.list(asked, NO_SIGNAL).catch(() => undefined);
    if (generation !== this.#generation) return;
    this.#fetching.delete(page);
    if (answer) {
      this.#put(page, answer);
      this.#active = this.#withoutEnded(this.#active);
    } else this.#feed.refresh(); // which reports what is wrong
    this.#changed();
  }

  #filter(statuses: readonly string[]): Parameters {
    const { q, sort } = this.#query;
    return {
      status: statuses.join(","),
      ...(q ? { q } : {}),
      ...(sort === EVERYTHING.sort ? {} : { sort }),
    };
  }
}

function isShown({ run_id }: ListedRun): boolean {
  return isRunId(run_id);
}
