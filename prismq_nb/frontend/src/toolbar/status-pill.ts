/**
 * The status of a run as a pill: word, icon and colour. The same above a log and in a table of
 * runs.
 */

import { element, type IconName, icon, setAttribute, setClass, setText } from "../base/dom.js";
import { endDetails } from "../base/format.js";
import { hasEnded, isUnreachable, type RunState, type RunStatus } from "../base/protocol.js";
import { statusName, waitsForInput } from "../base/run-words.js";
import { STATUS_ICONS } from "../base/status-icons.js";

const AS_SEEN_TITLE = "Last known status: there is no connection, and the run may have ended since";

/** What the pill shows: the state of the run, or what matters more. */
type Kind = RunState | "unreachable" | "stopping" | "waiting" | "unknown";

export class StatusPill {
  readonly root = element("span", "prismq-pill");
  readonly #text = element("span", "");
  readonly #more = element("span", "prismq-pill-more");
  readonly #label = element("span", "prismq-pill-label", this.#text, this.#more);
  readonly #waitingTitle: string;
  #icon: IconName | "dot" | undefined;

  /** @param waitingTitle the tooltip of a run that waits for input. */
  constructor(waitingTitle: string) {
    this.#waitingTitle = waitingTitle;
  }

  /** @param stale there is no connection: this is the last known status. */
  render(status: RunStatus | undefined, stale: boolean): void {
    const kind = kindOf(status);
    const isLast = stale && !isEnded(status);
    setClass(this.root, `prismq-pill prismq-is-${kind}${isLast ? " prismq-as-seen" : ""}`);
    this.#mark(iconOf(kind, status));
    setText(this.#text, textOf(kind, status));
    setText(this.#more, kind === "waiting" ? " for input" : "");
    setAttribute(this.root, "title", this.#title(kind, status, isLast));
  }

  #title(kind: Kind, status: RunStatus | undefined, isLast: boolean): string {
    if (kind === "unreachable") return status?.error_message ?? "";
    if (isLast) return AS_SEEN_TITLE;
    if (kind === "waiting") return this.#waitingTitle;
    return isEnded(status) ? endDetails(status) : "";
  }

  #mark(wanted: IconName | "dot"): void {
    if (wanted === this.#icon) return;
    this.#icon = wanted;
    this.root.replaceChildren(
      wanted === "dot" ? element("span", "prismq-dot") : icon(wanted),
      this.#label,
    );
  }
}

function kindOf(status: RunStatus | undefined): Kind {
  if (!status) return "unknown";
  if (isUnreachable(status)) return "unreachable";
  if (status.status === "running" && status.stopping) return "stopping";
  return waitsForInput(status) ? "waiting" : status.status;
}

function iconOf(kind: Kind, status: RunStatus | undefined): IconName | "dot" {
  if (kind === "unreachable") return "warning";
  if (kind === "waiting") return "prompt";
  return (status && STATUS_ICONS[status.status]) ?? "dot";
}

function textOf(kind: Kind, status: RunStatus | undefined): string {
  if (kind === "unreachable") return status?.host ? `Unreachable on ${status.host}` : "Unreachable";
  if (kind === "stopping") return "Stopping";
  if (kind === "waiting") return "Waiting";
  return status ? statusName(status) : "Opening";
}

function isEnded(status: RunStatus | undefined): status is RunStatus {
  return status !== undefined && hasEnded(status.status);
}
