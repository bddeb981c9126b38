/**
 * Counts per level of a run that ended before its last lines were counted: the stream is over then,
 * so they are asked for until they are whole. Knows no DOM.
 */

import { hasEnded, type RunStatus } from "../base/protocol.js";
import type { RunStore } from "./store.js";

export type FetchStatus = (run: string) => Promise<RunStatus>;

/** The first questions come after these times (ms), the others after the last of them. */
const WAITS_MS = [150, 500, 1_000, 2_000];
/** A long log is counted for minutes. */
const LATER_MS = 5_000;
/** So many answers without any progress (a disk that takes no counts, perhaps), and no more is asked. */
const MOST_IDLE = 30;

/** Follows a store from now on. */
export function followCounts(store: RunStore, fetchStatus: FetchStatus): void {
  let [asked, idle, isWaiting] = [0, 0, false];
  const look = (): void => {
    if (!store.complete || !lacksCounts(store.status)) return void ([asked, idle] = [0, 0]);
    if (isWaiting || idle >= MOST_IDLE) return;
    isWaiting = true;
    setTimeout(() => void take(), WAITS_MS[asked++] ?? LATER_MS);
  };
  const take = async (): Promise<void> => {
    const before = counted(store.status);
    const status = await fetchStatus(store.run).catch(() => undefined);
    isWaiting = false;
    idle = status && counted(status) > before ? 0 : idle + 1;
    if (status && store.complete) store.told(status);
    else look();
  };
  store.listen(look);
}

/** Without an end, the stream tells. */
function lacksCounts(status: RunStatus | undefined): boolean {
  if (status === undefined || !hasEnded(status.status)) return false;
  return [status.levels, status.records].some((counts) => counts?.["complete"] === false);
}

function counted(status: RunStatus | undefined): number {
  return Object.values(status?.levels ?? {}).reduce<number>((sum, lines) => sum + Number(lines), 0);
}
