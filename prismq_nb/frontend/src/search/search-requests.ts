/**
 * Requests of a search. Separate from the code that uses the responses, which is tested without a
 * server.
 */

import { ask } from "../api/ask.js";
import type { LogPage } from "../base/protocol.js";
import type { FetchLines } from "./hit-lines.js";
import type { OpenSearch } from "./hit-search.js";

export function openSearch(run: string): OpenSearch {
  const headers = { Accept: "text/event-stream" };
  return (query, signal) => ask(run, `/logs/search?${query}`, { signal, headers });
}

export function fetchLines(run: string): FetchLines {
  return async (query, signal) =>
    (await (await ask(run, `/logs?${query}`, { signal })).json()) as LogPage;
}
