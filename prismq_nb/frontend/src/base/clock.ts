/**
 * One clock for all viewers of a page: ten viewers that update together cost one frame a second,
 * not ten.
 *
 * The clock stops while the page is hidden or has no listeners, and slows down while the page is
 * idle, because painting one number costs as much as painting many.
 */

const SECOND_MS = 1_000;
/** Tick period (ms) after this long (ms) without user activity; the longest first. */
const IDLE_PERIODS = [
  { after: 60_000, period: 10_000 },
  { after: 20_000, period: 5_000 },
] as const;
const ACTIVITY_EVENTS = ["pointermove", "pointerdown", "keydown", "wheel", "focus"] as const;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;
let activeAt = 0;
/** Whether the clock has slowed down. */
let idle = false;

/**
 * Call `listener` every second, less often while the page is idle; return a function that stops it.
 */
export function everySecond(listener: () => void): () => void {
  if (!listeners.size) watchActivity(true);
  listeners.add(listener);
  schedule();
  return () => {
    listeners.delete(listener);
    if (listeners.size) return;
    watchActivity(false);
    clearTimeout(timer);
    timer = undefined;
  };
}

/**
 * Whether the user has been inactive for a while; time-based values may then be drawn less often.
 */
export function isIdle(): boolean {
  return idle;
}

function watchActivity(on: boolean): void {
  const change = on ? "addEventListener" : "removeEventListener";
  document[change]("visibilitychange", schedule);
  for (const event of ACTIVITY_EVENTS)
    window[change](event, onActivity, { capture: true, passive: true });
  onActivity();
}

function onActivity(): void {
  activeAt = performance.now();
  if (!idle) return;
  idle = false;
  tick(); // bring the time up to date at once
}

function tick(): void {
  for (const listener of [...listeners]) listener();
  if (listeners.size) schedule();
}

/** Schedule the next tick on a whole second, so that late timers do not accumulate. */
function schedule(): void {
  clearTimeout(timer);
  timer = undefined;
  if (document.visibilityState !== "visible") return;
  const inactiveFor = performance.now() - activeAt;
  const period = IDLE_PERIODS.find(({ after }) => inactiveFor > after)?.period ?? SECOND_MS;
  idle = period > SECOND_MS;
  timer = setTimeout(tick, period - (Date.now() % period));
}
