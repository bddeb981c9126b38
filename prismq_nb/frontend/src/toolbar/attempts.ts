/**
 * The attempts of a run: those that were started again from each other. A menu leads from one to the
 * other, a bar to the newest, and where no other can be started, a bar says why.
 *
 * Asked for when it matters: at the end of a run, of one that was started again at once, and again
 * when the menu is opened, when the page is shown again, and when somebody wants to restart.
 */

import { ask } from "../api/ask.js";
import { element, iconButton, setAttribute, setText, show } from "../base/dom.js";
import { duration, timestamp } from "../base/format.js";
import { Menu, type MenuItem } from "../ui/menu.js";
import { NoteBar } from "./notes.js";
import { hasEnded, isRunId, type RunStatus, stampOf } from "../base/protocol.js";
import { statusName } from "../base/run-words.js";
import { RestartWhy } from "./restart-why.js";
import { statusMark } from "../base/status-icons.js";

const NO_ORIGIN = { start: undefined, previous: undefined };

/** One of them, as lists show runs. */
export type Attempt = Pick<RunStatus, "status" | "created_at" | "started_at" | "duration_seconds"> & {
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
  /** Something else is to be drawn. */
  changed(): void;
  utc(): boolean;
  /** Something was copied; a word for people. */
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
  readonly #why: RestartWhy;
  readonly #end: AbortSignal;
  #answer: Answer | undefined;
  #attempt = 1;
  /** What it was asked for: once for a run that goes on, and once for its end. */
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
    this.#why = new RestartWhy(events.say);
    this.bars = element("div", "", this.#newer.root, this.#why.root);
    this.#menu.button.addEventListener("pointerenter", () => void this.#ask(), { signal: end });
    document.addEventListener(
      "visibilitychange",
      () => this.#answer && document.visibilityState === "visible" && void this.#ask(),
      { signal: end },
    );
  }

  /** Why the run cannot be started again, and what to do; undefined: nobody said that it cannot. */
  get problem(): string | undefined {
    return this.#answer?.restart_problem ?? undefined;
  }

  /** Says, or no longer says, why it cannot be started again; it may have become possible. */
  explain(): void {
    this.#why.say(this.#run, this.#why.isShown ? "" : (this.problem ?? ""));
    void this.#ask();
  }

  render(status: RunStatus | undefined): void {
    if (!status) return;
    this.#attempt = status.attempt ?? 1;
    const ended = hasEnded(status.status);
    const wanted = ended ? "end" : status.restart_of ? "start" : "";
    if (wanted && wanted !== this.#askedFor) {
      this.#askedFor = wanted;
      void this.#ask();
    }
    const others = (this.#answer?.attempts.length ?? 0) > 1;
    show(this.root, others || this.#attempt > 1);
    const label = `Attempt ${this.#attempt}`;
    setText(this.#number, String(this.#attempt));
    setAttribute(this.#menu.button, "aria-label", label);
    const newest = this.#newest;
    const isNewer = newest !== undefined && newest.attempt > this.#attempt;
    this.#newer.say(isNewer ? newerText(newest) : "");
    if (isNewer) setText(this.#showNewest.lastElementChild as Element, `Show attempt ${newest.attempt}`);
    if (this.#why.isShown) this.#why.say(this.#run, ended ? (this.problem ?? "") : "");
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
      return { kind: "choice", text: `Attempt ${each.attempt}`, hint, on, pick, mark: statusMark(each.status) };
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
  const time = timestamp(stampOf(started_at ?? created_at), "datetime", utc, NO_ORIGIN).slice(0, 19);
  const took = seconds === null || !hasEnded(attempt.status) ? [] : [duration(seconds)];
  return [statusName(attempt), time, ...took].join(" \u00b7 ");
}
