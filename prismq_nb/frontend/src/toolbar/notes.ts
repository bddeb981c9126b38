/**
 * Texts around the list: bars under the toolbar, the empty state, and the button that jumps to the
 * end.
 */

import { element, type IconName, icon, iconButton, setText, setVisible } from "../base/dom.js";
import { countOf } from "../base/format.js";
import type { RunStatus } from "../base/protocol.js";
import { levelNames } from "../base/records.js";
import { waitsForInput } from "../base/run-words.js";
import type { ConnectionState } from "../stream/hub.js";
import { connectionText } from "./connection-bar.js";

/** A bar under the toolbar: one sentence, optionally with a button. */
export class NoteBar {
  readonly root: HTMLElement;
  readonly #text = element("span", "prismq-note-text");
  readonly #action: HTMLButtonElement | undefined;

  constructor(className: string, mark: IconName | undefined, action?: HTMLButtonElement) {
    this.#action = action;
    this.root = element(
      "div",
      `prismq-note ${className}`,
      ...(mark ? [icon(mark)] : []),
      this.#text,
      ...(action ? [action] : []),
    );
    this.root.hidden = true;
  }

  /** An empty text hides the bar. */
  say(text: string, title = "", offerAction = true): void {
    setVisible(this.root, text !== "");
    if (this.#action) setVisible(this.#action, offerAction);
    setText(this.#text, text);
    this.root.title = title;
  }
}

/** The text in the middle of an empty list. */
export class EmptyState {
  readonly root = element("div", "prismq-empty");
  readonly #text = element("span", "");
  readonly #dots = element(
    "span",
    "prismq-dots",
    element("i", ""),
    element("i", ""),
    element("i", ""),
  );

  constructor() {
    this.root.append(this.#text, this.#dots);
  }

  render(on: boolean, text: string, waiting: boolean): void {
    setVisible(this.root, on);
    setText(this.#text, text);
    setVisible(this.#dots, waiting);
  }
}

/** The bar below a list that does not follow, with a button that jumps to the end. */
export class JumpBar {
  readonly root: HTMLElement;
  readonly #label: Element;

  constructor(onClick: () => void) {
    const button = iconButton("follow", "", onClick);
    button.classList.add("prismq-jump");
    button.tabIndex = -1; // by keyboard: End
    button.title = "Jump to the end and follow (End)";
    this.#label = button.lastElementChild as Element;
    this.root = element("div", "prismq-jump-bar", button);
    this.root.hidden = true;
  }

  /** Height of the bar in px. */
  get height(): number {
    return this.root.offsetHeight;
  }

  /** @returns whether the bar was shown or hidden. */
  render(on: boolean, fresh: number): boolean {
    const isNews = this.root.hidden === on;
    setVisible(this.root, on);
    setText(
      this.#label,
      fresh ? `${countOf(fresh, "new line")} \u2013 jump to end` : "Jump to end",
    );
    return isNews;
  }
}

/** The text of an empty list, and whether lines may still arrive. */
export function emptyText(
  status: RunStatus | undefined,
  connection: ConnectionState,
  filter: "none" | "searching" | "nothing",
): [string, boolean] {
  if (connection.state === "error")
    return [`This run cannot be shown: ${connection.reason}`, false];
  // the bar says why
  if (!status && connectionText(connection, false))
    return ["No part of this log has been loaded yet", false];
  if (!status)
    return connection.state === "connecting"
      ? ["Opening the log", true]
      : ["No connection to the Jupyter server yet", true];
  const isAway = "retryAt" in connection;
  if (filter === "searching" && isAway)
    return ["The search resumes when the connection is back", false];
  if (filter === "searching") return ["Searching the log", true];
  if (filter === "nothing") return ["No lines match the filter", false];
  const live = connection.state === "live" || connection.state === "connecting";
  if (status.status === "queued") return ["Queued; it has not started yet", live];
  if (waitsForInput(status)) return ["Waiting for input; nothing printed yet", false];
  if (status.status === "running")
    return live ? ["Waiting for the first line", true] : ["No lines yet", false];
  return ["This run printed nothing", false];
}

/** The text of the bar about a filter by level. */
export function levelText(
  level: string,
  hits: number,
  ready: boolean,
  error: string | undefined,
): string {
  const names = levelNames(level.split(","));
  const found = error ?? `${countOf(hits, "line")}${ready ? "" : " so far"}`;
  return `Showing ${names} only \u00b7 ${found}`;
}
