/**
 * Counts per level of a run that ended before its last lines were counted: the stream is over then,
 * so they are asked for until they are whole. Knows no DOM.
 */

import { hasEnded, type RunStatus } from "./protocol.js";
import type { RunStore } from "./store.js";

export type FetchStatus = (run: string) => Promise<RunStatus>;

/** Times (ms) after the end at which they are asked for: a long log is counted for minutes. */
const WAITS_MS = [150, 500, 1_500, 5_000, 15_000, 60_000];

/** Follows a store from now on. */
export function followCounts(store: RunStore, fetchStatus: FetchStatus): void {
  let asked = 0;
  let isWaiting = false;
  const look = (): void => {
    if (!store.complete || !lacksCounts(store.status)) return void (asked = 0);
    const wait = WAITS_MS[asked];
    if (isWaiting || wait === undefined) return;
    isWaiting = true;
    setTimeout(() => void take(), wait);
  };
  const take = async (): Promise<void> => {
    asked++;
    const status = await fetchStatus(store.run).catch(() => undefined);
    isWaiting = false;
    if (status && store.complete) store.told(status);
    else look();
  };
  store.listen(look);
}

function lacksCounts(status: RunStatus | undefined): boolean {
  return status !== undefined && hasEnded(status.status) && status.levels?.["complete"] === false;
}
