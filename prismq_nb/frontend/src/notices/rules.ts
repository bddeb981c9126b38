/** Which ends of runs cause a notice. Pure. */

import type { ListedRun } from "../runs/runs-text.js";

/** `long`: of runs that took more than `LONG_SECONDS`. */
export type NoticeChoice = "all" | "long" | "failed" | "none";

const LONG_SECONDS = 60;
/** An end that a page missed is of interest for this long (ms): a night and more. */
const RECENT_MS = 24 * 3_600_000;

/** Whether the end of a run is reported. Who stops a run knows it. */
export function isTold(run: ListedRun, choice: NoticeChoice, now: number): boolean {
  const { completed_at } = run;
  if (completed_at !== null && now - Date.parse(completed_at) > RECENT_MS) return false;
  if (choice === "all") return true;
  if (choice === "failed") return run.status === "failed";
  const wasStopped = run.status === "cancelled" && run.end_reason === "stopped";
  return choice === "long" && !wasStopped && (run.duration_seconds ?? 0) >= LONG_SECONDS;
}
