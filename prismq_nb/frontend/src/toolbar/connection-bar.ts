/**
 * What is said of the connection: a bar over the top of the list, with the button that helps, and
 * the words of the toolbar.
 *
 * It lies over the list, so that nothing moves when it comes and goes.
 */

import { element, icon, iconButton, setAttribute, setText, show } from "../base/dom.js";
import { capitalized } from "../base/format.js";
import type { Connection } from "../stream/hub.js";

type State = Connection["state"];

/** The word in the toolbar, and what it means. */
export const LINK_WORDS: Readonly<Record<State, readonly [label: string, title: string]>> = {
  connecting: ["Connecting", "Connecting to the Jupyter server"],
  live: ["Live", "New lines appear as they are printed"],
  ended: ["Ended", "The run has ended and its log is complete"],
  reconnecting: ["Reconnecting", "The connection was lost; trying again"],
  disconnected: ["Disconnected", "No connection to the Jupyter server; trying again from time to time"],
  "signed-out": ["Signed out", "The Jupyter server asks you to sign in again"],
  "not-running": ["Server down", "The Jupyter server is not running; trying again from time to time"],
  busy: ["Server busy", "The Jupyter server accepts no more streams at the moment; trying again"],
  refused: ["Not allowed", "The Jupyter server does not let you read its runs"],
  error: ["Unavailable", "This run cannot be shown"],
};

const GOES_ON = "Runs continue without it, and their logs are kept.";
const TEXTS: Readonly<Partial<Record<State, readonly [head: string, rest: string]>>> = {
  disconnected: ["No connection to the Jupyter server.", `${GOES_ON} This is the last known state.`],
  "signed-out": [
    "Signed out.",
    "Reload this page and sign in to keep watching. Runs continue, and their logs are kept.",
  ],
  "not-running": ["The server is not running.", `${GOES_ON} This view resumes when it is back.`],
  busy: [
    "Too many streams are open on this Jupyter server.",
    "Trying again; nothing is lost meanwhile.",
  ],
  refused: ["Not allowed.", "This Jupyter server does not let you read its runs."],
};

/** The bar's sentences; undefined when there is nothing to say. */
export function linkText(
  link: Connection,
  hasStatus: boolean,
): readonly [head: string, rest: string] | undefined {
  if (link.state !== "error") return TEXTS[link.state];
  return hasStatus ? ["This run is no longer available.", `${capitalized(link.reason)}.`] : undefined;
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

  render(link: Connection, hasStatus: boolean): void {
    const text = linkText(link, hasStatus);
    show(this.root, text !== undefined);
    if (!text) return;
    setText(this.#head, text[0]);
    setText(this.#rest, text[1]);
    setAttribute(this.root, "title", "reason" in link ? capitalized(link.reason) : "");
    show(this.#reload, link.state === "signed-out");
    show(this.#retry, "retryAt" in link && link.state !== "signed-out");
  }
}
