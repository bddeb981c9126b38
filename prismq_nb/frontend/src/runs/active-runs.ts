/** The runs that have not ended, and those that end: from lists and changes. Pure. */

import { hasEnded, isUnreachable } from "../base/protocol.js";
import type { RunChange } from "../stream/list-event.js";
import type { ListedRun } from "./runs-text.js";

export class ActiveRuns {
  readonly #runs = new Map<string, ListedRun>();
  /** Runs that were active when a page last saw them. */
  readonly #expected: Set<string>;

  /** @param expected ids of runs that were active earlier, so that their end is of interest. */
  constructor(expected: Iterable<string> = []) {
    this.#expected = new Set(expected);
  }

  /** The active runs, newest first. */
  get newestFirst(): readonly ListedRun[] {
    return [...this.#runs.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  }

  /** Whether one of them can be expected to change. */
  get areBusy(): boolean {
    return [...this.#runs.values()].some((run) => !isUnreachable(run));
  }

  /** Whether a list should tell how runs ended that are no longer active. */
  get areExpected(): boolean {
    return this.#runs.size + this.#expected.size > 0;
  }

  /**
   * Take a list of all active runs and of those that have ended since the last contact.
   *
   * @returns the runs that were active and have ended; those that were removed are forgotten.
   */
  list(runs: readonly ListedRun[]): ListedRun[] {
    for (const run_id of this.#runs.keys()) this.#expected.add(run_id);
    this.#runs.clear();
    const ended = runs.filter((run) => this.#take(run));
    this.#expected.clear();
    return ended;
  }

  /** @returns the run, if it was active and has ended. */
  change(change: RunChange): ListedRun | undefined {
    if (change.kind === "run") {
      const run = change.run as ListedRun;
      return this.#take(run) ? run : undefined;
    }
    this.#runs.delete(change.run_id);
    return undefined;
  }

  /** @returns whether the run was active and has ended. */
  #take(run: ListedRun): boolean {
    const wasActive = this.#expected.delete(run.run_id) || this.#runs.has(run.run_id);
    const isOver = hasEnded(run.status);
    if (isOver) this.#runs.delete(run.run_id);
    else this.#runs.set(run.run_id, run);
    return wasActive && isOver;
  }
}
