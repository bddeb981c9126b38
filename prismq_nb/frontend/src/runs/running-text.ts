/** What the status bar says about the active runs. Pure. */

import { count } from "../base/format.js";
import { isUnreachable } from "../base/protocol.js";
import { shortened } from "../base/short-text.js";
import type { ListedRun } from "./runs-text.js";

/** Runs named in the tooltip; the others are counted. */
const MAX_NAMES = 10;
const NAME_CHARS = 60;

export interface RunningText {
  /** `2 running · 43%`; empty: nothing runs. */
  readonly text: string;
  /** One line for each run. */
  readonly title: string;
}

/** @param runs the active runs, newest first. */
export function runningText(runs: readonly ListedRun[]): RunningText {
  const running = runs.filter((run) => run.status === "running" && !isUnreachable(run));
  const [newest] = running;
  if (!newest) return { text: "", title: "" };
  const percent = percentText(newest);
  const named = running.slice(0, MAX_NAMES).map((run) => {
    return [shortened(run.module_name, NAME_CHARS), percentText(run)].filter(Boolean).join(" · ");
  });
  const more = running.length - named.length;
  return {
    text: [`${count(running.length)} running`, percent].filter(Boolean).join(" · "),
    title: [...named, ...(more ? [`${count(more)} more`] : []), "Click to show the runs"].join(
      "\n",
    ),
  };
}

function percentText({ progress_percent: percent }: ListedRun): string {
  return typeof percent === "number" ? `${Math.floor(percent)}%` : "";
}
