/** Stop, keep or delete several runs, some at a time, and say how that went. Knows no DOM. */

import { ask } from "../api/ask.js";
import { failureOf } from "../api/failure.js";
import { countOf } from "../base/format.js";
import { hasEnded, isUnreachable } from "../base/protocol.js";
import { isCell } from "../base/run-words.js";
import type { ListedRun } from "../runs/runs-text.js";

/** Requests at the same time; the browser has six connections for all. */
const AT_ONCE = 3;
const JSON_TYPE = { "Content-Type": "application/json" };

export interface Bulk {
  /** `Stop`; with the number of runs in the question and in the report. */
  readonly verb: "Stop" | "Restart" | "Keep" | "Release" | "Delete";
  /** `stopped` */
  readonly past: string;
  /** Runs that it is for. */
  readonly applies: (run: ListedRun) => boolean;
  readonly send: (run: string) => Promise<unknown>;
  /** What people should know before; undefined: it is not asked. */
  readonly warning?: string;
}

export const BULK: Readonly<Record<Bulk["verb"], Bulk>> = {
  Stop: {
    verb: "Stop",
    past: "stopped",
    applies: (run) => !hasEnded(run.status) && !isUnreachable(run) && !run.stopping,
    send: (run) => ask(run, "", { method: "DELETE" }),
    warning:
      "Each gets SIGINT, as by Ctrl+C, and is ended with all its processes if it keeps running. " +
      "Watched cells are interrupted.",
  },
  Restart: {
    verb: "Restart",
    past: "restarted",
    applies: (run) => hasEnded(run.status) && !isCell(run),
    send: (run) => ask(run, "/restart", { method: "POST" }),
    warning: "Each starts a new run with the same arguments, all at once.",
  },
  Keep: {
    verb: "Keep",
    past: "kept",
    applies: (run) => run.kept !== true,
    send: (run) => ask(run, "", patch(true)),
  },
  Release: {
    verb: "Release",
    past: "released",
    applies: (run) => run.kept === true,
    send: (run) => ask(run, "", patch(false)),
  },
  Delete: {
    verb: "Delete",
    past: "deleted",
    applies: (run) => hasEnded(run.status),
    send: (run) => ask(run, "?purge=true", { method: "DELETE" }),
    warning: "Their logs are deleted, too. This cannot be undone.",
  },
};

function patch(keep: boolean): RequestInit {
  return { method: "PATCH", headers: JSON_TYPE, body: JSON.stringify({ keep }) };
}

/**
 * Do it for all runs that it applies to.
 *
 * @param progress called with the number of runs that are done.
 * @returns a sentence for people, and the number of runs for which it failed.
 */
export async function all(
  { send, past }: Bulk,
  runs: readonly ListedRun[],
  progress: (done: number) => void = () => undefined,
): Promise<{ readonly sentence: string; readonly left: number }> {
  const waiting = [...runs];
  let done = 0;
  let failed = 0;
  let reason = "";
  const work = async (): Promise<void> => {
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      await send(run.run_id).catch((error: unknown) => {
        const failure = failureOf(error, true);
        if (failure.status === 404 || failure.status === 409) return; // it is so already
        failed++;
        reason ||= failure.message;
        if (failure.status === 0) waiting.length = 0; // the others would fail as well
      });
      progress(++done);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const left = runs.length - done + failed;
  const sentence = `${countOf(runs.length - left, "run")} ${past}`;
  return {
    sentence: left ? `${sentence}, ${countOf(left, "run")} not: ${reason}` : sentence,
    left,
  };
}
