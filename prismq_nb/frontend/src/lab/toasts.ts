/** Notices of the application: one for each run, or one for many. */

import { noticeOf } from "../notices/notice-text.js";
import type { ListedRun } from "../runs/runs-text.js";
import { type Application, COMMANDS } from "./application.js";

/** Runs of this time (ms) have notices of their own until there are more than `MAX_SINGLE`. */
const RECENT_MS = 60_000;
const MAX_SINGLE = 3;
/** Then there is another notice about many. */
const MAX_TOGETHER = 1_000;
/** How long (ms) a notice is shown that needs no attention. It stays in the list of notices. */
const CALM_MS = 15_000;

interface Action {
  readonly label: string;
  readonly callback: () => void;
  readonly displayType?: "accent" | "link";
}
interface Options {
  readonly autoClose: number | false;
  readonly actions: readonly Action[];
}
/** `Notification` of @jupyterlab/apputils. */
export interface Toaster {
  emit(message: string, type: string, options: Options): string;
  update(
    changed: Options & { readonly id: string; readonly message: string; readonly type: string },
  ): void;
  dismiss(id: string): void;
  info(message: string, options: Options): string;
  readonly manager: { has(id: string): boolean };
}

interface Shown {
  readonly run: ListedRun;
  /** Of the notice, which may be about other runs, too. */
  readonly id: string;
  /** In ms since the epoch. */
  readonly at: number;
}

export class Toasts {
  readonly #app: Application;
  readonly #toaster: Toaster;
  readonly #more: () => readonly Action[];
  #shown: readonly Shown[] = [];
  /** Id of the notice about many. */
  #many: string | undefined;

  /** @param more further actions of the next notice. */
  constructor(app: Application, toaster: Toaster, more: () => readonly Action[]) {
    this.#app = app;
    this.#toaster = toaster;
    this.#more = more;
  }

  /** Show that runs have ended; more of them update the notice about many. */
  show(runs: readonly ListedRun[], now: number): void {
    const isRecent = ({ id, at }: Shown): boolean =>
      now - at < RECENT_MS && this.#toaster.manager.has(id);
    const shown = this.#shown.length < MAX_TOGETHER ? this.#shown.filter(isRecent) : [];
    const all = [...shown.map(({ run }) => run), ...runs];
    if (all.length > MAX_SINGLE) {
      const id = this.#showMany(all, new Set(shown.map((each) => each.id)));
      this.#shown = all.map((run) => ({ run, id, at: now }));
    } else {
      this.#shown = [...shown, ...runs.map((run) => ({ run, id: this.#emit([run]), at: now }))];
    }
  }

  /** @param ids of the notices that are replaced. */
  #showMany(runs: readonly ListedRun[], ids: ReadonlySet<string>): string {
    if (this.#many !== undefined && ids.has(this.#many)) {
      this.#toaster.update({ id: this.#many, ...this.#contentOf(runs) });
      return this.#many;
    }
    for (const id of ids) this.#toaster.dismiss(id);
    this.#many = this.#emit(runs);
    return this.#many;
  }

  #emit(runs: readonly ListedRun[]): string {
    const { message, type, ...options } = this.#contentOf(runs);
    return this.#toaster.emit(message, type, options);
  }

  #contentOf(runs: readonly ListedRun[]): Options & { message: string; type: string } {
    const { type, title, text } = noticeOf(runs);
    const [run, ...others] = runs;
    const open: Action =
      run && !others.length
        ? this.#action("Open Log", COMMANDS.openRun, { run_id: run.run_id, name: run.module_name })
        : this.#action("Show Runs", COMMANDS.showRuns);
    const message = [title, text].filter(Boolean).join("\n");
    const autoClose = type === "error" ? false : CALM_MS;
    return { message, type, autoClose, actions: [open, ...this.#more()] };
  }

  #action(label: string, command: string, args: Readonly<Record<string, unknown>> = {}): Action {
    const callback = (): void => void this.#app.commands.execute(command, args);
    return { label, callback, displayType: "accent" };
  }
}
