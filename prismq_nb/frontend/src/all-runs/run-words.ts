/** What the list says about a run, besides its status. Pure. */

import { bytes, clock, count, countOf, endDetails, localAndUtcTime } from "../base/format.js";
import { hasEnded } from "../base/protocol.js";
import { isCell } from "../base/run-words.js";
import { ago, errorsOf, errorsText, type ListedRun, took } from "../runs/runs-text.js";
import { notebookOf } from "./layout.js";

/** Progress below this is too little to tell how long the rest takes. */
const MIN_PERCENT = 2;

/** The arguments; a watched cell has none. */
export function argumentsOf(run: ListedRun): string {
  return isCell(run) ? "" : (run.arguments ?? "");
}

/** `12 min ago`, and the exact times for a tooltip. */
export function startOf(run: ListedRun, now: number): readonly [text: string, title: string] {
  const then = Date.parse(run.started_at ?? run.created_at);
  const word = run.started_at ? "Started" : "Launched";
  return [ago(then, now), `${word} ${localAndUtcTime(then)}`];
}

/** What started it: `analysis.ipynb`; undefined: unknown. */
export function originOf(run: ListedRun): string | undefined {
  const notebook = notebookOf(run);
  if (notebook) return notebook.slice(notebook.lastIndexOf("/") + 1);
  const kind = run.origin?.kind;
  return kind && kind !== "notebook" ? ORIGINS[kind] : undefined;
}

const ORIGINS: Readonly<Record<string, string>> = {
  terminal: "from a terminal",
  run: "from another run",
  ui: "from the browser",
};

/** Why it did not complete; empty: it did, or goes on. */
export function problemOf(run: ListedRun): string {
  return hasEnded(run.status) && run.status !== "completed" ? endDetails(run) : "";
}

/** Progress of a running run in percent; undefined: unknown. */
export function percentOf(run: ListedRun): number | undefined {
  return run.status === "running" ? (run.progress_percent ?? undefined) : undefined;
}

/**
 * `42% · 3 min 05 s left`
 *
 * @param since seconds since the run was read.
 */
export function progressText(run: ListedRun, since: number): string {
  const percent = percentOf(run);
  if (percent === undefined) return "";
  const text = `${Math.floor(percent)}%`;
  const passed = (run.duration_seconds ?? 0) + since;
  if (percent < MIN_PERCENT || percent >= 100 || !passed) return text;
  return `${text} · ${clock((passed * (100 - percent)) / percent)} left`;
}

/** `840 of 2,000`; empty: unknown. */
export function itemsText({ items_processed: done, items_total: all }: ListedRun): string {
  if (typeof done !== "number") return "";
  return typeof all === "number" ? `${count(done)} of ${count(all)}` : count(done);
}

/** `98% CPU · 1.2 GB`; empty: it does not run, or nothing was measured yet. */
export function usageText({ status, cpu_percent: cpu, memory_bytes: memory }: ListedRun): string {
  if (status !== "running") return "";
  const parts = [
    typeof cpu === "number" ? `${Math.round(cpu)}% CPU` : "",
    typeof memory === "number" ? bytes(memory) : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

/** `3 errors`; empty: none. */
export function errorsOfRun(run: ListedRun): string {
  const errors = errorsOf(run);
  return errors ? `${errorsText(run)} ${errors === 1 ? "error" : "errors"}` : "";
}

export function linesText({ lines }: ListedRun): string {
  return countOf(lines, "line");
}

/** Duration, or elapsed time; `since`: seconds since the run was read. */
export function durationOf(run: ListedRun, since: number): string {
  return took(run, since);
}
