/** How a run is, as a pill: one word, one mark, one colour. The same above a log and in a list of runs. */

import { element, icon, type IconName, setAttribute, setClass, setText } from "../base/dom.js";
import { endDetails } from "../base/format.js";
import { hasEnded, isUnreachable, type RunStatus } from "../base/protocol.js";
import { statusName, waitsForInput } from "../base/run-words.js";
import { STATUS_ICONS } from "../base/status-icons.js";

const AS_SEEN_TITLE = "Last known status: there is no connection, and the run may have ended since";

export class StatusPill {
  readonly root = element("span", "prismq-pill");
  readonly #text = element("span", "");
  readonly #more = element("span", "prismq-pill-more");
  readonly #label = element("span", "prismq-pill-label", this.#text, this.#more);
  readonly #waitingTitle: string;
  #icon: IconName | "dot" | undefined;

  /** @param waitingTitle what somebody can do for a run that waits for input. */
  constructor(waitingTitle: string) {
    this.#waitingTitle = waitingTitle;
  }

  /** @param stale there is no connection: it is how the run was when it was seen last. */
  render(status: RunStatus | undefined, stale: boolean): void {
    const state = status?.status;
    const hasItsEnd = state !== undefined && hasEnded(state);
    const asSeen = stale && !hasItsEnd;
    const away = isUnreachable(status);
    const stopping = !away && state === "running" && status?.stopping === true;
    const waiting = !stopping && waitsForInput(status);
    const kind = away ? "unreachable" : stopping ? "stopping" : waiting ? "waiting" : (state ?? "unknown");
    setClass(this.root, `prismq-pill prismq-is-${kind}${asSeen ? " prismq-as-seen" : ""}`);
    this.#mark(away ? "warning" : waiting ? "prompt" : ((state && STATUS_ICONS[state]) ?? "dot"));
    const where = status?.host ? `Unreachable on ${status.host}` : "Unreachable";
    const now = stopping ? "Stopping" : waiting ? "Waiting" : status ? statusName(status) : "Opening";
    setText(this.#text, away ? where : now);
    setText(this.#more, waiting && !away ? " for input" : "");
    const title = asSeen ? AS_SEEN_TITLE : waiting ? this.#waitingTitle : status && hasItsEnd ? endDetails(status) : "";
    setAttribute(this.root, "title", away ? (status?.error_message ?? "") : title);
  }

  #mark(wanted: IconName | "dot"): void {
    if (wanted === this.#icon) return;
    this.#icon = wanted;
    this.root.replaceChildren(wanted === "dot" ? element("span", "prismq-dot") : icon(wanted), this.#label);
  }
}
