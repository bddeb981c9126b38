/** Above the list: statuses with their counts, text filter, order and groups. */

import { html, nothing, type TemplateResult } from "lit-html";
import { element } from "../base/dom.js";
import { count } from "../base/format.js";
import type { RunState } from "../base/protocol.js";
import { ConnectionLabel } from "../toolbar/connection-label.js";
import { Menu, type MenuItem } from "../ui/menu.js";
import { glyph } from "./glyph.js";
import { GROUPS, MAX_FILTER_CHARS, type Query, SORTS, toggled } from "./query.js";
import type { RunList } from "./run-list.js";

/** Delay (ms) from the last key to the request. */
const TYPING_MS = 200;
const IN_LIST = "Filter by name, arguments or ID";
const IN_LOGS = "Search the logs of all runs";
const CHIPS: readonly (readonly [name: string, statuses: readonly RunState[]])[] = [
  ["Running", ["running", "queued"]],
  ["Completed", ["completed"]],
  ["Failed", ["failed"]],
  ["Cancelled", ["cancelled"]],
];

export class Bar {
  readonly #ask: (query: Query) => void;
  readonly #query: () => Query;
  readonly #field = element("input", "prismq-find-field");
  readonly #connection = new ConnectionLabel("This list is up to date");
  readonly #sort: Menu;
  readonly #group: Menu;
  /** The text is looked for in the logs. */
  #inLogs = false;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(query: () => Query, ask: (query: Query) => void) {
    this.#query = query;
    this.#ask = ask;
    this.#sort = new Menu("down", "Sort", "Order of the runs", () => this.#choices("sort", SORTS));
    this.#group = new Menu("attempts", "Group", "Group the runs", () =>
      this.#choices("group", GROUPS),
    );
    this.#field.type = "search";
    this.#field.maxLength = MAX_FILTER_CHARS;
    this.#field.spellcheck = false;
    this.sync();
    this.#field.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#filter(), TYPING_MS);
    });
    // Before the click of a person who has just typed changes the rest of the query.
    this.#field.addEventListener("change", () => this.#filter());
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#field.value) return;
      event.stopPropagation();
      this.#field.value = "";
      this.#filter();
    });
  }

  /** The address or a button changed the query. */
  sync(): void {
    clearTimeout(this.#typing);
    const { q, log } = this.#query();
    if (log || q) this.#inLogs = log !== "";
    if (this.#field.value.trim() !== (log || q)) this.#field.value = log || q;
    const what = this.#inLogs ? IN_LOGS : IN_LIST;
    this.#field.placeholder = what;
    this.#field.setAttribute("aria-label", what);
  }

  focus(): void {
    this.#field.focus();
    this.#field.select();
  }

  dispose(): void {
    clearTimeout(this.#typing);
  }

  render(list: RunList): TemplateResult {
    const { trouble, isKnown, counts } = list;
    const state = trouble?.state ?? (isKnown ? "live" : "connecting");
    this.#connection.render(state, trouble?.reason);
    return html`<div class="prismq-toolbar prismq-all-toolbar">
        <h1 class="prismq-all-title">Runs</h1>
        <span class="prismq-find-box prismq-all-filter"
          >${glyph(this.#inLogs ? "search" : "filter")}${this.#field}${this.#scope()}</span
        >
        <span class="prismq-all-menus">${this.#sort.root}${this.#group.root}</span>
        ${this.#connection.root}
      </div>
      <div class="prismq-all-chips" role="group" aria-label="Filter by status">
        ${this.#chip("All", [], sum(Object.values(counts)))}
        ${CHIPS.map(([name, statuses]) =>
          this.#chip(name, statuses, sum(statuses.map((status) => counts[status]))),
        )}
      </div>`;
  }

  #chip(name: string, statuses: readonly RunState[], runs: number): TemplateResult {
    const query = this.#query();
    const isOn = statuses.length
      ? statuses.every((status) => query.statuses.includes(status))
      : query.statuses.length === 0;
    const pick = (): void =>
      this.#ask(statuses.length ? toggled(query, statuses) : { ...query, statuses: [] });
    return html`<button
      type="button"
      class=${`prismq-all-chip prismq-is-${statuses[0] ?? "all"}`}
      aria-pressed=${isOn}
      title=${name}
      @click=${pick}
    >
      ${statuses[0] === undefined ? nothing : mark(statuses[0])}<span
        class="prismq-all-chip-word"
        >${name}</span
      >
      <span class="prismq-all-chip-count">${count(runs)}</span>
    </button>`;
  }

  /** The button that says where the text is looked for. */
  #scope(): TemplateResult {
    const turn = (): void => {
      this.#inLogs = !this.#inLogs;
      this.#filter();
      this.sync();
      this.focus();
    };
    return html`<button
      type="button"
      class="prismq-button prismq-all-scope"
      aria-pressed=${this.#inLogs}
      title="Search the text of all logs"
      @click=${turn}
    >
      Logs
    </button>`;
  }

  #filter(): void {
    clearTimeout(this.#typing);
    const text = this.#field.value.trim();
    const [q, log] = this.#inLogs ? ["", text] : [text, ""];
    const query = this.#query();
    if (q !== query.q || log !== query.log) this.#ask({ ...query, q, log });
  }

  #choices<Name extends "sort" | "group">(
    name: Name,
    texts: Readonly<Record<Query[Name], string>>,
  ): readonly MenuItem[] {
    const keys = Object.keys(texts) as Query[Name][];
    return keys.map((key) => ({
      kind: "choice",
      text: texts[key],
      on: this.#query()[name] === key,
      pick: () => this.#ask({ ...this.#query(), [name]: key }),
    }));
  }
}

function mark(status: RunState): TemplateResult {
  return html`<span class="prismq-mark" aria-hidden="true"
    >${status === "running" ? html`<span class="prismq-dot"></span>` : glyph(status)}</span
  >`;
}

function sum(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((all, value) => all + (value ?? 0), 0);
}
