/** Icons of run states. */

import { element, type IconName, icon } from "./dom.js";
import type { RunState } from "./protocol.js";

export const STATUS_ICONS: Readonly<Partial<Record<RunState, IconName>>> = {
  queued: "queued",
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
};

/** Create a mark in the colour of its state; a dot for a running run. */
export function statusMark(state: RunState): HTMLElement {
  const name = STATUS_ICONS[state];
  const mark = element(
    "span",
    `prismq-mark prismq-is-${state}`,
    name ? icon(name) : element("span", "prismq-dot"),
  );
  mark.setAttribute("aria-hidden", "true");
  return mark;
}
