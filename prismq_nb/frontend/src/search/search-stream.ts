/** Reads the server-sent events of a search. Apart from `hit-search.ts`, which decides what is searched and when. */

import { createParser } from "eventsource-parser";

const NO_STREAM = "the server did not send an event stream";

/** Numbers of some of the lines found since the last event, how many were found in all, and how far the search is. */
export interface Hits {
  readonly lines: readonly number[];
  readonly hits: number;
  readonly lines_done: number;
}

/** What was searched, and how many lines of it match. */
export interface SearchEnd {
  readonly hits: number;
  readonly lines: number;
}

/**
 * Reads until the search is complete.
 *
 * @throws Error when the server says that it cannot go on, or the connection ends before the search does; what `fetch` throws.
 */
export async function readHits(response: Response, onTotal: (lines: number) => void, onHits: (hits: Hits) => void): Promise<SearchEnd> {
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.startsWith("text/event-stream") || !response.body) throw new Error(NO_STREAM);
  let end: SearchEnd | undefined;
  let failure: string | undefined;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      const value = JSON.parse(data) as unknown;
      if (event === "snapshot") onTotal((value as SearchEnd).lines);
      else if (event === "hits") onHits(value as Hits);
      else if (event === "complete") end = value as SearchEnd;
      else if (event === "error") failure = (value as { error: string }).error;
    },
  });
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (let chunk = await reader.read(); !chunk.done && !end && !failure; chunk = await reader.read()) {
    parser.feed(decoder.decode(chunk.value, { stream: true }));
  }
  if (end) return end;
  throw new Error(failure ?? "the connection was lost during the search");
}
