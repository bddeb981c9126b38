/**
 * Part of a long list that is on the server: the pages that somebody looked at. Knows no requests.
 * Pure.
 */

import type { ListedRun } from "../runs/runs-text.js";

/** Runs per request; some screens full. */
export const PAGE_RUNS = 100;
/** Pages that are kept; older ones are fetched again when they are looked at. */
const MAX_PAGES = 30;

export class Windows {
  total = 0;
  readonly #pages = new Map<number, readonly ListedRun[]>();
  readonly #stale = new Set<number>();

  at(index: number): ListedRun | undefined {
    return this.#pages.get(Math.floor(index / PAGE_RUNS))?.[index % PAGE_RUNS];
  }

  /** The runs that are here, in order. */
  *[Symbol.iterator](): Generator<ListedRun> {
    for (const page of [...this.#pages.keys()].sort((a, b) => a - b))
      yield* this.#pages.get(page) ?? [];
  }

  put(page: number, runs: readonly ListedRun[], total: number): void {
    this.#pages.delete(page); // the newest last
    this.#pages.set(page, runs);
    this.#stale.delete(page);
    this.total = total;
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > MAX_PAGES && oldest !== undefined) this.#pages.delete(oldest);
  }

  /** The list has changed: what is here is shown until it was fetched again. */
  invalidate(): void {
    for (const page of this.#pages.keys()) this.#stale.add(page);
  }

  clear(): void {
    this.#pages.clear();
    this.#stale.clear();
    this.total = 0;
  }

  /** Take a newer state of a run; false: it is not here. */
  replace(run: ListedRun): boolean {
    for (const [page, runs] of this.#pages) {
      const at = runs.findIndex(({ run_id }) => run_id === run.run_id);
      if (at < 0) continue;
      this.#pages.set(page, runs.with(at, run));
      return true;
    }
    return false;
  }

  /**
   * Pages that are missing or out of date among runs `first` to `last` (exclusive); the first page
   * also of an empty list, because it tells whether it is still empty.
   */
  wanted(first: number, last: number): number[] {
    const known = this.#pages.size ? Math.max(1, this.total) : PAGE_RUNS;
    const end = Math.min(Math.max(1, last), known);
    const pages: number[] = [];
    for (
      let page = Math.floor(Math.min(first, end - 1) / PAGE_RUNS);
      page * PAGE_RUNS < end;
      page++
    )
      if (!this.#pages.has(page) || this.#stale.has(page)) pages.push(page);
    return pages;
  }
}
