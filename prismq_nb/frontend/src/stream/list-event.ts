/** Events about the list of runs, as the stream of a page carries them. Pure. */

import { isRunId, type RunStatus } from "../base/protocol.js";

/** A run as the list of runs shows it. */
export interface ChangedRun extends RunStatus {
  readonly run_id: string;
  readonly lines: number;
}

/** A run that appeared or changed, or one that was removed. */
export type RunChange =
  | { readonly kind: "run"; readonly run: ChangedRun }
  | { readonly kind: "removed"; readonly run_id: string };

/**
 * An event, and the position behind it.
 *
 * `reset`: earlier changes are not known, so the runs must be listed; `resumed`: all changes after
 * the position of the request follow.
 */
export type ListEvent = (RunChange | { readonly kind: "reset" | "resumed" }) & {
  readonly position: string;
};

/** Parse an event; undefined: it is none about the list, or a newer server sent other data. */
export function parseListEvent(
  name: string,
  data: string,
  position: string,
): ListEvent | undefined {
  if (!position) return undefined;
  if (name === "reset" || name === "resumed") return { kind: name, position };
  if (name !== "run" && name !== "removed") return undefined;
  const value = parsed(data);
  if (!isRunId(value?.run_id)) return undefined;
  if (name === "removed") return { kind: name, run_id: value.run_id, position };
  return typeof value.status === "string"
    ? { kind: name, run: value as ChangedRun, position }
    : undefined;
}

function parsed(data: string): Partial<ChangedRun> | null {
  try {
    return JSON.parse(data) as Partial<ChangedRun> | null;
  } catch {
    return null;
  }
}
