/** The runs that are selected. Pure. */

import type { ListedRun } from "../runs/runs-text.js";

export class Selection {
  /** By id, as they were when they were selected or seen last. */
  readonly #runs = new Map<string, ListedRun>();
  /** Where a range begins. */
  #anchor = 0;

  get size(): number {
    return this.#runs.size;
  }

  get runs(): readonly ListedRun[] {
    return [...this.#runs.values()];
  }

  has(run: string): boolean {
    return this.#runs.has(run);
  }

  clear(): void {
    this.#runs.clear();
  }

  toggle(run: ListedRun, index: number): void {
    if (!this.#runs.delete(run.run_id)) this.#runs.set(run.run_id, run);
    this.#anchor = index;
  }

  /** Select all from the last one that was selected alone to `index`. */
  extend(index: number, at: (index: number) => ListedRun | undefined): void {
    const [first, last] = [Math.min(this.#anchor, index), Math.max(this.#anchor, index)];
    this.#runs.clear();
    for (let place = first; place <= last; place++) {
      const run = at(place);
      if (run) this.#runs.set(run.run_id, run);
    }
  }

  add(runs: readonly ListedRun[]): void {
    for (const run of runs) this.#runs.set(run.run_id, run);
  }

  /** Take newer states of the selected runs. */
  update(runs: Iterable<ListedRun>): void {
    for (const run of runs) if (this.#runs.has(run.run_id)) this.#runs.set(run.run_id, run);
  }

  delete(run: string): void {
    this.#runs.delete(run);
  }
}
