/**
 * One clock for all viewers of a page: ten that tick in one go cost one frame a second, not ten.
 *
 * Stands still while the page cannot be seen, or nobody listens.
 */

const SECOND_MS = 1_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Calls `listener` every second; returns how to stop that. */
export function everySecond(listener: () => void): () => void {
  if (!listeners.size) document.addEventListener("visibilitychange", wind);
  listeners.add(listener);
  wind();
  return () => {
    listeners.delete(listener);
    if (listeners.size) return;
    document.removeEventListener("visibilitychange", wind);
    clearTimeout(timer);
    timer = undefined;
  };
}

/** At whole seconds: a late timer makes no second longer for good. */
function wind(): void {
  clearTimeout(timer);
  timer = undefined;
  if (document.visibilityState !== "visible") return;
  timer = setTimeout(() => {
    for (const listener of [...listeners]) listener();
    if (listeners.size) wind();
  }, SECOND_MS - (Date.now() % SECOND_MS));
}
