/** The marks of a run's states, wherever they are shown. */

import { element, icon, type IconName } from "./dom.js";
import type { RunState } from "./protocol.js";

export const STATUS_ICONS: Readonly<Partial<Record<RunState, IconName>>> = {
  queued: "queued",
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
};

/** A mark in the colour of its state; for a run that goes on a dot. */
export function statusMark(state: RunState): HTMLElement {
  const name = STATUS_ICONS[state];
  const mark = element("span", `prismq-mark prismq-is-${state}`, name ? icon(name) : element("span", "prismq-dot"));
  mark.setAttribute("aria-hidden", "true");
  return mark;
}
