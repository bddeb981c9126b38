/** What a button that ends a run says, by what it would do. Pure. */

import { isUnreachable, type RunStatus } from "../base/protocol.js";
import { isCell } from "../base/run-words.js";

const STOP_TITLE = "sends SIGINT (like Ctrl+C), and ends all its processes if they keep running";
const KILL_TITLE =
  "it was asked to stop and is still running; kills it and all its processes now. " +
  "Unsaved work is lost.";
const GIVE_UP_TITLE =
  "its machine cannot be reached; if it is gone for good, marks the run as failed. " +
  "No signal is sent.";
const INTERRUPT_TITLE =
  "interrupts the kernel, as the notebook's stop button does. Variables and the log are kept.";
export const RESTART_TITLE = "starts a new run with the same arguments";

export interface StopWords {
  readonly word: "Stop" | "Kill" | "Interrupt" | "Give up";
  /** The rest of the tooltip. */
  readonly title: string;
}

export function stopWords(run: RunStatus): StopWords {
  if (isUnreachable(run)) return { word: "Give up", title: GIVE_UP_TITLE };
  if (isCell(run)) return { word: "Interrupt", title: INTERRUPT_TITLE };
  return run.stopping ? { word: "Kill", title: KILL_TITLE } : { word: "Stop", title: STOP_TITLE };
}
