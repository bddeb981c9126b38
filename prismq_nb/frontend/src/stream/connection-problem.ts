/** Problems of the connection, as viewers show them, and the time of the next retry. Pure. */

import type { Failure, FailureKind } from "../api/failure.js";
import { BACKOFF_MS, backoff, MAX_SLOW_RETRY_MS } from "../base/backoff.js";

/** Consecutive failures after which "reconnecting" becomes "disconnected". */
export const MAX_RECONNECTING = 4;

export interface ConnectionProblem {
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

/** Failures that need no second try to be certain. */
const CERTAIN: Partial<Record<FailureKind, ConnectionProblem["state"]>> = {
  "signed-out": "signed-out",
  "not-running": "not-running",
  busy: "busy",
  refused: "refused",
};

/** Failures that last until the user signs in or is granted access. */
const LASTING: ReadonlySet<FailureKind> = new Set(["signed-out", "refused"]);

/**
 * Describe a failure of the connection.
 *
 * @param attempt number of consecutive failures.
 * @param now milliseconds since the epoch.
 * @param random 0 to 1.
 */
export function problemOf(
  failure: Failure,
  attempt: number,
  now: number,
  random: number,
): ConnectionProblem {
  const { kind, message: reason, retryAfterMs } = failure;
  const state = CERTAIN[kind] ?? (attempt < MAX_RECONNECTING ? "reconnecting" : "disconnected");
  const most = LASTING.has(kind) ? MAX_SLOW_RETRY_MS : BACKOFF_MS[1];
  return { state, reason, retryAt: now + Math.max(retryAfterMs, backoff(attempt, random, most)) };
}
