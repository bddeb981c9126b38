/** The order of a table of runs, and the column headers that change it. */

import { element, icon, setAttribute } from "../base/dom.js";
import { errorsOf, type ListedRun } from "./runs-text.js";

type Key = "status" | "name" | "started" | "took" | "lines" | "errors";

export interface Order {
  readonly key: Key;
  readonly descending: boolean;
}

/** The order of the server. */
export const NEWEST: Order = { key: "started", descending: true };
const STATES = ["running", "queued", "failed", "cancelled", "completed"];
const VALUES: Readonly<Record<Key, (run: ListedRun) => number | string>> = {
  status: (run) => STATES.indexOf(run.status),
  name: (run) => run.module_name.toLowerCase(),
  started: (run) => run.created_at,
  took: (run) => run.duration_seconds ?? 0,
  lines: (run) => run.lines,
  errors: errorsOf,
};
/**
 * Columns that a first click sorts in ascending order; in the others the largest is of interest.
 */
const ASCENDING: readonly Key[] = ["name", "status"];
const COLUMNS: readonly (readonly [Key | "arguments" | "actions", string])[] = [
  ["status", "Status"],
  ["name", "Name"],
  ["started", "Started"],
  ["took", "Duration"],
  ["lines", "Lines"],
  ["errors", "Errors"],
  ["arguments", "Arguments"],
  ["actions", "Actions"],
];

/** The runs in that order; the sort is stable. */
export function sorted(
  runs: readonly ListedRun[],
  { key, descending }: Order,
): readonly ListedRun[] {
  if (key === NEWEST.key && descending) return runs;
  const value = VALUES[key];
  const compare = (a: ListedRun, b: ListedRun): number => {
    const [one, other] = [value(a), value(b)];
    return one < other ? -1 : one > other ? 1 : 0;
  };
  return [...runs].sort((a, b) => (descending ? -1 : 1) * compare(a, b));
}

/** The row of column headers. */
export class RunsHeader {
  readonly root = element("thead", "");
  readonly #heads = new Map<Key, HTMLElement>();
  #order = NEWEST;

  constructor(changed: (order: Order) => void) {
    const row = this.root.appendChild(element("tr", ""));
    for (const [key, name] of COLUMNS) {
      const head = row.appendChild(element("th", `prismq-runs-${key}`));
      head.scope = "col";
      if (key === "arguments") head.append(name);
      else if (key === "actions") head.append(element("span", "prismq-spoken", name));
      else {
        const button = element("button", "prismq-runs-sort", name, icon("down"));
        button.type = "button";
        button.addEventListener("click", () => {
          const isSame = this.#order.key === key;
          this.#order = {
            key,
            descending: isSame ? !this.#order.descending : !ASCENDING.includes(key),
          };
          this.#render();
          changed(this.#order);
        });
        head.append(button);
        this.#heads.set(key, head);
      }
    }
    this.#render();
  }

  #render(): void {
    for (const [key, head] of this.#heads) {
      const isSorted = key === this.#order.key;
      const way = this.#order.descending ? "descending" : "ascending";
      setAttribute(head, "aria-sort", isSorted ? way : "none");
    }
  }
}
