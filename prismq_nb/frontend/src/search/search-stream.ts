/** Read the server-sent events of a search. `hit-search.ts` decides when to search what. */

import { readEvents } from "../api/event-stream.js";
import type { LogPage } from "../base/protocol.js";

/** Line numbers of some hits since the last event, the total number of hits, and the progress. */
export interface HitNumbers {
  readonly lines: readonly number[];
  readonly hits: number;
  readonly lines_done: number;
}

/** Number of lines searched, and how many of them match. */
export interface SearchEnd {
  readonly hits: number;
  readonly lines: number;
}

export interface SearchEvents {
  /** The search has started on a log of `lines` lines. */
  snapshot(lines: number): void;
  hits(hits: HitNumbers): void;
  /** Lines of hits whose numbers were sent. */
  lines(page: LogPage): void;
  /** Lines of the newest hits, whose indices may be unknown yet. */
  newest(page: LogPage): void;
}

/**
 * Read until the search is complete.
 *
 * @throws Error if the server reports a failure, or the connection ends early; whatever
 *   `readEvents` throws.
 */
export async function readHits(response: Response, events: SearchEvents): Promise<SearchEnd> {
  let end: SearchEnd | undefined;
  let failure = "the connection was lost during the search";
  await readEvents(response, (name, data) => {
    const value = JSON.parse(data) as unknown;
    if (name === "snapshot") events.snapshot((value as SearchEnd).lines);
    else if (name === "hits") events.hits(value as HitNumbers);
    else if (name === "lines") events.lines(value as LogPage);
    else if (name === "newest") events.newest(value as LogPage);
    else if (name === "complete") end = value as SearchEnd;
    else if (name === "error") failure = (value as { error: string }).error;
    return end === undefined && name !== "error";
  });
  if (end) return end;
  throw new Error(failure);
}
