/**
 * The bar above the list: what the run is doing. Shows what it is given; decides nothing and requests nothing.
 */

import { LINK_WORDS } from "./connection-bar.js";
import { element, setAttribute, setClass, setText, show } from "../base/dom.js";
import type { ErrorPlace } from "../search/errors.js";
import { Facts, type FactsState } from "./facts.js";
import { capitalized } from "../base/format.js";
import type { Connection } from "../stream/hub.js";
import { LevelChips } from "./level-chips.js";
import { StatusPill } from "./status-pill.js";

export interface ToolbarState extends FactsState {
  readonly link: Connection;
  /** Names of the levels that the list is filtered by. */
  readonly levels: readonly string[];
  /** Which of the errors the person went to last. */
  readonly error: ErrorPlace | undefined;
}

export interface ToolbarEvents {
  /** The person wants to see these levels only; none: all. */
  onLevels(levels: string[]): void;
  /** The person wants to see the next error, or the one before. */
  onError(direction: 1 | -1): void;
}

const WAITING_TITLE = "Waiting for input: answer in the field below the log (i)";
const BAD_LINKS: readonly Connection["state"][] = [
  "disconnected",
  "signed-out",
  "not-running",
  "refused",
  "error",
];

export class Toolbar {
  readonly root = element("div", "prismq-toolbar");
  readonly #pill = new StatusPill(WAITING_TITLE);
  readonly #name = element("span", "prismq-name");
  readonly #facts = new Facts();
  readonly #levels: LevelChips;
  readonly #link = element("span", "prismq-link");
  readonly #linkText = element("span", "prismq-link-label");
  readonly #bar = element("div", "prismq-progress");
  readonly #barFill = element("div", "prismq-progress-fill");

  /**
   * @param actions the buttons at its end.
   * @param attempts which attempt it is, beside the name.
   */
  constructor(actions: HTMLElement, attempts: HTMLElement, events: ToolbarEvents) {
    this.#levels = new LevelChips(events.onLevels, events.onError);
    this.#link.append(element("span", "prismq-dot"), this.#linkText);
    this.#bar.append(this.#barFill);
    this.#bar.setAttribute("role", "progressbar");
    this.#bar.setAttribute("aria-label", "Progress");
    this.#bar.setAttribute("aria-valuemin", "0");
    this.#bar.setAttribute("aria-valuemax", "100");
    const run = [this.#pill.root, this.#name, attempts, this.#facts.root];
    this.root.append(...run, this.#levels.root, this.#link, actions, this.#bar);
    this.root.setAttribute("role", "toolbar");
    this.root.setAttribute("aria-label", "Run");
  }

  /** All figures of the run, also those that there is no room for. */
  get figures(): string {
    return this.#facts.text;
  }

  /** What changes by time alone: the rest costs ten times as much, and is the same. */
  tick(state: FactsState): void {
    this.#facts.tick(state);
  }

  render(state: ToolbarState): void {
    this.#pill.render(state.status, "retryAt" in state.link);
    show(this.#pill.root, state.status !== undefined || state.link.state !== "error");
    setText(this.#name, state.status?.module_name ?? "");
    this.#facts.render(state);
    this.#renderProgress(state);
    this.#levels.render(state.status, state.levels, state.error);
    this.#renderLink(state.link);
  }

  #renderProgress({ progress, status }: ToolbarState): void {
    const percent = progress?.percent ?? undefined;
    const shown = percent !== undefined && status?.status === "running";
    show(this.#bar, shown);
    if (!shown) return;
    setAttribute(this.#bar, "aria-valuenow", String(Math.round(percent)));
    this.#barFill.style.transform = `scaleX(${Math.min(1, Math.max(0, percent / 100))})`;
  }

  #renderLink(link: Connection): void {
    show(this.#link, link.state !== "ended"); // the pill has said so
    const isBad = BAD_LINKS.includes(link.state);
    setClass(this.#link, `prismq-link prismq-link-${link.state}${isBad ? " prismq-link-bad" : ""}`);
    const [label, title] = LINK_WORDS[link.state];
    setText(this.#linkText, label);
    const reason = "reason" in link ? `\n${capitalized(link.reason)}` : "";
    setAttribute(this.#link, "title", title + reason);
  }
}
