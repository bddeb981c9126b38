/** The feeds of a page: one per query, as long as a table subscribes to it. */

import { open } from "../api/ask.js";
import { onResume } from "../base/resume.js";
import type { RunChange } from "../stream/list-event.js";
import type { ListSink } from "../stream/list-followers.js";
import { shared } from "../stream/shared.js";
import { applied } from "./listed.js";
import { RunsFeed, type RunsListener } from "./runs-feed.js";
import { queryString, type RunsPage, type RunsQuery } from "./runs-text.js";

/** A table's subscription to a feed. */
export interface RunsSubscription {
  watch(on: boolean): void;
  refresh(): void;
  leave(): void;
}

const feeds = new Map<string, RunsFeed>();
let isListening = false;

const environment = {
  follow: (sink: ListSink) => shared().followList(sink),
  ask: async (query: string, signal: AbortSignal) => {
    return (await (await open(`api/runs?${query}`, { signal })).json()) as RunsPage;
  },
  visible: () => document.visibilityState === "visible",
  now: () => Date.now(),
  random: () => Math.random(),
};

export function subscribe(question: RunsQuery, listener: RunsListener): RunsSubscription {
  listenToPage();
  const query = queryString(question);
  const apply = (page: RunsPage, changes: readonly RunChange[]): RunsPage | undefined =>
    applied(page, changes, question);
  const feed = feeds.get(query) ?? new RunsFeed(query, { ...environment, apply });
  feeds.set(query, feed);
  feed.join(listener);
  return {
    watch: (on) => feed.watch(listener, on),
    refresh: () => refreshAll(),
    leave: () => {
      feed.leave(listener);
      if (feed.isIdle) feeds.delete(query);
    },
  };
}

/** A run that was stopped or started may match any query. */
function refreshAll(): void {
  for (const feed of feeds.values()) feed.refresh();
}

/** Listen to the page, once, for its lifetime. */
function listenToPage(): void {
  if (isListening) return;
  isListening = true;
  document.addEventListener("visibilitychange", () => {
    for (const feed of feeds.values()) feed.review();
  });
  onResume(() => {
    for (const feed of feeds.values()) feed.retryNow();
  });
}
