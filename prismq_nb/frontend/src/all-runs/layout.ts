/**
 * Where headings and runs are in the scrolled list, and which of them are in view. Runs have one
 * height, so positions are computed, and nothing is measured. Pure.
 */

import type { ListedRun } from "../runs/runs-text.js";

export const HEADING_PX = 32;

/** Some runs below a heading. */
export interface Section {
  readonly key: string;
  /** Undefined: no heading. */
  readonly heading: string | undefined;
  readonly count: number;
  /** Undefined: not fetched yet. */
  readonly at: (index: number) => ListedRun | undefined;
}

export type Item =
  | { readonly kind: "heading"; readonly key: string; readonly top: number; section: Section }
  | {
      readonly kind: "run";
      readonly key: string;
      readonly top: number;
      /** Place among all runs of the list. */
      readonly index: number;
      readonly run: ListedRun | undefined;
    };

export interface Extent {
  readonly top: number;
  readonly height: number;
}

export class Layout {
  readonly height: number;
  /** Number of runs. */
  readonly count: number;
  readonly #sections: readonly Section[];
  readonly #rowPx: number;

  constructor(sections: readonly Section[], rowPx: number) {
    this.#sections = sections;
    this.#rowPx = rowPx;
    this.count = sections.reduce((sum, { count }) => sum + count, 0);
    this.height = sections.reduce((sum, section) => sum + this.#heightOf(section), 0);
  }

  /** The items in view, in order. */
  visible({ top, height }: Extent): Item[] {
    const items: Item[] = [];
    const seen = new Set<string>();
    const end = top + height;
    let at = 0;
    let index = 0;
    for (const section of this.#sections) {
      const head = section.heading === undefined ? 0 : HEADING_PX;
      if (head && at + head > top && at < end)
        items.push({ kind: "heading", key: `heading ${section.key}`, top: at, section });
      const first = Math.max(0, Math.floor((top - at - head) / this.#rowPx));
      const last = Math.min(section.count, Math.ceil((end - at - head) / this.#rowPx));
      for (let place = first; place < last; place++) {
        const found = section.at(place);
        // pages that were fetched before and after a change may have the same run
        const run = found && !seen.has(found.run_id) ? found : undefined;
        const key = run?.run_id ?? `${section.key} ${place}`;
        seen.add(key);
        const y = at + head + place * this.#rowPx;
        items.push({ kind: "run", key, top: y, index: index + place, run });
      }
      at += this.#heightOf(section);
      index += section.count;
    }
    return items;
  }

  /** Indexes of a section's runs in view, with as many before and after; undefined: none. */
  inView(key: string, extent: Extent): readonly [first: number, last: number] | undefined {
    let at = 0;
    for (const section of this.#sections) {
      const begin = at + (section.heading === undefined ? 0 : HEADING_PX);
      if (section.key === key) {
        const first = Math.floor((extent.top - extent.height - begin) / this.#rowPx);
        const last = Math.ceil((extent.top + 2 * extent.height - begin) / this.#rowPx);
        return [Math.max(0, first), Math.max(0, last)];
      }
      at += this.#heightOf(section);
    }
    return undefined;
  }

  /** The run at a place among all runs. */
  at(index: number): ListedRun | undefined {
    let before = 0;
    for (const { count, at } of this.#sections) {
      if (index < before + count) return index < before ? undefined : at(index - before);
      before += count;
    }
    return undefined;
  }

  /** Where the run at a place is, in px from the top of the list. */
  topOf(index: number): number {
    let at = 0;
    let before = 0;
    for (const section of this.#sections) {
      const head = section.heading === undefined ? 0 : HEADING_PX;
      if (index < before + section.count) return at + head + (index - before) * this.#rowPx;
      at += this.#heightOf(section);
      before += section.count;
    }
    return at;
  }

  /** The place of a run among those that are here; -1: none of them. */
  indexOf(run: string): number {
    let before = 0;
    for (const { count, at } of this.#sections) {
      for (let place = 0; place < count; place++)
        if (at(place)?.run_id === run) return before + place;
      before += count;
    }
    return -1;
  }

  #heightOf({ heading, count }: Section): number {
    return (heading === undefined ? 0 : HEADING_PX) + count * this.#rowPx;
  }
}

const NO_NOTEBOOK = "Not from a notebook";

/** Group runs, in the order of the first run of each group. */
export function grouped(runs: readonly ListedRun[], by: "notebook" | "module"): Section[] {
  const groups = new Map<string, ListedRun[]>();
  for (const run of runs) {
    const name = by === "notebook" ? (notebookOf(run) ?? NO_NOTEBOOK) : run.module_name;
    const group = groups.get(name);
    if (group) group.push(run);
    else groups.set(name, [run]);
  }
  return [...groups].map(([heading, members]) => ({
    key: `group ${heading}`,
    heading,
    count: members.length,
    at: (index) => members[index],
  }));
}

/** Path of the notebook that started the run. */
export function notebookOf(run: ListedRun): string | undefined {
  return run.origin?.notebook ?? run.notebook ?? undefined;
}
