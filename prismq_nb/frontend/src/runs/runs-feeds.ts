/** The feeds of a page: one for each question, as long as a table asks it. */

import { open } from "../api/ask.js";
import { onReturn } from "../base/returning.js";
import { type RunsListener, RunsFeed } from "./runs-feed.js";
import { queryOf, type RunsPage, type RunsQuestion } from "./runs-words.js";

/** A table's hold on the answers to a question. */
export interface RunsSeat {
  watch(on: boolean): void;
  refresh(): void;
  leave(): void;
}

const feeds = new Map<string, RunsFeed>();
let isListening = false;

const environment = {
  ask: async (query: string, signal: AbortSignal) => {
    return (await (await open(`api/runs?${query}`, { signal })).json()) as RunsPage;
  },
  visible: () => document.visibilityState === "visible",
  now: () => Date.now(),
  random: () => Math.random(),
};

export function follow(question: RunsQuestion, listener: RunsListener): RunsSeat {
  listenToPage();
  const query = queryOf(question);
  const feed = feeds.get(query) ?? new RunsFeed(query, environment);
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

/** A run that was stopped or started may be in the answers to any question. */
function refreshAll(): void {
  for (const feed of feeds.values()) feed.refresh();
}

/** As long as the page lives. */
function listenToPage(): void {
  if (isListening) return;
  isListening = true;
  document.addEventListener("visibilitychange", () => {
    for (const feed of feeds.values()) feed.review();
  });
  onReturn(refreshAll);
}
