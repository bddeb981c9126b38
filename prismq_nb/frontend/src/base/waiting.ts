/**
 * Waits between tries: they grow, are spread, and end as soon as the connection works again. Shared
 * by the stream, searches and fetches.
 */

/**
 * Shortest and longest wait before a new try, in ms. What is back is seen within five seconds: a
 * try at what is away costs less than a person who waits.
 */
export const BACKOFF_MS = [1_000, 4_000] as const;
/** The longest wait where a person, or the stream, finds out that another try is worth it. */
export const PATIENT_MS = 30_000;

/**
 * Wait before try `attempt` (from 1), in ms: doubles up to `most`, and is spread so that many pages
 * do not come back at once.
 */
export function backoff(attempt: number, random: number, most: number = BACKOFF_MS[1]): number {
  const [least] = BACKOFF_MS;
  const full = Math.min(most, least * 2 ** (attempt - 1));
  return Math.max(least, Math.round(full * (0.75 + random / 4)));
}

/** The waits of one thing that is tried again and again. */
export class Retries {
  #failures = 0;

  /** The next wait in ms, not below `least`. */
  next(least = 0): number {
    this.#failures++;
    return Math.max(least, backoff(this.#failures, Math.random(), PATIENT_MS));
  }

  /** It worked. */
  reset(): void {
    this.#failures = 0;
  }
}

const sleepers = new Set<() => void>();

/** Ends all waits: the connection works again. */
export function recovered(): void {
  for (const wake of [...sleepers]) wake();
}

/** Calls `listener` whenever the connection works again; returns how to stop that. */
export function onRecovery(listener: () => void): () => void {
  sleepers.add(listener);
  return () => void sleepers.delete(listener);
}

/** Waits so many ms, or until the connection works again. */
export async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      sleepers.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    sleepers.add(wake);
  });
}
