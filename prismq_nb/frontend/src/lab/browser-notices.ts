/** Notifications of the browser, for ends of runs while nobody sees the page. */

import { noticeOf } from "../notices/notice-text.js";
import type { ListedRun } from "../runs/runs-text.js";

/** Whether a person was offered them in a notice; once in a browser. */
const OFFERED = "prismq:offered-notifications";

/** Whether the browser has them and the page may use them; it must be of https or localhost. */
export function canNotify(): boolean {
  return "Notification" in window && window.isSecureContext;
}

export function isAllowed(): boolean {
  return canNotify() && window.Notification.permission === "granted";
}

/** Whether the person has not decided yet. */
export function isUndecided(): boolean {
  return canNotify() && window.Notification.permission === "default";
}

/** Return true once in a browser, while the person has not decided yet. */
export function shouldOffer(): boolean {
  try {
    if (!isUndecided() || localStorage.getItem(OFFERED)) return false;
    localStorage.setItem(OFFERED, "1");
    return true;
  } catch {
    return false; // without storage it would be offered again and again
  }
}

/** Ask the person, who has just clicked. @returns whether they are allowed. */
export async function requestPermission(): Promise<boolean> {
  return (await window.Notification.requestPermission()) === "granted";
}

/** @param open is called when the person clicks the notification. */
export function notify(runs: readonly ListedRun[], open: () => void): void {
  const { title, text } = noticeOf(runs);
  try {
    const tag = `prismq:${runs.map(({ run_id }) => run_id).at(-1)}`;
    const shown = new window.Notification(title, { body: text, tag });
    shown.addEventListener("click", () => {
      window.focus();
      open();
      shown.close();
    });
  } catch {
    // browsers of phones have them for service workers only
  }
}
