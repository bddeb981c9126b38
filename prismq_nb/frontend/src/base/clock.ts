/**
 * One clock for all viewers of a page: ten that tick in one go cost one frame a second, not ten.
 *
 * Stands still while the page cannot be seen, or nobody listens, and ticks the more seldom the
 * longer nobody touches the page: painting one figure costs as much as painting many.
 */

const SECOND_MS = 1_000;
/** So long (ms) after the person did something last, it ticks so seldom (ms); the longest first. */
const RESTS = [
  { after: 60_000, period: 10_000 },
  { after: 20_000, period: 5_000 },
] as const;
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

/** Nobody has touched the page for a while: what changes by time alone may be drawn more seldom. */
export function isResting(): boolean {
  return rests;
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
  const untouched = performance.now() - touchedAt;
  const period = RESTS.find(({ after }) => untouched > after)?.period ?? SECOND_MS;
  rests = period > SECOND_MS;
  timer = setTimeout(tick, period - (Date.now() % period));
}
