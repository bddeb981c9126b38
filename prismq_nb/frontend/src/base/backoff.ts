/**
 * Exponential backoff with jitter between retries, which ends as soon as the connection works
 * again. Shared by the stream, searches and fetches.
 */

/**
 * Minimum and maximum wait before a retry, in ms. A recovery is noticed within five seconds: a
 * failed retry is cheaper than a waiting user.
 */
export const BACKOFF_MS = [1_000, 4_000] as const;
/** Maximum wait if the user or the stream can trigger an earlier retry, in ms. */
export const MAX_SLOW_RETRY_MS = 30_000;

/**
 * Wait before retry `attempt` (from 1), in ms: doubles up to `most`, with jitter so that many pages
 * do not retry at once.
 */
export function backoff(attempt: number, random: number, most: number = BACKOFF_MS[1]): number {
  const [least] = BACKOFF_MS;
  const full = Math.min(most, least * 2 ** (attempt - 1));
  return Math.max(least, Math.round(full * (0.75 + random / 4)));
}

/** Backoff state of one operation. */
export class Retries {
  #failures = 0;

  /** Return the next wait in ms, at least `least`. */
  next(least = 0): number {
    this.#failures++;
    return Math.max(least, backoff(this.#failures, Math.random(), MAX_SLOW_RETRY_MS));
  }

  /** Start over after a success. */
  reset(): void {
    this.#failures = 0;
  }
}

const listeners = new Set<() => void>();

/** End all waits: the connection works again. */
export function notifyRecovery(): void {
  for (const wake of [...listeners]) wake();
}

/** Call `listener` whenever the connection works again; return a function that stops it. */
export function onRecovery(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Wait `ms` milliseconds, or until the connection works again. */
export async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      listeners.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    listeners.add(wake);
  });
}
