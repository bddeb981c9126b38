/** Detect when the user, the network or the machine is back, so that retries need not wait. */

/**
 * Interval between checks of the clock (ms), and the delay of a check (ms) that indicates sleep.
 */
const CHECK_MS = 4_000;
const MIN_SLEEP_MS = 8_000;

/**
 * Call `listener` when the window gets the focus or becomes visible, when the network returns, and
 * when the machine wakes up; for the lifetime of the page.
 *
 * Timers stop while a machine sleeps, and no event marks its wake-up.
 */
export function onResume(listener: () => void): void {
  window.addEventListener("online", listener);
  window.addEventListener("focus", listener);
  document.addEventListener(
    "visibilitychange",
    () => document.visibilityState === "visible" && listener(),
  );
  let last = Date.now();
  setInterval(() => {
    const passed = Date.now() - last;
    last = Date.now();
    if (passed > CHECK_MS + MIN_SLEEP_MS) listener();
  }, CHECK_MS);
}
