/**
 * What a run in the list has besides its text: its status, its menu, and requests in progress. Kept
 * while the run is in view, so that an open menu stays.
 */

import { RunActions } from "../api/actions.js";
import { url } from "../base/page.js";
import { hasEnded, isUnreachable } from "../base/protocol.js";
import { isCell, RESTART_KERNEL } from "../base/run-words.js";
import type { ListedRun } from "../runs/runs-text.js";
import { StatusPill } from "../toolbar/status-pill.js";
import { Menu, type MenuItem } from "../ui/menu.js";

const WAITING_TITLE = "Waiting for input: open the run and answer below its log";

export interface PartsEvents {
  /** A sentence for people. */
  say(text: string): void;
  /** A run was changed, or a button has to be drawn again. */
  changed(run: string): void;
  redraw(): void;
  open(run: ListedRun): void;
  /** Ask whether to delete the run, and do so. */
  remove(run: ListedRun): void;
  select(run: ListedRun): void;
  copy(text: string, what: string): void;
  /** Show the notebook that started the run; undefined: there are no notebooks here. */
  readonly notebook: ((run: ListedRun) => void) | undefined;
}

export class RunParts {
  readonly pill = new StatusPill(WAITING_TITLE);
  readonly menu: Menu;
  readonly actions: RunActions;
  run: ListedRun;
  /** Where it was drawn last, in px; and when that changed (ms of a monotonic clock). */
  #top: number | undefined;
  #movedAt = 0;
  readonly #events: PartsEvents;

  constructor(run: ListedRun, events: PartsEvents) {
    this.run = run;
    this.#events = events;
    const say = (text: string): void => events.say(`${this.run.module_name}: ${text}`);
    this.actions = new RunActions(run.run_id, () => events.redraw(), say, say);
    this.menu = new Menu("more", "More", "More actions", () => this.#items());
    this.menu.button.classList.add("prismq-runs-action");
  }

  /** Whether a click is meant for this run: it has not just moved under the pointer. */
  isSettled(now: number): boolean {
    return now - this.#movedAt > SETTLED_MS;
  }

  moved(top: number, now: number): void {
    if (this.#top === top) return;
    if (this.#top !== undefined) this.#movedAt = now;
    this.#top = top;
  }

  async stop(): Promise<void> {
    const isGoingOn = isCell(this.run) && this.run.stopping;
    await (isUnreachable(this.run) ? this.actions.giveUp() : this.actions.stop());
    if (isGoingOn) this.#events.say(`${this.run.module_name}: ${RESTART_KERNEL}`);
    this.#events.changed(this.run.run_id);
  }

  async restart(): Promise<void> {
    const started = await this.actions.restart();
    if (started) this.#events.say(`${this.run.module_name} was restarted`);
    this.#events.changed(this.run.run_id);
  }

  async keep(on: boolean): Promise<void> {
    await this.actions.keep(on);
    this.#events.changed(this.run.run_id);
  }

  #items(): readonly MenuItem[] {
    const { run } = this;
    const { run_id } = run;
    const { open, select, remove, copy, notebook } = this.#events;
    const action = (text: string, pick: () => void, hint = ""): MenuItem => {
      return { kind: "action", text, hint, pick: () => queueMicrotask(pick) };
    };
    const kept = run.kept === true;
    return [
      action("Open", () => open(run), "Enter"),
      ...(notebook && run.origin?.notebook
        ? [action("Go to its notebook", () => notebook(run))]
        : []),
      action("Select", () => select(run), "Space"),
      {
        kind: "switch",
        text: "Keep: never delete automatically",
        on: kept,
        pick: () => void this.keep(!kept),
      },
      {
        kind: "link",
        text: "Download the log",
        href: url(`api/runs/${run_id}/logs/download?format=text`),
        download: `${run_id}.log`,
        ready: () => this.actions.canRead(),
      },
      action("Copy the run's ID", () => copy(run_id, "ID")),
      ...(hasEnded(run.status) ? [action("Delete…", () => remove(run), "Delete")] : []),
    ];
  }
}

/** Clicks on a run are ignored for this long (ms) after it moved. */
const SETTLED_MS = 400;
