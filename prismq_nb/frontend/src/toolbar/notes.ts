/**
 * What is said around the list: bars under the toolbar, the empty state, the button that leads back to the end, and words for screen readers.
 */

import { linkText } from "./connection-bar.js";
import { element, icon, iconButton, type IconName, setText, show } from "../base/dom.js";
import { countOf } from "../base/format.js";
import type { Connection } from "../stream/hub.js";
import type { RunStatus } from "../base/protocol.js";
import { levelNames } from "../base/records.js";
import { waitsForInput } from "../base/run-words.js";

/** A bar under the toolbar: one sentence, perhaps with a button at its end. */
export class NoteBar {
  readonly root: HTMLElement;
  readonly #text = element("span", "prismq-note-text");
  readonly #action: HTMLButtonElement | undefined;

  constructor(className: string, mark: IconName | undefined, action?: HTMLButtonElement) {
    this.#action = action;
    this.root = element("div", `prismq-note ${className}`, ...(mark ? [icon(mark)] : []), this.#text, ...(action ? [action] : []));
    this.root.hidden = true;
  }

  /** An empty text hides the bar. */
  say(text: string, title = "", offerAction = true): void {
    show(this.root, text !== "");
    if (this.#action) show(this.#action, offerAction);
    setText(this.#text, text);
    this.root.title = title;
  }
}

/** What stands in the middle of a list without lines. */
export class EmptyState {
  readonly root = element("div", "prismq-empty");
  readonly #text = element("span", "");
  readonly #dots = element("span", "prismq-dots", element("i", ""), element("i", ""), element("i", ""));

  constructor() {
    this.root.append(this.#text, this.#dots);
  }

  render(on: boolean, text: string, waiting: boolean): void {
    show(this.root, on);
    setText(this.#text, text);
    show(this.#dots, waiting);
  }
}

/** The bar below the list with the button that leads to its end, while the list does not follow. */
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

  /** Px that it takes from the list. */
  get height(): number {
    return this.root.offsetHeight;
  }

  /** @returns whether it came or went. */
  render(on: boolean, fresh: number): boolean {
    const isNews = this.root.hidden === on;
    show(this.root, on);
    setText(this.#label, fresh ? `${countOf(fresh, "new line")} \u2013 jump to end` : "Jump to end");
    return isNews;
  }
}

/** The text of an empty list, and whether something may still come. */
export function emptyText(status: RunStatus | undefined, link: Connection, filter: "none" | "searching" | "nothing"): [string, boolean] {
  if (link.state === "error") return [`This run cannot be shown: ${link.reason}`, false];
  if (!status && linkText(link, false)) return ["No part of this log has been loaded yet", false]; // the bar says why
  if (!status) return link.state === "connecting" ? ["Opening the log", true] : ["No connection to the Jupyter server yet", true];
  const isAway = "retryAt" in link;
  if (filter === "searching" && isAway) return ["The search resumes when the connection is back", false];
  if (filter === "searching") return ["Searching the log", true];
  if (filter === "nothing") return ["No lines match the filter", false];
  const live = link.state === "live" || link.state === "connecting";
  if (status.status === "queued") return ["Queued: starts when its turn comes", live];
  if (waitsForInput(status)) return ["Waiting for input; nothing printed yet", false];
  if (status.status === "running") return live ? ["Waiting for the first line", true] : ["No lines yet", false];
  return ["This run printed nothing", false];
}

/** The sentence of the bar about a filter by level. */
export function levelText(level: string, hits: number, ready: boolean, error: string | undefined): string {
  const names = levelNames(level.split(","));
  const found = error ?? `${countOf(hits, "line")}${ready ? "" : " so far"}`;
  return `Showing ${names} only \u00b7 ${found}`;
}
