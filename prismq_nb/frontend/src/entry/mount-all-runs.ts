/** The entry point of `static/runs.js`: show all runs in an element. */

import { AllRuns } from "../all-runs/all-runs.js";
import { queryIn, writeQuery } from "../all-runs/query.js";

export interface AllRunsHandle {
  /** Show other runs; the query as in an address. */
  show(query: string): void;
  focus(): void;
  dispose(): void;
}

export interface AllRunsArguments {
  /** As in an address: `status=failed&q=train`. */
  readonly query?: string;
  /** The person chose other runs. */
  readonly onQuery?: (query: string) => void;
  /** The numbers of runs by status, whenever they may have changed. */
  readonly onCounts?: (counts: Readonly<Record<string, number>>) => void;
  /** Show a run, from a line (from 0) if one was chosen; if absent, its page opens in this tab. */
  readonly onOpen?: (run_id: string, name: string, line?: number) => void;
  /** Show a notebook, by its path below Jupyter's root folder; if absent, none can be shown. */
  readonly onNotebook?: (path: string, cell_id: string | undefined) => Promise<void>;
}

export function mountAllRuns(
  el: HTMLElement,
  { query = "", onQuery, onCounts, onOpen, onNotebook }: AllRunsArguments = {},
): AllRunsHandle {
  const view = new AllRuns(el, {
    query: queryIn(new URLSearchParams(query)),
    onQuery: onQuery && ((chosen) => onQuery(textOf(chosen))),
    onCounts,
    onNotebook,
    onOpen: onOpen && (({ run_id, module_name }, line) => onOpen(run_id, module_name, line)),
  });
  return {
    show: (other) => view.ask(queryIn(new URLSearchParams(other))),
    focus: () => view.focus(),
    dispose: () => view.dispose(),
  };
}

function textOf(query: Parameters<typeof writeQuery>[0]): string {
  const parameters = new URLSearchParams();
  writeQuery(query, parameters);
  return parameters.toString().replaceAll("%2C", ",");
}
