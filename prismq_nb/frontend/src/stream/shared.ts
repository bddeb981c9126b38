/**
 * State shared by all viewers of a page: the hub and the stores of runs.
 *
 * anywidget loads the bundle once per model from a blob URL, and the lab extension is another
 * bundle, so module variables are not shared; this object is stored on `globalThis` under a
 * versioned symbol. Separate from the hub, which knows neither the page nor other instances of the
 * module.
 */

import { ask, onSuspicion, open, probe } from "../api/ask.js";
import { notifyRecovery } from "../base/backoff.js";
import { baseUrl } from "../base/page.js";
import type { Frames, LogPage, RunStatus } from "../base/protocol.js";
import { onResume } from "../base/resume.js";
import { StreamHub, type Subscription } from "./hub.js";
import { followCounts } from "./level-counts.js";
import type { ListOptions, ListSink, ListSubscription } from "./list-followers.js";
import { RunStore } from "./store.js";
import type { TabChannel } from "./tab-leader.js";

const KEY = Symbol.for("prismq_nb.hub.v3");
/**
 * How long (ms) a run's lines are kept after its last viewer was removed, so that a cell that is
 * moved shows them at once.
 */
const KEEP_MS = 10_000;

/** A viewer's subscription to a run. */
export interface StoreSubscription {
  readonly store: RunStore;
  watch(on: boolean): void;
  retryNow(): void;
  /** @param viewer owner of the wanted lines. */
  end(viewer: object): void;
}

export interface Shared {
  subscribe(run: string): StoreSubscription;
  /** Subscribe to the changes of the list of runs. */
  followList(sink: ListSink, options?: ListOptions): ListSubscription;
}

interface SharedStore {
  readonly store: RunStore;
  readonly subscription: Subscription;
  readonly viewers: Set<object>;
  /** Viewers that are visible. */
  readonly watchers: Set<object>;
}

/** The object shared by the page; created by the first viewer. */
export function shared(): Shared {
  const page = globalThis as { [KEY]?: Shared };
  page[KEY] ??= create();
  return page[KEY];
}

export async function fetchPage(
  run: string,
  query: string,
  signal?: AbortSignal,
): Promise<LogPage> {
  const response = await ask(run, `/logs?${query}`, signal ? { signal } : {});
  return (await response.json()) as LogPage;
}

export async function fetchFrames(run: string, line: number): Promise<Frames> {
  return (await (await ask(run, `/logs/frames?line=${line}`)).json()) as Frames;
}

async function fetchStatus(run: string): Promise<RunStatus> {
  return (await (await ask(run, "")).json()) as RunStatus;
}

function create(): Shared {
  const headers = { Accept: "text/event-stream" };
  const environment = {
    open: (query: string, signal: AbortSignal) =>
      open(`api/runs/stream?${query}`, { signal, headers }),
    probe,
    recovered: notifyRecovery,
    visible: () => document.visibilityState === "visible",
    now: () => Date.now(),
    random: () => Math.random(),
  };
  const hub = new StreamHub(environment, tabChannel());
  // Never removed: the object lives as long as the page.
  document.addEventListener("visibilitychange", () => hub.visibilityChanged());
  onResume(() => hub.retryNow());
  onSuspicion((run) => hub.suspect(run));
  const runs = new Map<string, SharedStore>();
  return {
    subscribe: (run) => subscribe(hub, runs, run),
    followList: (sink, options) => hub.followList(sink, options),
  };
}

/** Communication between tabs with this server; undefined if the browser does not support it. */
function tabChannel(): TabChannel | undefined {
  if (!("locks" in navigator) || typeof BroadcastChannel === "undefined") return undefined;
  // servers below one origin, as a hub has them, are apart; so are versions of the messages
  const at = `2@${baseUrl()}`;
  const locks: TabChannel["locks"] = {
    request: (name, options, holding) =>
      navigator.locks.request(`${name}@${at}`, options, holding) as Promise<void>,
  };
  return { locks, channel: new BroadcastChannel(`prismq:tabs@${at}`), id: crypto.randomUUID() };
}

function subscribe(hub: StreamHub, runs: Map<string, SharedStore>, run: string): StoreSubscription {
  const shared = runs.get(run) ?? share(hub, runs, run);
  const me = {};
  shared.viewers.add(me);
  const watch = (on: boolean): void => {
    if (on) shared.watchers.add(me);
    else shared.watchers.delete(me);
    shared.subscription.watch(shared.watchers.size > 0);
  };
  const end = (viewer: object): void => {
    watch(false);
    shared.store.kept.delete(viewer);
    shared.viewers.delete(me);
    if (!shared.viewers.size) setTimeout(() => drop(runs, run, shared), KEEP_MS);
  };
  return { store: shared.store, watch, end, retryNow: () => hub.retryNow() };
}

function share(hub: StreamHub, runs: Map<string, SharedStore>, run: string): SharedStore {
  const store = new RunStore(run, fetchPage);
  followCounts(store, fetchStatus);
  const subscription = hub.subscribe(store);
  const shared: SharedStore = { store, subscription, viewers: new Set(), watchers: new Set() };
  runs.set(run, shared);
  return shared;
}

function drop(runs: Map<string, SharedStore>, run: string, shared: SharedStore): void {
  if (shared.viewers.size || runs.get(run) !== shared) return;
  runs.delete(run);
  shared.subscription.end();
}
