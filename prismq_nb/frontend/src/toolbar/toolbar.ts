/** The toolbar above the list: what the run is doing. Makes no requests and no decisions. */

import { element, setAttribute, setText, setVisible } from "../base/dom.js";
import type { ErrorPlace } from "../search/errors.js";
import type { ConnectionState } from "../stream/hub.js";
import { ConnectionLabel } from "./connection-label.js";
import { Facts, type FactsState } from "./facts.js";
import { LevelChips } from "./level-chips.js";
import { StatusPill } from "./status-pill.js";

export interface ToolbarState extends FactsState {
  readonly connection: ConnectionState;
  /** Levels that the list is filtered by. */
  readonly levels: readonly string[];
  /** The error that the person went to last. */
  readonly error: ErrorPlace | undefined;
}

export interface ToolbarEvents {
  /** Show these levels only; empty: all. */
  onLevels(levels: string[]): void;
  /** Go to the next or previous error. */
  onError(direction: 1 | -1): void;
}

const WAITING_TITLE = "Waiting for input: answer in the field below the log (i)";
export class Toolbar {
  readonly root = element("div", "prismq-toolbar");
  readonly #pill = new StatusPill(WAITING_TITLE);
  readonly #name = element("span", "prismq-name");
  readonly #facts = new Facts();
  readonly #levels: LevelChips;
  readonly #connection = new ConnectionLabel();
  readonly #bar = element("div", "prismq-progress");
  readonly #barFill = element("div", "prismq-progress-fill");

  /**
   * @param actions the buttons at the end.
   * @param attempts the menu of attempts, beside the name.
   */
  constructor(actions: HTMLElement, attempts: HTMLElement, events: ToolbarEvents) {
    this.#levels = new LevelChips(events.onLevels, events.onError);
    this.#bar.append(this.#barFill);
    this.#bar.setAttribute("role", "progressbar");
    this.#bar.setAttribute("aria-label", "Progress");
    this.#bar.setAttribute("aria-valuemin", "0");
    this.#bar.setAttribute("aria-valuemax", "100");
    const run = [this.#pill.root, this.#name, attempts, this.#facts.root];
    this.root.append(...run, this.#levels.root, this.#connection.root, actions, this.#bar);
    this.root.setAttribute("role", "toolbar");
    this.root.setAttribute("aria-label", "Run");
  }

  /** All figures of the run, including those that there is no space for. */
  get figures(): string {
    return this.#facts.text;
  }

  /** Draw what changes with time alone; the rest costs ten times as much, and has not changed. */
  tick(state: FactsState): void {
    this.#facts.tick(state);
  }

  render(state: ToolbarState): void {
    this.#pill.render(state.status, "retryAt" in state.connection);
    setVisible(this.#pill.root, state.status !== undefined || state.connection.state !== "error");
    setText(this.#name, state.status?.module_name ?? "");
    this.#facts.render(state);
    this.#renderProgress(state);
    this.#levels.render(state.status, state.levels, state.error);
    this.#renderConnection(state.connection);
  }

  #renderProgress({ progress, status }: ToolbarState): void {
    const percent = progress?.percent ?? undefined;
    const shown = percent !== undefined && status?.status === "running";
    setVisible(this.#bar, shown);
    if (!shown) return;
    setAttribute(this.#bar, "aria-valuenow", String(Math.round(percent)));
    this.#barFill.style.transform = `scaleX(${Math.min(1, Math.max(0, percent / 100))})`;
  }

  #renderConnection(connection: ConnectionState): void {
    setVisible(this.#connection.root, connection.state !== "ended"); // the pill has said so
    const reason = "reason" in connection ? connection.reason : undefined;
    this.#connection.render(connection.state, reason);
  }
}
