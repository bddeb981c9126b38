/**
 * Texts about the connection, and the bar that shows them with a button that helps. The bar covers
 * the top of the list, so that nothing moves when it appears.
 */

import { element, icon, iconButton, setAttribute, setText, setVisible } from "../base/dom.js";
import { capitalized } from "../base/format.js";
import type { ConnectionState } from "../stream/hub.js";

type State = ConnectionState["state"];

/** The label in the toolbar, and its tooltip. */
export const CONNECTION_LABELS: Readonly<Record<State, readonly [label: string, title: string]>> = {
  connecting: ["Connecting", "Connecting to the Jupyter server"],
  live: ["Live", "New lines appear as they are printed"],
  ended: ["Ended", "The run has ended and its log is complete"],
  reconnecting: ["Reconnecting", "The connection was lost; trying again"],
  disconnected: [
    "Disconnected",
    "No connection to the Jupyter server; trying again from time to time",
  ],
  "signed-out": ["Signed out", "The Jupyter server asks you to sign in again"],
  "not-running": [
    "Server down",
    "The Jupyter server is not running; trying again from time to time",
  ],
  busy: ["Server busy", "The Jupyter server accepts no more streams at the moment; trying again"],
  refused: ["Not allowed", "The Jupyter server does not let you read its runs"],
  error: ["Unavailable", "This run cannot be shown"],
};

const GOES_ON = "Runs continue without it, and their logs are kept.";
const TEXTS: Readonly<Partial<Record<State, readonly [head: string, rest: string]>>> = {
  disconnected: [
    "No connection to the Jupyter server.",
    `${GOES_ON} This is the last known state.`,
  ],
  "signed-out": [
    "Signed out.",
    "Reload this page and sign in to keep watching. Runs continue, and their logs are kept.",
  ],
  "not-running": ["The server is not running.", `${GOES_ON} This view resumes when it is back.`],
  busy: [
    "Too many streams are open on this Jupyter server.",
    "Trying again; nothing is lost in the meantime.",
  ],
  refused: ["Not allowed.", "This Jupyter server does not let you read its runs."],
};

/** The texts of the bar; undefined: it is hidden. */
export function connectionText(
  connection: ConnectionState,
  hasStatus: boolean,
): readonly [head: string, rest: string] | undefined {
  if (connection.state !== "error") return TEXTS[connection.state];
  return hasStatus
    ? ["This run is no longer available.", `${capitalized(connection.reason)}.`]
    : undefined;
}

export class ConnectionBar {
  readonly root: HTMLElement;
  readonly #head = element("strong", "");
  readonly #rest = element("span", "");
  readonly #reload: HTMLButtonElement;
  readonly #retry: HTMLButtonElement;

  constructor(onRetry: () => void) {
    this.#reload = iconButton("retry", "Reload", () => location.reload());
    this.#retry = iconButton("retry", "Retry now", onRetry);
    const text = element("span", "prismq-note-text", this.#head, " ", this.#rest);
    const classes = "prismq-banner prismq-note-bad prismq-link-banner";
    this.root = element("div", classes, icon("warning"), text, this.#reload, this.#retry);
    this.root.setAttribute("role", "status");
    this.root.hidden = true;
  }

  render(connection: ConnectionState, hasStatus: boolean): void {
    const text = connectionText(connection, hasStatus);
    setVisible(this.root, text !== undefined);
    if (!text) return;
    setText(this.#head, text[0]);
    setText(this.#rest, text[1]);
    setAttribute(this.root, "title", "reason" in connection ? capitalized(connection.reason) : "");
    setVisible(this.#reload, connection.state === "signed-out");
    setVisible(this.#retry, "retryAt" in connection && connection.state !== "signed-out");
  }
}
