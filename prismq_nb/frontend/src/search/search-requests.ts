/** What a search asks of the server. Apart from what is done with the answers, which is tested without one. */

import { ask } from "../api/ask.js";
import type { OpenSearch } from "./hit-search.js";
import type { FetchLines } from "./hits.js";
import type { LogPage } from "../base/protocol.js";

export function openSearch(run: string): OpenSearch {
  const headers = { Accept: "text/event-stream" };
  return (query, signal) => ask(run, `/logs/search?${query}`, { signal, headers });
}

export function fetchLines(run: string): FetchLines {
  return async (query, signal) => (await (await ask(run, `/logs?${query}`, { signal })).json()) as LogPage;
}
