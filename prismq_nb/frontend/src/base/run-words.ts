/** What the viewer says of a run besides its status: its input, and what it left behind. Pure. */

import { capitalized } from "./format.js";
import { hasEnded, isUnreachable, type RunStatus } from "./protocol.js";

/** Background processes that are named in one line; the others are counted. */
const NAMED = 3;

/** Whether somebody can answer it now. */
export function takesInput(status: RunStatus | undefined): boolean {
  return status?.status === "running" && !isUnreachable(status) && status.takes_input !== false;
}

/** Whether it waits for a line. A program that turned the echo off did so to ask for one. */
export function waitsForInput(status: RunStatus | undefined): boolean {
  return takesInput(status) && (status?.waiting_for_input === true || status?.hides_input === true);
}

/** Whether it has ended, and processes that it left behind can still print. */
export function isOutputOpen(status: RunStatus | undefined): status is RunStatus {
  return status?.output_open === true && hasEnded(status.status);
}

/** `Completed` */
export function statusName({ status }: Pick<RunStatus, "status">): string {
  return capitalized(status);
}

/** `python (4711), sleep (4712), 2 more`; empty: none is known. */
export function backgroundNames(status: RunStatus, most = NAMED): string {
  const { background = [] } = status;
  const named = background.slice(0, most).map(({ name, pid }) => `${name} (${pid})`);
  const more = background.length - named.length;
  return [...named, ...(more ? [`${more} more`] : [])].join(", ");
}
