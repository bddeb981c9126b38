/** One run in a table of runs. */

import { RunActions } from "../api/actions.js";
import {
  element,
  icon,
  iconButton,
  setAttribute,
  setDisabled,
  setText,
  setVisible,
} from "../base/dom.js";
import { count, localAndUtcTime } from "../base/format.js";
import { url } from "../base/page.js";
import { hasEnded, isUnreachable } from "../base/protocol.js";
import { isCell, RESTART_KERNEL } from "../base/run-words.js";
import { StatusPill } from "../toolbar/status-pill.js";
import { ago, errorsOf, errorsText, type ListedRun, took } from "./runs-text.js";
import { RESTART_TITLE, stopWords } from "./stop-words.js";

export interface RowEvents {
  /** Whether a click is meant for this row: it has not just moved under the pointer. */
  isSettled(): boolean;
  /** A sentence for people. */
  say(text: string): void;
  /**
   * A run was changed, so the table is out of date.
   *
   * @param started id of a new run.
   */
  changed(started?: string): void;
  /**
   * Show the run.
   *
   * @returns false to follow the link instead.
   */
  open(run: string): boolean;
}

export class RunRow {
  readonly root: HTMLTableRowElement;
  readonly run: string;
  readonly #events: RowEvents;
  readonly #actions: RunActions;
  readonly #pill = new StatusPill("Waiting for input: open the run and answer below its log");
  readonly #name: HTMLAnchorElement;
  readonly #open: HTMLAnchorElement;
  readonly #kind = element("span", "prismq-runs-kind");
  readonly #started = element("time", "");
  readonly #took = element("span", "");
  readonly #percent = element("span", "prismq-runs-percent");
  readonly #lines = element("td", "prismq-runs-lines");
  readonly #errors = element("td", "prismq-runs-errors");
  readonly #arguments = element("td", "prismq-runs-arguments");
  readonly #stop: HTMLButtonElement;
  readonly #restart: HTMLButtonElement;
  #info: ListedRun;
  /** When it was updated (ms of a monotonic clock). */
  #at = performance.now();

  constructor(run: ListedRun, events: RowEvents) {
    this.run = run.run_id;
    this.#info = run;
    this.#events = events;
    const say = (text: string): void => events.say(`${this.#info.module_name}: ${text}`);
    this.#actions = new RunActions(this.run, () => this.#renderActions(), say, say);
    this.#name = this.#link("prismq-runs-link");
    this.#open = this.#link("prismq-button prismq-runs-action", icon("page"));
    this.#stop = this.#button("stop", "prismq-button-stop", () => this.#stopRun());
    this.#restart = this.#button("retry", "prismq-button-restart", () => this.#restartRun());
    const name = element("th", "prismq-runs-name", this.#name, this.#kind);
    name.scope = "row";
    const acts = element("span", "prismq-runs-buttons", this.#stop, this.#restart, this.#open);
    this.root = element(
      "tr",
      "prismq-runs-row",
      element("td", "prismq-runs-status", this.#pill.root),
      name,
      element("td", "prismq-runs-started", this.#started),
      element("td", "prismq-runs-took", this.#took, this.#percent),
      this.#lines,
      this.#errors,
      this.#arguments,
      element("td", "prismq-runs-actions", acts),
    );
    this.root.dataset.run = this.run;
  }

  get info(): ListedRun {
    return this.#info;
  }

  /** The visible controls, in order. */
  get controls(): HTMLElement[] {
    return this.all.filter((node) => !node.hidden);
  }

  /** All controls, visible or not. */
  get all(): readonly HTMLElement[] {
    return [this.#name, this.#stop, this.#restart, this.#open];
  }

  update(run: ListedRun): void {
    if (run === this.#info) return; // it is as old as it was
    this.#info = run;
    this.#at = performance.now();
  }

  /** @param stale there is no connection. */
  render(stale: boolean): void {
    const run = this.#info;
    const given = (isCell(run) ? run.notebook : run.arguments) ?? "";
    this.#pill.render(run, stale);
    setText(this.#name, run.module_name);
    setAttribute(this.#name, "title", `${run.module_name}\n${run.run_id}`);
    if (isCell(run)) {
      setText(this.#kind, "cell");
      setAttribute(
        this.#kind,
        "title",
        `A watched cell${run.notebook ? ` of ${run.notebook}` : ""}`,
      );
    }
    setVisible(this.#kind, isCell(run));
    setText(this.#lines, count(run.lines));
    setText(this.#errors, errorsText(run));
    this.#errors.classList.toggle("prismq-runs-none", !errorsOf(run));
    setText(this.#arguments, given);
    setAttribute(this.#arguments, "title", given);
    this.#renderActions();
    this.tick(stale);
  }

  /** Draw what changes with time alone. */
  tick(stale: boolean): void {
    const run = this.#info;
    const then = Date.parse(run.started_at ?? run.created_at);
    setText(this.#started, ago(then, Date.now()));
    setAttribute(this.#started, "datetime", run.started_at ?? run.created_at);
    setAttribute(
      this.#started,
      "title",
      `${run.started_at ? "Started" : "Launched"} ${localAndUtcTime(then)}`,
    );
    const since = stale ? 0 : (performance.now() - this.#at) / 1000;
    setText(this.#took, took(run, since));
    const percent = run.status === "running" ? run.progress_percent : null;
    setText(this.#percent, percent === null ? "" : `${Math.floor(percent)}%`);
  }

  #renderActions(): void {
    const run = this.#info;
    const ended = hasEnded(run.status);
    const { word, title } = stopWords(run);
    setVisible(this.#stop, !ended);
    setVisible(this.#restart, ended && !isCell(run));
    this.#label(this.#stop, `${word} ${run.module_name}`, title);
    this.#stop.classList.toggle("prismq-button-kill", word === "Kill");
    this.#label(this.#restart, `Restart ${run.module_name}`, RESTART_TITLE);
    this.#label(this.#open, `Open the log of ${run.module_name}`, "in a new tab");
    setDisabled(this.#stop, this.#actions.busy);
    setDisabled(this.#restart, this.#actions.busy);
  }

  #label(button: HTMLElement, name: string, title: string): void {
    setAttribute(button, "aria-label", name);
    setAttribute(button, "title", `${name}: ${title}`);
  }

  #link(className: string, ...children: Node[]): HTMLAnchorElement {
    const link = element("a", className, ...children);
    link.href = url(`prismq/runs/${this.run}`);
    link.target = "_blank";
    link.rel = "noopener";
    link.addEventListener("click", (event) => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
      if (isPlain && this.#events.open(this.run)) event.preventDefault();
    });
    return link;
  }

  #button(
    mark: "stop" | "retry",
    className: string,
    act: () => Promise<string | undefined>,
  ): HTMLButtonElement {
    const button = iconButton(mark, "", ({ detail: clicks }) => {
      const isMeant = clicks === 0 || this.#events.isSettled(); // 0: activated by a key
      if (isMeant) void act().then((started) => this.#events.changed(started));
    });
    button.classList.add("prismq-runs-action", className);
    return button;
  }

  async #stopRun(): Promise<undefined> {
    const run = this.#info;
    const isGoingOn = isCell(run) && run.stopping;
    await (isUnreachable(run) ? this.#actions.giveUp() : this.#actions.stop());
    if (isGoingOn) this.#events.say(`${run.module_name}: ${RESTART_KERNEL}`);
  }

  /** @returns the id of the new run. */
  async #restartRun(): Promise<string | undefined> {
    const run = await this.#actions.restart();
    if (run) this.#events.say(`${this.#info.module_name} was restarted`);
    return run;
  }
}
