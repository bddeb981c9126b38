/**
 * Level counts of a run that ended before its last lines were counted: the stream is over by then,
 * so the counts are polled until they are complete. Knows no DOM.
 */

import { hasEnded, type RunStatus } from "../base/protocol.js";
import type { RunStore } from "./store.js";

export type FetchStatus = (run: string) => Promise<RunStatus>;

/** Delays (ms) of the first polls; the last one repeats. */
const WAITS_MS = [150, 500, 1_000, 2_000];
/** Counting a long log takes minutes. */
const LATER_MS = 5_000;
/** Polls without progress after which polling stops; the disk may be unable to store counts. */
const MOST_IDLE = 30;

/** Start to follow a store. */
export function followCounts(store: RunStore, fetchStatus: FetchStatus): void {
  let [asked, idle, isWaiting] = [0, 0, false];
  const look = (): void => {
    if (!store.complete || !lacksCounts(store.status)) {
      [asked, idle] = [0, 0];
      return;
    }
    if (isWaiting || idle >= MOST_IDLE) return;
    isWaiting = true;
    setTimeout(() => void take(), WAITS_MS[asked++] ?? LATER_MS);
  };
  const take = async (): Promise<void> => {
    const before = counted(store.status);
    const status = await fetchStatus(store.run).catch(() => undefined);
    isWaiting = false;
    idle = status && counted(status) > before ? 0 : idle + 1;
    if (status && store.complete) store.updateStatus(status);
    else look();
  };
  store.listen(look);
}

/** While the run has not ended, the stream reports the counts. */
function lacksCounts(status: RunStatus | undefined): boolean {
  if (status === undefined || !hasEnded(status.status)) return false;
  return [status.levels, status.records].some((counts) => counts?.complete === false);
}

function counted(status: RunStatus | undefined): number {
  return Object.values(status?.levels ?? {}).reduce<number>((sum, lines) => sum + Number(lines), 0);
}
