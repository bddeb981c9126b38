/** What is wrong with the connection, as windows tell it, and when it is tried again. Pure. */

import type { Failure, FailureKind } from "../api/failure.js";
import { backoff, BACKOFF_MS, PATIENT_MS } from "../base/waiting.js";

/** Failed tries in a row after which "reconnecting" becomes "disconnected". */
export const PATIENCE = 4;

export interface Trouble {
  readonly state:
    | "reconnecting"
    | "disconnected"
    | "signed-out"
    | "not-running"
    | "busy"
    | "refused";
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly retryAt: number;
}

/** What needs no second try to be sure of. */
const CERTAIN: Partial<Record<FailureKind, Trouble["state"]>> = {
  "signed-out": "signed-out",
  "not-running": "not-running",
  busy: "busy",
  refused: "refused",
};

/** What does not pass by itself: somebody has to sign in, or to allow it. */
const LASTING: ReadonlySet<FailureKind> = new Set(["signed-out", "refused"]);

/**
 * @param attempt how many tries failed in a row.
 * @param now milliseconds since the epoch.
 * @param random 0 to 1.
 */
export function troubleOf(failure: Failure, attempt: number, now: number, random: number): Trouble {
  const { kind, message: reason, retryAfterMs } = failure;
  const state = CERTAIN[kind] ?? (attempt < PATIENCE ? "reconnecting" : "disconnected");
  const most = LASTING.has(kind) ? PATIENT_MS : BACKOFF_MS[1];
  return { state, reason, retryAt: now + Math.max(retryAfterMs, backoff(attempt, random, most)) };
}
