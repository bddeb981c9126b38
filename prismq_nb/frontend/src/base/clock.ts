/**
 * One clock for all viewers of a page: ten that tick in one go cost one frame a second, not ten.
 *
 * Stands still while the page cannot be seen, or nobody listens, and ticks seldom while nobody
 * touches the page: to paint one figure anew costs as much as to paint many.
 */

const SECOND_MS = 1_000;
/** While nobody does anything. */
const SELDOM_MS = 5_000;
/** So long (ms) after the person did something last. */
const RESTS_AFTER_MS = 20_000;
const SIGNS = ["pointermove", "pointerdown", "keydown", "wheel", "focus"] as const;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;
let touchedAt = 0;
/** It ticks seldom. */
let rests = false;

/** Calls `listener` every second, or so; returns how to stop that. */
export function everySecond(listener: () => void): () => void {
  if (!listeners.size) watch(true);
  listeners.add(listener);
  wind();
  return () => {
    listeners.delete(listener);
    if (listeners.size) return;
    watch(false);
    clearTimeout(timer);
    timer = undefined;
  };
}

function watch(on: boolean): void {
  const change = on ? "addEventListener" : "removeEventListener";
  document[change]("visibilitychange", wind);
  for (const sign of SIGNS) window[change](sign, touched, { capture: true, passive: true });
  touched();
}

function touched(): void {
  touchedAt = performance.now();
  if (!rests) return;
  rests = false;
  tick(); // the person sees the time as it is
}

function tick(): void {
  for (const listener of [...listeners]) listener();
  if (listeners.size) wind();
}

/** At whole seconds: a late timer makes no second longer for good. */
function wind(): void {
  clearTimeout(timer);
  timer = undefined;
  if (document.visibilityState !== "visible") return;
  rests = performance.now() - touchedAt > RESTS_AFTER_MS;
  const period = rests ? SELDOM_MS : SECOND_MS;
  timer = setTimeout(tick, period - (Date.now() % period));
}
