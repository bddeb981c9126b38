/** Search of the logs of all runs: what was found so far, newest run first. Knows no DOM. */

import { open } from "../api/ask.js";
import { readEvents } from "../api/event-stream.js";
import { isRunId } from "../base/protocol.js";
import type { ListedRun } from "../runs/runs-text.js";
import type { Query } from "./query.js";

/** Runs with hits after which a search ends: more than anybody reads. */
const MAX_FOUND = 200;
const LINES_PER_RUN = 3;

/** The part of a line that is shown. */
export interface Hit {
  /** From 0. */
  readonly line: number;
  readonly message: string;
}
/** A run with hits. */
export interface FoundRun {
  readonly run: ListedRun;
  readonly hits: number;
  /** It has more. */
  readonly more: boolean;
  readonly logs: readonly Hit[];
  /** Why the log, or the rest of it, cannot be searched. */
  readonly error: string | null;
}
export interface Progress {
  readonly runs: number;
  readonly runs_done: number;
  /** Runs with hits, and hits in all of them. */
  readonly found: number;
  readonly hits: number;
  /** The search has ended at `MAX_FOUND` runs. */
  readonly more?: boolean;
}
const NOTHING_YET: Progress = { runs: 0, runs_done: 0, found: 0, hits: 0 };
export type SearchState = "searching" | "complete" | "cancelled" | "failed";

export class LogSearch {
  readonly #changed: () => void;
  #end = new AbortController();
  #asked = "";
  found: readonly FoundRun[] = [];
  progress: Progress | undefined;
  state: SearchState = "complete";
  failure = "";

  /** @param changed something is different; called often. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Search for the query's text, unless that is done already; without a text, for nothing. */
  ask({ log, statuses }: Query): void {
    const asked = log && parametersOf(log, statuses).toString();
    if (asked === this.#asked) return;
    this.#end.abort();
    this.#asked = asked;
    this.found = [];
    this.progress = undefined;
    this.state = asked ? "searching" : "complete";
    if (asked) void this.#search(asked);
  }

  /** End it; what was found stays. */
  cancel(): void {
    this.#end.abort();
    if (this.state !== "searching") return;
    this.state = "cancelled";
    this.#changed();
  }

  dispose(): void {
    this.#end.abort();
  }

  /** Search again: after a failure, or for lines that were printed since. */
  again(): void {
    const asked = this.#asked;
    this.#end.abort();
    this.found = [];
    this.progress = undefined;
    this.state = "searching";
    void this.#search(asked);
    this.#changed();
  }

  async #search(asked: string): Promise<void> {
    this.#end = new AbortController();
    const { signal } = this.#end;
    try {
      const response = await open(`api/runs/search?${asked}`, { signal });
      let failure = "the connection was lost during the search";
      await readEvents(response, (name, data) => {
        if (signal.aborted) return false;
        const value = JSON.parse(data) as unknown;
        if (name === "run") this.#add(value as FoundRun);
        else if (name === "error") failure = (value as { error: string }).error;
        else this.progress = { ...NOTHING_YET, ...(value as Partial<Progress>) };
        if (name === "complete") this.state = "complete";
        this.#changed();
        return name !== "complete" && name !== "error";
      });
      if (this.state !== "complete") throw new Error(failure);
    } catch (error) {
      if (signal.aborted) return;
      this.state = "failed";
      this.failure = (error as Error).message;
      this.#changed();
    }
  }

  #add(found: FoundRun): void {
    if (isRunId(found.run.run_id)) this.found = [...this.found, found];
  }
}

function parametersOf(q: string, statuses: Query["statuses"]): URLSearchParams {
  const parameters = new URLSearchParams({
    q,
    limit: String(MAX_FOUND),
    with_lines: String(LINES_PER_RUN),
  });
  if (statuses.length) parameters.set("status", statuses.join(","));
  return parameters;
}
