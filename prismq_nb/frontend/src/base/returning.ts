/** Tells when somebody, the network or the machine is back, so that what waits need not. */

/** Between two looks at the clock (ms), and how much later than due one must be for a sleep. */
const LOOK_MS = 4_000;
const SLEPT_MS = 8_000;

/**
 * Calls `back` when the window gets the focus or is shown, when the network is there again, and
 * when the machine has slept, as long as the page lives. Timers stand still during sleep, and no
 * event tells of its end.
 */
export function onReturn(back: () => void): void {
  window.addEventListener("online", back);
  window.addEventListener("focus", back);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && back());
  let last = Date.now();
  setInterval(() => {
    const passed = Date.now() - last;
    last = Date.now();
    if (passed > LOOK_MS + SLEPT_MS) back();
  }, LOOK_MS);
}
