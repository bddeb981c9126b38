/** What the view of all runs shows: filter, order and groups, and their form in an address. */

import { isRunState, type RunState } from "../base/protocol.js";

/** Orders of the server; `-` is descending. */
export const SORTS = {
  "-created_at": "Newest first",
  created_at: "Oldest first",
  "-duration": "Longest first",
  "-errors": "Most errors first",
  name: "Name",
} as const;
export type Sort = keyof typeof SORTS;
export const GROUPS = { none: "None", notebook: "Notebook", module: "Module" } as const;
export type Group = keyof typeof GROUPS;

export interface Query {
  /** Empty: all. */
  readonly statuses: readonly RunState[];
  /** Text in name, id or arguments; empty: all. */
  readonly q: string;
  /** Text in the log; empty: the logs are not searched. */
  readonly log: string;
  readonly sort: Sort;
  readonly group: Group;
}

export const EVERYTHING: Query = {
  statuses: [],
  q: "",
  log: "",
  sort: "-created_at",
  group: "none",
};
export const MAX_FILTER_CHARS = 500;
/** Statuses of runs that are shown first. */
export const ACTIVE: readonly RunState[] = ["running", "queued"];
export const ENDED: readonly RunState[] = ["completed", "failed", "cancelled"];

/** The query in an address, which anybody may have written: what is not valid is ignored. */
export function queryIn(parameters: URLSearchParams): Query {
  const statuses = (parameters.get("status") ?? "").split(",").filter(isRunState);
  const sort = parameters.get("sort") ?? "";
  const group = parameters.get("group") ?? "";
  return {
    statuses: [...new Set(statuses)],
    q: (parameters.get("q") ?? "").slice(0, MAX_FILTER_CHARS),
    log: (parameters.get("log") ?? "").slice(0, MAX_FILTER_CHARS),
    sort: Object.hasOwn(SORTS, sort) ? (sort as Sort) : EVERYTHING.sort,
    group: Object.hasOwn(GROUPS, group) ? (group as Group) : EVERYTHING.group,
  };
}

/** Write the query into `parameters`; what is as usual is left out, and the rest stays. */
export function writeQuery(query: Query, parameters: URLSearchParams): void {
  const written: Record<string, string> = {
    status: query.statuses.join(","),
    q: query.q,
    log: query.log,
    sort: query.sort === EVERYTHING.sort ? "" : query.sort,
    group: query.group === EVERYTHING.group ? "" : query.group,
  };
  for (const [name, value] of Object.entries(written)) {
    if (value) parameters.set(name, value);
    else parameters.delete(name);
  }
}

export function isFiltered({ statuses, q }: Query): boolean {
  return statuses.length > 0 || q !== "";
}

/** The query with a status added or removed. */
export function toggled(query: Query, chosen: readonly RunState[]): Query {
  const isOn = chosen.every((status) => query.statuses.includes(status));
  const rest = query.statuses.filter((status) => !chosen.includes(status));
  return { ...query, statuses: isOn ? rest : [...rest, ...chosen] };
}

/** The statuses of `among` that the query shows. */
export function shown(query: Query, among: readonly RunState[]): readonly RunState[] {
  return query.statuses.length ? among.filter((status) => query.statuses.includes(status)) : among;
}

/** A sentence about a filter without matches; undefined: there is no filter. */
export function nothingFound({ statuses, q }: Query): string | undefined {
  const words = statuses.filter((status) => status !== "queued").join(" or ");
  const what = words ? `No ${words} runs` : "No runs";
  if (q) return `${what} match “${q}”`;
  return statuses.length ? what : undefined;
}
