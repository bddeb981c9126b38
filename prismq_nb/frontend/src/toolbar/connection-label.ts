/** The connection as a dot and a word, with the reason in its tooltip: above a log or a table. */

import { element, setAttribute, setClass, setText } from "../base/dom.js";
import { capitalized } from "../base/format.js";
import type { ConnectionState } from "../stream/hub.js";
import { CONNECTION_LABELS } from "./connection-bar.js";

type State = ConnectionState["state"];

/** States that last. */
const BAD_STATES: readonly State[] = [
  "disconnected",
  "signed-out",
  "not-running",
  "refused",
  "error",
];

export class ConnectionLabel {
  readonly #text = element("span", "prismq-link-label");
  readonly root = element("span", "prismq-link", element("span", "prismq-dot"), this.#text);
  readonly #liveTitle: string;

  /** @param liveTitle the tooltip while the connection is live. */
  constructor(liveTitle = CONNECTION_LABELS.live[1]) {
    this.#liveTitle = liveTitle;
  }

  render(state: State, reason: string | undefined): void {
    const isBad = BAD_STATES.includes(state);
    setClass(this.root, `prismq-link prismq-link-${state}${isBad ? " prismq-link-bad" : ""}`);
    const [label, title] = CONNECTION_LABELS[state];
    setText(this.#text, label);
    const why = reason === undefined ? "" : `\n${capitalized(reason)}`;
    setAttribute(this.root, "title", (state === "live" ? this.#liveTitle : title) + why);
  }
}
