/**
 * The attempts of a run, which were restarted from each other: a menu to switch between them, a bar
 * that leads to the newest, and a bar that says why no other can be started.
 *
 * Requested at the end of a run (for a restarted run, at its start), when the menu is opened, when
 * the page is shown again, and before a restart.
 */

import { ask } from "../api/ask.js";
import { element, iconButton, setAttribute, setText, setVisible } from "../base/dom.js";
import { duration, timestamp } from "../base/format.js";
import { hasEnded, isRunId, type RunStatus, stampOf } from "../base/protocol.js";
import { isCell, statusName } from "../base/run-words.js";
import { statusMark } from "../base/status-icons.js";
import { Menu, type MenuItem } from "../ui/menu.js";
import { NoteBar } from "./notes.js";
import { RestartProblem } from "./restart-problem.js";

const NO_ORIGIN = { start: undefined, previous: undefined };

/** One attempt, as the list of runs has it. */
export type Attempt = Pick<
  RunStatus,
  "status" | "created_at" | "started_at" | "duration_seconds"
> & {
  readonly run_id: string;
  readonly attempt: number;
};

/** Answer of `GET /api/runs/{id}/attempts`. */
interface Answer {
  readonly attempts: readonly Attempt[];
  readonly restart_problem: string | null;
}

export interface AttemptsEvents {
  /** Show that run in place of this one. */
  show(run: string): void;
  /** Something has to be drawn again. */
  changed(): void;
  utc(): boolean;
  /** Something was copied; a few words for people. */
  say(text: string): void;
}

export class Attempts {
  /** The menu, for the toolbar. */
  readonly root: HTMLElement;
  /** Bars under the toolbar. */
  readonly bars: HTMLElement;
  readonly #run: string;
  readonly #events: AttemptsEvents;
  readonly #menu: Menu;
  readonly #number = element("span", "prismq-attempt-number");
  readonly #showNewest: HTMLButtonElement;
  readonly #newer: NoteBar;
  readonly #restartProblem: RestartProblem;
  readonly #end: AbortSignal;
  #answer: Answer | undefined;
  #attempt = 1;
  /** What the last request was for: the start or the end of the run. */
  #askedFor = "";

  constructor(run: string, events: AttemptsEvents, end: AbortSignal) {
    this.#run = run;
    this.#events = events;
    this.#end = end;
    this.#menu = new Menu("attempts", "Attempt 1", "Attempts of this run", () => this.#items());
    const word = element("span", "prismq-attempt-word", "Attempt ");
    this.#menu.button.lastElementChild?.replaceChildren(word, this.#number);
    this.root = this.#menu.root;
    this.root.classList.add("prismq-attempts");
    this.root.hidden = true;
    this.#showNewest = iconButton("follow", "", () => this.#show(this.#newest?.run_id));
    this.#newer = new NoteBar("prismq-note-newer", "info", this.#showNewest);
    this.#restartProblem = new RestartProblem(events.say);
    this.bars = element("div", "", this.#newer.root, this.#restartProblem.root);
    this.#menu.button.addEventListener("pointerenter", () => void this.#ask(), { signal: end });
    document.addEventListener(
      "visibilitychange",
      () => this.#answer && document.visibilityState === "visible" && void this.#ask(),
      { signal: end },
    );
  }

  /** Why the run cannot be restarted, and what to do; undefined: it can, as far as is known. */
  get problem(): string | undefined {
    return this.#answer?.restart_problem ?? undefined;
  }

  /**
   * Show or hide the bar that says why; then ask again, because a restart may have become possible.
   */
  explain(): void {
    this.#restartProblem.say(this.#run, this.#restartProblem.isShown ? "" : (this.problem ?? ""));
    void this.#ask();
  }

  render(status: RunStatus | undefined): void {
    if (!status) return;
    this.#attempt = status.attempt ?? 1;
    if (isCell(status)) return; // it cannot be restarted
    const ended = hasEnded(status.status);
    const wanted = ended ? "end" : status.restart_of ? "start" : "";
    if (wanted && wanted !== this.#askedFor) {
      this.#askedFor = wanted;
      void this.#ask();
    }
    const others = (this.#answer?.attempts.length ?? 0) > 1;
    setVisible(this.root, others || this.#attempt > 1);
    const label = `Attempt ${this.#attempt}`;
    setText(this.#number, String(this.#attempt));
    setAttribute(this.#menu.button, "aria-label", label);
    const newest = this.#newest;
    const isNewer = newest !== undefined && newest.attempt > this.#attempt;
    this.#newer.say(isNewer ? newerText(newest) : "");
    if (isNewer)
      setText(this.#showNewest.lastElementChild as Element, `Show attempt ${newest.attempt}`);
    if (this.#restartProblem.isShown)
      this.#restartProblem.say(this.#run, ended ? (this.problem ?? "") : "");
  }

  get #newest(): Attempt | undefined {
    return this.#answer?.attempts.at(-1);
  }

  #items(): MenuItem[] {
    const attempts = this.#answer?.attempts ?? [];
    const items = attempts.toReversed().map((each): MenuItem => {
      const on = each.run_id === this.#run;
      const pick = (): void => {
        this.#menu.close();
        if (!on) this.#show(each.run_id);
      };
      const hint = attemptHint(each, this.#events.utc());
      return {
        kind: "choice",
        text: `Attempt ${each.attempt}`,
        hint,
        on,
        pick,
        mark: statusMark(each.status),
      };
    });
    return [{ kind: "heading", text: "Attempts of this run, newest first" }, ...items];
  }

  #show(run: string | undefined): void {
    if (run !== undefined && isRunId(run)) this.#events.show(run);
  }

  async #ask(): Promise<void> {
    const asked = ask(this.#run, "/attempts", { signal: this.#end });
    const answer = await asked.then((response) => response.json()).catch(() => undefined);
    if (this.#end.aborted || !isAnswer(answer)) return;
    this.#answer = answer;
    this.#events.changed();
  }
}

function isAnswer(value: unknown): value is Answer {
  return Array.isArray((value as Partial<Answer> | undefined)?.attempts);
}

function newerText({ attempt, status }: Attempt): string {
  return `Attempt ${attempt} is newer: ${status}.`;
}

/** `Failed · 14:03:12 · 2.31 s` */
export function attemptHint(attempt: Attempt, utc: boolean): string {
  const { started_at, created_at, duration_seconds: seconds } = attempt;
  const time = timestamp(stampOf(started_at ?? created_at), "datetime", utc, NO_ORIGIN).slice(
    0,
    19,
  );
  const took = seconds === null || !hasEnded(attempt.status) ? [] : [duration(seconds)];
  return [statusName(attempt), time, ...took].join(" \u00b7 ");
}
