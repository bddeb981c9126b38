/**
 * Tell that runs have ended: in the application, in the title of the browser's tab, and outside of
 * the page while nobody sees it. Knows no DOM and no application.
 *
 * All windows of a browser hear of an end. A visible one tells it, the one with the focus first; if
 * all are hidden, one sends a notification of the browser, and the first that is shown again tells
 * the rest. Each does so only for ends that no other window has claimed.
 */

import type { ListedRun } from "../runs/runs-text.js";
import { isTold, type NoticeChoice } from "./rules.js";

/** Delay (ms) from an end to its notice: runs that end together are reported together. */
export const GATHER_MS = 1_000;
/** How much longer (ms) a window without the focus waits, and one that is hidden. */
export const FOCUS_MS = 300;
export const HIDDEN_MS = 1_500;
const MAX_PENDING = 1_000;

/** What the title of a hidden page says. */
export type TitleMark = "running" | "failed" | "done" | "none";

export interface NoticesEnvironment {
  visible(): boolean;
  hasFocus(): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  choice(): NoticeChoice;
  /** Of these runs, those with a viewer in sight. */
  onScreen(runs: readonly string[]): Promise<ReadonlySet<string>>;
  /** Return the ids of those that no window has reported, or sent to the browser, before. */
  claim(how: "shown" | "sent", runs: readonly string[]): Promise<readonly string[]>;
  show(runs: readonly ListedRun[]): void;
  /** Whether the browser may show notifications. */
  maySend(): boolean;
  send(runs: readonly ListedRun[]): void;
  mark(mark: TitleMark): void;
  /** Keep the ids of runs whose end is still to be reported, for the next page. */
  remember(runs: readonly string[]): void;
}

export class Notices {
  readonly #environment: NoticesEnvironment;
  #active: readonly ListedRun[] = [];
  /** Ends that are not reported yet. */
  #pending: ListedRun[] = [];
  #remembered = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(environment: NoticesEnvironment) {
    this.#environment = environment;
  }

  active(runs: readonly ListedRun[]): void {
    this.#active = runs;
    this.#settle();
  }

  ended(runs: readonly ListedRun[]): void {
    const { choice, now } = this.#environment;
    const due = runs.filter((run) => isTold(run, choice(), now()));
    this.#pending = [...this.#pending, ...due].slice(-MAX_PENDING);
    this.#settle();
    this.#schedule();
  }

  /** Another window has told these ends. */
  toldElsewhere(runs: readonly string[]): void {
    const told = new Set(runs);
    this.#pending = this.#pending.filter(({ run_id }) => !told.has(run_id));
    this.#settle();
  }

  /** The page was shown or hidden, or other ends are to be told. */
  review(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#settle();
    this.#schedule();
  }

  #schedule(): void {
    if (!this.#pending.length) return;
    const { visible, hasFocus } = this.#environment;
    const [wait, work] = visible()
      ? [hasFocus() ? 0 : FOCUS_MS, () => this.#show()]
      : [HIDDEN_MS, () => this.#send()];
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void work();
    }, GATHER_MS + wait);
  }

  async #show(): Promise<void> {
    const { onScreen, claim, show } = this.#environment;
    const runs = this.#pending.splice(0);
    const ids = idsOf(runs);
    const seen = await onScreen(ids);
    const claimed = await claim("shown", ids);
    const due = runs.filter(({ run_id }) => claimed.includes(run_id) && !seen.has(run_id));
    if (due.length) show(due);
    this.#settle();
  }

  /** They stay pending: a notification of the browser may be overlooked. */
  async #send(): Promise<void> {
    const { visible, maySend, claim, send } = this.#environment;
    if (visible() || !maySend()) return;
    const claimed = await claim("sent", idsOf(this.#pending));
    const due = this.#pending.filter(({ run_id }) => claimed.includes(run_id));
    if (due.length) send(due);
  }

  /** Update what depends on the active and the pending runs. */
  #settle(): void {
    this.#environment.mark(this.#mark());
    const ids = idsOf([...this.#active, ...this.#pending]);
    const remembered = ids.join();
    if (remembered === this.#remembered) return;
    this.#remembered = remembered;
    this.#environment.remember(ids);
  }

  #mark(): TitleMark {
    const { visible, choice } = this.#environment;
    if (visible() || choice() === "none") return "none";
    if (this.#pending.some(({ status }) => status === "failed")) return "failed";
    if (this.#active.some(({ status }) => status === "running")) return "running";
    return this.#pending.length ? "done" : "none";
  }
}

function idsOf(runs: readonly ListedRun[]): string[] {
  return runs.map(({ run_id }) => run_id);
}
