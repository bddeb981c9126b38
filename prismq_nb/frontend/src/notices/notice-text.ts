/** The words of a notice about runs that have ended. Pure. */

import { count, countOf, duration, endDetails } from "../base/format.js";
import type { RunState } from "../base/protocol.js";
import { listOf, shortened } from "../base/short-text.js";
import type { ListedRun } from "../runs/runs-text.js";

/** JupyterLab cuts a notice after 140 characters. */
const NAME_CHARS = 40;
const DETAIL_CHARS = 70;
/** Runs named in a notice about several. */
const MAX_NAMES = 3;
const SEVERAL_NAME_CHARS = 20;

export interface Notice {
  readonly type: "success" | "warning" | "error";
  /** `training failed after 12 min` */
  readonly title: string;
  /** `exit code 1 · ValueError: no data`; empty: there is nothing more to say. */
  readonly text: string;
}

type How = readonly [type: Notice["type"], how: string];
const HOW: Readonly<Partial<Record<RunState, How>>> = {
  completed: ["success", "completed"],
  failed: ["error", "failed"],
};
const CANCELLED: How = ["warning", "was cancelled"];

/** @param runs that have ended, at least one. */
export function noticeOf(runs: readonly ListedRun[]): Notice {
  const [run, ...others] = runs;
  return run && !others.length ? ofOne(run) : ofSeveral(runs);
}

function ofOne(run: ListedRun): Notice {
  const { status, duration_seconds: seconds } = run;
  const [type, how] = HOW[status] ?? CANCELLED;
  const took = seconds === null ? "" : ` after ${duration(seconds)}`;
  const title = `${shortened(run.module_name, NAME_CHARS)} ${how}${took}`;
  const text = status === "completed" ? "" : shortened(endDetails(run), DETAIL_CHARS);
  return { type, title, text };
}

function ofSeveral(runs: readonly ListedRun[]): Notice {
  const failed = runs.filter(({ status }) => status === "failed");
  const title = `${countOf(runs.length, "run")} ended`;
  if (!failed.length) return { type: "success", title, text: namesOf(runs) };
  return {
    type: "error",
    title: `${title}, ${count(failed.length)} failed`,
    text: `Failed: ${namesOf(failed)}`,
  };
}

function namesOf(runs: readonly ListedRun[]): string {
  const names = runs.map(({ module_name }) => module_name);
  return listOf(names, MAX_NAMES, SEVERAL_NAME_CHARS);
}
