/**
 * The rows of a table of runs. They are not reordered under the pointer, so that a click on Stop
 * hits the run that the person saw.
 */

import { element } from "../base/dom.js";
import { type RowEvents, RunRow } from "./runs-row.js";
import type { ListedRun } from "./runs-text.js";

/** Clicks on a row are ignored for this long (ms) after it moved. */
const SETTLED_MS = 400;

export class RunsRows {
  readonly root = element("tbody", "");
  readonly #events: Omit<RowEvents, "isSettled">;
  readonly #rows = new Map<string, RunRow>();
  #order: readonly ListedRun[] = [];
  #isHeld = false;
  #isLate = false;
  #movedAt = -Infinity;
  /** The run whose row Tab reaches: the one that had the focus last, else the first. */
  #active: string | undefined;
  #used: string | undefined;

  constructor(events: Omit<RowEvents, "isSettled">) {
    this.#events = events;
    this.root.addEventListener(
      "pointerover",
      ({ pointerType }) => (this.#isHeld = pointerType === "mouse"),
    );
    this.root.addEventListener("pointerleave", () => {
      this.#isHeld = false;
      if (this.#isLate) this.#arrange();
    });
    this.root.addEventListener("keydown", (event) => this.#moveFocus(event));
    this.root.addEventListener("focusin", (event) => {
      const row = this.#rowOf(event.target);
      this.#used = row?.run;
      this.#setTabStop(row);
    });
  }

  get size(): number {
    return this.#rows.size;
  }

  /** @param asked the person chose another order or filter: apply it at once. */
  show(runs: readonly ListedRun[], stale: boolean, asked: boolean): void {
    this.#order = runs;
    for (const run of runs) this.#rows.get(run.run_id)?.update(run);
    if (this.#isHeld && !asked && this.#rows.size) this.#isLate = true;
    else this.#arrange();
    this.render(stale);
  }

  render(stale: boolean): void {
    for (const row of this.#rows.values()) row.render(stale);
  }

  tick(stale: boolean): void {
    for (const row of this.#rows.values()) row.tick(stale);
  }

  #arrange(): void {
    this.#isLate = false;
    const wanted = new Set(this.#order.map(({ run_id }) => run_id));
    for (const [run, row] of this.#rows) {
      if (wanted.has(run)) continue;
      row.root.remove();
      this.#rows.delete(run);
      this.#movedAt = performance.now();
    }
    let next = this.root.firstElementChild;
    for (const run of this.#order) {
      const row = this.#rows.get(run.run_id) ?? this.#make(run);
      if (row.root === next) next = next.nextElementSibling;
      else {
        this.root.insertBefore(row.root, next); // only what has moved, so that the focus stays
        this.#movedAt = performance.now();
      }
    }
    this.#setTabStop(
      this.#rows.get(this.#used ?? "") ?? this.#rows.get(this.#order[0]?.run_id ?? ""),
    );
  }

  #make(run: ListedRun): RunRow {
    const isSettled = (): boolean => performance.now() - this.#movedAt > SETTLED_MS;
    const row = new RunRow(run, { ...this.#events, isSettled });
    for (const control of row.all) control.tabIndex = -1;
    this.#rows.set(run.run_id, row);
    row.update(run);
    row.render(false);
    return row;
  }

  /** Make one row the stop of Tab; arrow keys reach the others. */
  #setTabStop(row: RunRow | undefined): void {
    if (!row) return;
    const before = this.#rows.get(this.#active ?? "");
    if (before !== row) for (const control of before?.all ?? []) control.tabIndex = -1;
    for (const control of row.all) control.tabIndex = 0;
    this.#active = row.run;
  }

  #moveFocus(event: KeyboardEvent): void {
    const row = this.#rowOf(event.target);
    const node = {
      ArrowDown: row?.root.nextElementSibling,
      ArrowUp: row?.root.previousElementSibling,
    };
    const goal = this.#rowOf(node[event.key as keyof typeof node]);
    if (!row || !goal || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault(); // the list would scroll
    const column = row.controls.indexOf(event.target as HTMLElement);
    goal.controls[Math.min(column, goal.controls.length - 1)]?.focus();
  }

  #rowOf(target: unknown): RunRow | undefined {
    const root = target instanceof Element ? target.closest<HTMLElement>("tr") : null;
    return root?.dataset.run ? this.#rows.get(root.dataset.run) : undefined;
  }
}
