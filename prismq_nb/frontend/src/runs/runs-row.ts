/** One run in a table of runs. Shows what it is given; what its buttons do is decided elsewhere. */

import { RunActions } from "../api/actions.js";
import { element, icon, iconButton, setAttribute, setDisabled, setText, show } from "../base/dom.js";
import { count } from "../base/format.js";
import { url } from "../base/page.js";
import { hasEnded, isUnreachable } from "../base/protocol.js";
import { bothTimes } from "../base/format.js";
import { ago, errorsOf, errorsText, type ListedRun, took } from "./runs-words.js";
import { StatusPill } from "../toolbar/status-pill.js";

const STOP_TITLE = "sends SIGINT (like Ctrl+C), and ends all its processes if they keep running";
const KILL_TITLE = "it was asked to stop and is still running; kills it and all its processes now. Unsaved work is lost.";
const GIVE_UP_TITLE = "its machine cannot be reached; if it is gone for good, marks the run as failed. No signal is sent.";
const RESTART_TITLE = "starts a new run with the same arguments";

export interface RowEvents {
  /** Whether a click can be meant for this row: it stood here for a moment. */
  isSettled(): boolean;
  /** A sentence for people. */
  say(text: string): void;
  /** Something was changed, so what is known of the runs is old; the id of a new one. */
  changed(started?: string): void;
  /** The run is to be shown; false: as a link is. */
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
  readonly #started = element("time", "");
  readonly #took = element("span", "");
  readonly #percent = element("span", "prismq-runs-percent");
  readonly #lines = element("td", "prismq-runs-lines");
  readonly #errors = element("td", "prismq-runs-errors");
  readonly #arguments = element("td", "prismq-runs-arguments");
  readonly #stop: HTMLButtonElement;
  readonly #restart: HTMLButtonElement;
  #shown: ListedRun;
  /** When it was told (ms, monotonic). */
  #at = 0;

  constructor(run: ListedRun, events: RowEvents) {
    this.run = run.run_id;
    this.#shown = run;
    this.#events = events;
    const say = (text: string): void => events.say(`${this.#shown.module_name}: ${text}`);
    this.#actions = new RunActions(this.run, () => this.#renderActions(), say, say);
    this.#name = this.#link("prismq-runs-link");
    this.#open = this.#link("prismq-button prismq-runs-action", icon("page"));
    this.#stop = this.#button("stop", "prismq-button-stop", () => this.#stopIt());
    this.#restart = this.#button("retry", "prismq-button-restart", () => this.#startAgain());
    const name = element("th", "prismq-runs-name", this.#name);
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
    this.root.dataset["run"] = this.run;
  }

  get shown(): ListedRun {
    return this.#shown;
  }

  /** What can have the focus, in order. */
  get controls(): HTMLElement[] {
    return this.all.filter((node) => !node.hidden);
  }

  /** Whether shown or not. */
  get all(): readonly HTMLElement[] {
    return [this.#name, this.#stop, this.#restart, this.#open];
  }

  told(run: ListedRun): void {
    this.#shown = run;
    this.#at = performance.now();
  }

  /** @param stale there is no connection. */
  render(stale: boolean): void {
    const run = this.#shown;
    const given = run.arguments ?? "";
    this.#pill.render(run, stale);
    setText(this.#name, run.module_name);
    setAttribute(this.#name, "title", `${run.module_name}\n${run.run_id}`);
    setText(this.#lines, count(run.lines));
    setText(this.#errors, errorsText(run));
    this.#errors.classList.toggle("prismq-runs-none", !errorsOf(run));
    setText(this.#arguments, given);
    setAttribute(this.#arguments, "title", given);
    this.#renderActions();
    this.tick(stale);
  }

  /** What changes as time goes by. */
  tick(stale: boolean): void {
    const run = this.#shown;
    const then = Date.parse(run.started_at ?? run.created_at);
    setText(this.#started, ago(then, Date.now()));
    setAttribute(this.#started, "datetime", run.started_at ?? run.created_at);
    setAttribute(this.#started, "title", `${run.started_at ? "Started" : "Launched"} ${bothTimes(then)}`);
    const since = stale ? 0 : (performance.now() - this.#at) / 1000;
    setText(this.#took, took(run, since));
    const percent = run.status === "running" ? run.progress_percent : null;
    setText(this.#percent, percent === null ? "" : `${Math.floor(percent)}%`);
  }

  #renderActions(): void {
    const run = this.#shown;
    const ended = hasEnded(run.status);
    const away = isUnreachable(run);
    const kill = run.stopping && !away;
    show(this.#stop, !ended);
    show(this.#restart, ended);
    const [word, title] = away ? ["Give up", GIVE_UP_TITLE] : kill ? ["Kill", KILL_TITLE] : ["Stop", STOP_TITLE];
    this.#label(this.#stop, `${word} ${run.module_name}`, title);
    this.#stop.classList.toggle("prismq-button-kill", kill);
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

  #button(mark: "stop" | "retry", className: string, act: () => Promise<string | void>): HTMLButtonElement {
    const button = iconButton(mark, "", ({ detail: clicks }) => {
      const isMeant = clicks === 0 || this.#events.isSettled(); // 0: by a key
      if (isMeant) void act().then((started) => this.#events.changed(started ?? undefined));
    });
    button.classList.add("prismq-runs-action", className);
    return button;
  }

  #stopIt(): Promise<void> {
    return isUnreachable(this.#shown) ? this.#actions.giveUp() : this.#actions.stop();
  }

  /** Returns the id of the new run. */
  async #startAgain(): Promise<string | undefined> {
    const run = await this.#actions.restart();
    if (run) this.#events.say(`${this.#shown.module_name} was restarted`);
    return run;
  }
}
