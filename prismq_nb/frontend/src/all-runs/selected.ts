/** The bar for runs that are selected, and what is done to several. */

import { html, nothing, type TemplateResult } from "lit-html";
import { countOf, messageOf } from "../base/format.js";
import type { ListedRun } from "../runs/runs-text.js";
import { all, BULK, type Bulk } from "./bulk.js";
import { confirm } from "./confirm.js";
import { glyph } from "./glyph.js";
import type { RunList } from "./run-list.js";
import { Selection } from "./selection.js";

/** Runs that can be selected at once. */
const MAX_SELECTED = 10_000;
const ICONS = {
  Stop: "stop",
  Restart: "retry",
  Keep: "lock",
  Release: "lock",
  Delete: "close",
} as const;

export interface SelectedHost {
  readonly root: HTMLElement;
  readonly list: RunList;
  say(text: string): void;
  redraw(): void;
}

export class Selected {
  readonly #host: SelectedHost;
  readonly #selection = new Selection();
  /** What is being done: `Deleted 12 of 40`. */
  #progress = "";

  constructor(host: SelectedHost) {
    this.#host = host;
  }

  get size(): number {
    return this.#selection.size;
  }

  get runs(): readonly ListedRun[] {
    return this.#selection.runs;
  }

  has(run: string): boolean {
    return this.#selection.has(run);
  }

  update(runs: Iterable<ListedRun>): void {
    this.#selection.update(runs);
  }

  clear(): void {
    this.#selection.clear();
    this.#host.redraw();
  }

  toggle(run: ListedRun, index: number): void {
    this.#selection.toggle(run, index);
    this.#host.redraw();
  }

  extend(index: number, at: (index: number) => ListedRun | undefined): void {
    this.#selection.extend(index, at);
    this.#host.redraw();
  }

  /** Select all runs that match, also those that are not here yet. */
  async everything(): Promise<void> {
    const { list, say, redraw } = this.#host;
    try {
      this.#selection.add(await list.everything(MAX_SELECTED));
    } catch (error) {
      say(`Could not select all runs: ${messageOf(error)}`);
    }
    redraw();
  }

  copy(text: string, what: string): void {
    const { say } = this.#host;
    const failed = (): void => say("The browser does not let this page copy");
    void navigator.clipboard?.writeText(text).then(() => say(`${what} copied`), failed);
    if (!navigator.clipboard) failed();
  }

  /** Do something to runs, after a question where it needs one. */
  async act(bulk: Bulk, runs: readonly ListedRun[]): Promise<void> {
    const { root, list, say, redraw } = this.#host;
    const those = runs.filter(bulk.applies);
    if (!those.length || this.#progress) return;
    const [only] = those;
    const what =
      those.length === 1 && only ? `“${only.module_name}”` : countOf(those.length, "run");
    const kept = bulk.verb === "Delete" ? those.filter((run) => run.kept).length : 0;
    const warning = `${bulk.warning}${kept ? ` ${countOf(kept, "run")} of them kept.` : ""}`;
    const isSure =
      !bulk.warning || (await confirm(root, `${bulk.verb} ${what}?`, warning, bulk.verb));
    if (!isSure) return;
    const { sentence, left } = await all(bulk, those, (done) => {
      this.#progress = `${done} of ${countOf(those.length, "run")} ${bulk.past}…`;
      redraw();
    });
    this.#progress = "";
    if (bulk.verb === "Delete") for (const { run_id } of those) this.#selection.delete(run_id);
    say(those.length === 1 && only && !left ? `${only.module_name} ${bulk.past}` : sentence);
    list.refresh();
    redraw();
  }

  render(): TemplateResult | typeof nothing {
    const { size, runs } = this.#selection;
    if (!size) return nothing;
    const verbs = Object.values(BULK).filter(({ applies }) => runs.some(applies));
    const { total } = this.#host.list;
    return html`<div class="prismq-all-selected" role="toolbar" aria-label="Selected runs">
      <strong>${this.#progress || `${countOf(size, "run")} selected`}</strong>
      ${verbs.map((bulk) => this.#button(bulk, runs))}
      ${plain("Copy IDs", () => this.copy(runs.map(({ run_id }) => run_id).join("\n"), "IDs"))}
      ${
        size < Math.min(total, MAX_SELECTED)
          ? plain(`Select all ${countOf(total, "run")}`, () => void this.everything())
          : nothing
      }
      ${plain("Clear", () => this.clear())}
    </div>`;
  }

  #button(bulk: Bulk, runs: readonly ListedRun[]): TemplateResult {
    const those = runs.filter(bulk.applies).length;
    const count = those === runs.length ? "" : ` ${those}`;
    const color = bulk.verb === "Stop" || bulk.verb === "Delete" ? " prismq-button-stop" : "";
    return html`<button
      type="button"
      class=${`prismq-button${color}`}
      aria-disabled=${this.#progress !== ""}
      @click=${() => void this.act(bulk, runs)}
    >
      ${glyph(ICONS[bulk.verb])}<span class="prismq-button-label">${bulk.verb}${count}</span>
    </button>`;
  }
}

function plain(text: string, pick: () => void): TemplateResult {
  return html`<button type="button" class="prismq-button" @click=${pick}>${text}</button>`;
}
