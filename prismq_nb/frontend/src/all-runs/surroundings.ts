/** The page and the server around the list. */

import { open } from "../api/ask.js";
import { onResume } from "../base/resume.js";
import type { RunsPage } from "../runs/runs-text.js";
import { shared } from "../stream/shared.js";
import type { ListEnvironment } from "./run-list.js";

export const environment: ListEnvironment = {
  list: async (parameters, signal) => {
    const given = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
    const response = await open(`api/runs?${new URLSearchParams(given)}`, { signal });
    return (await response.json()) as RunsPage;
  },
  follow: (sink) => shared().followList(sink),
  visible: () => document.visibilityState === "visible",
};

const resumed = new Set<() => void>();

/**
 * Call `shown` when the page was hidden or shown, and `resume` when the person, the network or the
 * machine is back; until `signal` aborts.
 */
export function onPageChange(shown: () => void, resume: () => void, signal: AbortSignal): void {
  document.addEventListener("visibilitychange", shown, { signal });
  if (!isListening)
    onResume(() => {
      for (const listener of resumed) listener();
    });
  isListening = true;
  resumed.add(resume);
  signal.addEventListener("abort", () => resumed.delete(resume));
}

let isListening = false;
