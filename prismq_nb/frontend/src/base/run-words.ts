/** State of a run besides its status: its input and its background processes. Pure. */

import { capitalized } from "./format.js";
import { hasEnded, isUnreachable, type RunStatus } from "./protocol.js";

/** Background processes named in one line; the others are counted. */
const MAX_NAMES = 3;

/** What to do about a cell that goes on after an interrupt. */
export const RESTART_KERNEL =
  "The cell has not stopped yet. To end it, restart the kernel: " +
  "Kernel menu, Restart Kernel\u2026";

/** Whether the run is a watched cell, whose process is a kernel. */
export function isCell(status: Pick<RunStatus, "kind"> | undefined): boolean {
  return status?.kind === "cell";
}

/** Whether the run accepts input now. */
export function takesInput(status: RunStatus | undefined): boolean {
  return status?.status === "running" && !isUnreachable(status) && status.takes_input !== false;
}

/** Whether the run waits for a line. A program that turned the echo off did so to ask for one. */
export function waitsForInput(status: RunStatus | undefined): boolean {
  return takesInput(status) && (status?.waiting_for_input === true || status?.hides_input === true);
}

/** Whether the run has ended but its background processes can still print. */
export function isOutputOpen(status: RunStatus | undefined): status is RunStatus {
  return status?.output_open === true && hasEnded(status.status);
}

/** `Completed` */
export function statusName({ status }: Pick<RunStatus, "status">): string {
  return capitalized(status);
}

/** `python (4711), sleep (4712), 2 more`; empty: none known. */
export function backgroundNames(status: RunStatus, most = MAX_NAMES): string {
  const { background = [] } = status;
  const named = background.slice(0, most).map(({ name, pid }) => `${name} (${pid})`);
  const more = background.length - named.length;
  return [...named, ...(more ? [`${more} more`] : [])].join(", ");
}
