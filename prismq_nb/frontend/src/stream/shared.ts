/**
 * What all viewers of a page share: the hub and the runs' stores.
 *
 * anywidget loads the bundle once per model from a blob URL, and the lab extension is another bundle, so module variables are not shared; this
 * object hangs on `globalThis` under a versioned symbol. Apart from the hub, which knows neither the page nor other modules' instances.
 */

import { ask, onSuspicion, open, probe } from "../api/ask.js";
import { StreamHub } from "./hub.js";
import { followCounts } from "./late-counts.js";
import { baseUrl } from "../base/page.js";
import type { Frames, LogPage, RunStatus } from "../base/protocol.js";
import { onReturn } from "../base/returning.js";
import { RunStore } from "./store.js";
import { recovered } from "../base/waiting.js";
import type { Meeting } from "./windows.js";

const KEY = Symbol.for("prismq_nb.hub.v1");
/** A run's lines stay this long (ms) after its last viewer went, so that a cell that is moved shows them at once. */
const KEEP_MS = 10_000;

/** A viewer's hold on a run. */
export interface Lease {
  readonly store: RunStore;
  watch(on: boolean): void;
  retryNow(): void;
  /** @param viewer whose lines were kept. */
  release(viewer: object): void;
}

export interface Shared {
  lease(run: string): Lease;
}

interface Held {
  readonly store: RunStore;
  readonly seat: ReturnType<StreamHub["join"]>;
  readonly holders: Set<object>;
  readonly watchers: Set<object>;
}

/** The page's one object; made by the first viewer. */
export function shared(): Shared {
  const page = globalThis as { [KEY]?: Shared };
  return (page[KEY] ??= create());
}

export async function fetchPage(run: string, query: string, signal?: AbortSignal): Promise<LogPage> {
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
    open: (query: string, signal: AbortSignal) => open(`api/runs/stream?${query}`, { signal, headers }),
    probe,
    recovered,
    visible: () => document.visibilityState === "visible",
    now: () => Date.now(),
    random: () => Math.random(),
  };
  const hub = new StreamHub(environment, meeting());
  // The object lives as long as the page, and so do these.
  document.addEventListener("visibilitychange", () => hub.visibilityChanged());
  onReturn(() => hub.retryNow());
  onSuspicion((run) => hub.suspect(run));
  const runs = new Map<string, Held>();
  return { lease: (run) => lease(hub, runs, run) };
}

/** Where the windows that show this server meet; undefined where the browser has no such place. */
function meeting(): Meeting | undefined {
  if (!("locks" in navigator) || typeof BroadcastChannel === "undefined") return undefined;
  const at = baseUrl(); // servers below one origin, as a hub has them, are apart
  const locks: Meeting["locks"] = {
    request: (name, options, holding) => navigator.locks.request(`${name}@${at}`, options, holding) as Promise<void>,
  };
  return { locks, channel: new BroadcastChannel(`prismq@${at}`), id: crypto.randomUUID() };
}

function lease(hub: StreamHub, runs: Map<string, Held>, run: string): Lease {
  const held = runs.get(run) ?? hold(hub, runs, run);
  const me = {};
  held.holders.add(me);
  const watch = (on: boolean): void => {
    if (on) held.watchers.add(me);
    else held.watchers.delete(me);
    held.seat.watch(held.watchers.size > 0);
  };
  const release = (viewer: object): void => {
    watch(false);
    held.store.kept.delete(viewer);
    held.holders.delete(me);
    if (!held.holders.size) setTimeout(() => drop(runs, run, held), KEEP_MS);
  };
  return { store: held.store, watch, release, retryNow: () => hub.retryNow() };
}

function hold(hub: StreamHub, runs: Map<string, Held>, run: string): Held {
  const store = new RunStore(run, fetchPage);
  followCounts(store, fetchStatus);
  const held: Held = { store, seat: hub.join(store), holders: new Set(), watchers: new Set() };
  runs.set(run, held);
  return held;
}

function drop(runs: Map<string, Held>, run: string, held: Held): void {
  if (held.holders.size || runs.get(run) !== held) return;
  runs.delete(run);
  held.seat.leave();
}
