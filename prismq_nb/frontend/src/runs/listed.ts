/**
 * A page of the list of runs after changes, without a request. Pure.
 *
 * The rules are those of the server: `q` looks at id, name and arguments, ignoring case, and the
 * newest run comes first.
 */

import type { RunChange } from "../stream/list-event.js";
import type { ListedRun, RunsPage, RunsQuery } from "./runs-text.js";

/** Where a run id has the time of the request, to a second. */
const MOMENT = [4, 19] as const;

/**
 * Apply changes to a page.
 *
 * @returns the page; undefined: only the server knows what it shows now.
 */
export function applied(
  page: RunsPage,
  changes: readonly RunChange[],
  query: RunsQuery,
): RunsPage | undefined {
  let after: RunsPage | undefined = page;
  for (const change of changes) {
    after = change.kind === "removed" ? without(after, change.run_id, query) : after;
    if (after && change.kind === "run") after = withRun(after, change.run as ListedRun, query);
    if (!after) return undefined;
  }
  return after;
}

function withRun(page: RunsPage, run: ListedRun, query: RunsQuery): RunsPage | undefined {
  const at = page.runs.findIndex(({ run_id }) => run_id === run.run_id);
  if (!matches(run, query)) return at < 0 ? page : without(page, run.run_id, query);
  if (at >= 0) return { ...page, runs: page.runs.with(at, run) };
  const last = page.runs.at(-1);
  const isNewer = !last || order(run) > order(last);
  if (query.offset || (!isNewer && page.runs.length >= query.limit)) return undefined;
  const runs = [...page.runs, run].sort((a, b) => (order(a) < order(b) ? 1 : -1));
  return { ...page, runs: runs.slice(0, query.limit), total: page.total + 1 };
}

function without(page: RunsPage, run: string, { offset }: RunsQuery): RunsPage | undefined {
  const runs = page.runs.filter(({ run_id }) => run_id !== run);
  const isWhole = !offset && page.total === page.runs.length;
  if (!isWhole) return undefined;
  return runs.length === page.runs.length ? page : { ...page, runs, total: page.total - 1 };
}

function matches(run: ListedRun, { q, status, module_id }: RunsQuery): boolean {
  const text = `${run.run_id}\n${run.module_name}\n${run.arguments ?? ""}`.toLowerCase();
  return (
    (status === undefined || run.status === status) &&
    (module_id === undefined || run.module_id === module_id) &&
    (q === undefined || text.includes(q.toLowerCase()))
  );
}

function order({ run_id, created_at }: ListedRun): string {
  return `${run_id.slice(...MOMENT)} ${created_at} ${run_id}`;
}
