/** Which runs were active, or not reported yet, when a page of this browser last looked. */

import { isRunId } from "../base/protocol.js";
import type { LastSeen } from "../runs/activity.js";
import { type ClaimStorage, parsed } from "./claims.js";

const MAX_RUNS = 1_000;

export function readLastSeen(name: string, storage: ClaimStorage, now: number): LastSeen {
  const { runs, at } = stored(name, storage);
  if (!Array.isArray(runs) || typeof at !== "number" || at > now) return { runs: [], at: now };
  return { runs: runs.filter(isRunId).slice(0, MAX_RUNS), at };
}

export function writeLastSeen(name: string, storage: ClaimStorage, { runs, at }: LastSeen): void {
  try {
    storage.setItem(name, JSON.stringify({ runs: runs.slice(0, MAX_RUNS), at }));
  } catch {
    // no storage, or no room in it: ends that no page sees are not reported
  }
}

function stored(name: string, storage: ClaimStorage): Partial<Record<keyof LastSeen, unknown>> {
  try {
    return (parsed(storage.getItem(name)) as object | null | undefined) ?? {};
  } catch {
    return {};
  }
}
