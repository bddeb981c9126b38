/**
 * The view of all runs, on a page of its own and in a panel: active ones first, with filter, order,
 * groups, selection and actions. Requests nothing while it is out of view.
 *
 * Drawn by lit-html, at most once per frame. Without lit's custom elements: their names belong to
 * the page, in which another version of this script may be.
 */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { everySecond } from "../base/clock.js";
import { element } from "../base/dom.js";
import { countOf } from "../base/format.js";
import { followTheme } from "../base/theme.js";
import { RunsEmpty } from "../runs/runs-empty.js";
import type { ListedRun } from "../runs/runs-text.js";
import { connectionText } from "../toolbar/connection-bar.js";
import { onSight } from "../ui/in-sight.js";
import { keepKeys } from "../ui/keys.js";
import { Toast } from "../ui/toast.js";
import { Bar } from "./bar.js";
import { BULK } from "./bulk.js";
import { foundRuns, type OpenRun } from "./found-runs.js";
import { setGrid } from "./grid.js";
import { type Item, Layout } from "./layout.js";
import { listenToList } from "./list-keys.js";
import { LogSearch } from "./log-search.js";
import { notebookOpener, type OpenNotebook } from "./notebook-of-run.js";
import { isFiltered, nothingFound, type Query } from "./query.js";
import { heading, placeholder, row } from "./row.js";
import { type Counts, RunList } from "./run-list.js";
import { RunParts } from "./run-parts.js";
import { Selected } from "./selected.js";
import { environment, onPageChange } from "./surroundings.js";

/** Height (px) of a run, in a wide view and as a card in a narrow one (all-runs.css). */
const ROW_PX = 52;
const CARD_PX = 84;
const MAX_CARD_WIDTH_PX = 720;

export interface AllRunsOptions {
  readonly query: Query;
  /** The person chose another query. */
  readonly onQuery: ((query: Query) => void) | undefined;
  /** New numbers of runs by status. */
  readonly onCounts: ((counts: Counts) => void) | undefined;
  /** Show a run; undefined: the browser follows the link. */
  readonly onOpen: OpenRun | undefined;
  /** Show a notebook; undefined: this page has none. */
  readonly onNotebook: OpenNotebook | undefined;
}

export class AllRuns {
  readonly root = element("section", "prismq-root prismq-fill prismq-all");
  readonly #options: AllRunsOptions;
  readonly #end = new AbortController();
  readonly #toast = new Toast();
  readonly #list: RunList;
  readonly #bar: Bar;
  readonly #empty: RunsEmpty;
  readonly #selected: Selected;
  readonly #search: LogSearch;
  readonly #scroll = element("div", "prismq-all-scroll");
  readonly #parts = new Map<string, RunParts>();
  #query: Query;
  #layout = new Layout([], ROW_PX);
  #rowPx = ROW_PX;
  #isVisible = false;
  #frame = 0;
  /** Whether the first drawing of runs was marked for measurements. */
  #isMarked = false;
  /** When a state of a run was drawn first (ms of a monotonic clock). */
  readonly #readAt = new WeakMap<ListedRun, number>();
  /** The run that Tab reaches. */
  #active = "";
  /** Place of the run that gets the focus as soon as it is here; -1: none. */
  #goal = -1;

  constructor(el: HTMLElement, options: AllRunsOptions) {
    this.#options = options;
    this.#query = options.query;
    this.#list = new RunList(environment, () => this.#arrived());
    this.#bar = new Bar(
      () => this.#query,
      (query) => this.ask(query),
    );
    this.#empty = new RunsEmpty(
      () => this.ask({ ...this.#query, statuses: [], q: "" }),
      (text) => this.#toast.say(text),
    );
    this.#selected = new Selected({
      root: this.root,
      list: this.#list,
      say: (text) => this.#toast.say(text),
      redraw: () => this.#schedule(),
    });
    this.#search = new LogSearch(() => this.#schedule());
    this.#search.ask(this.#query);
    this.root.setAttribute("aria-label", "Runs");
    el.append(this.root);
    this.#listen();
    this.#list.ask(this.#query);
    this.#draw();
  }

  dispose(): void {
    this.#end.abort();
    cancelAnimationFrame(this.#frame);
    this.#list.dispose();
    this.#search.dispose();
    this.#bar.dispose();
    this.#toast.dispose();
    this.root.remove();
  }

  /** Show other runs. */
  ask(query: Query): void {
    this.#query = query;
    this.#bar.sync();
    this.#selected.clear();
    this.#scroll.scrollTop = 0;
    this.#list.ask(query);
    this.#search.ask(query);
    this.#options.onQuery?.(query);
    this.#schedule();
  }

  focus(): void {
    this.#bar.focus();
  }

  #listen(): void {
    const { signal } = this.#end;
    const theme = followTheme(this.root, () => "auto");
    const stop = everySecond(() => this.#isVisible && this.#schedule());
    signal.addEventListener("abort", () => {
      theme.dispose();
      stop();
    });
    keepKeys(this.root, signal);
    onPageChange(
      () => this.#list.review(),
      () => this.#list.refresh(),
      signal,
    );
    const see = (inSight: boolean): void => {
      this.#isVisible = inSight;
      this.#list.watch(inSight);
    };
    onSight(this.root, see, signal);
    this.#scroll.addEventListener("scroll", () => this.#schedule(), { signal, passive: true });
    const size = new ResizeObserver(() => this.#schedule());
    size.observe(this.root);
    signal.addEventListener("abort", () => size.disconnect());
    listenToList(
      this.#scroll,
      this.root,
      {
        layout: () => this.#layout,
        active: () => this.#active,
        activate: (run) => {
          this.#active = run;
          this.#goal = -1;
          this.#schedule();
        },
        go: (index) => this.#go(index),
        open: (run) => this.#open(run),
        partsOf: (run) => this.#parts.get(run),
        selected: this.#selected,
        filter: () => this.#bar.focus(),
        opensHere: this.#options.onOpen !== undefined,
      },
      signal,
    );
  }

  #arrived(): void {
    this.#selected.update([...this.#list.active]);
    this.#options.onCounts?.(this.#list.counts);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const isNarrow = this.root.clientWidth <= MAX_CARD_WIDTH_PX;
    this.root.classList.toggle("prismq-all-cards", isNarrow);
    this.#rowPx = isNarrow ? CARD_PX : ROW_PX;
    this.#layout = new Layout(this.#list.sections, this.#rowPx);
    const { scrollTop: top, clientHeight: height } = this.#scroll;
    const extent = { top: top - height / 2, height: 2 * height };
    const items = this.#withActive(this.#layout.visible(extent));
    this.#forget(items);
    const focused = document.activeElement;
    render(this.#template(items), this.root);
    // moved to another place among its neighbours, an element loses the focus
    const isLost = focused !== document.activeElement && focused?.isConnected;
    if (isLost && this.#scroll.contains(focused)) (focused as HTMLElement).focus();
    this.#reach();
    const view = this.#layout.inView("ended", { top, height });
    if (view && this.#list.isKnown) this.#list.look(...view);
    if (this.#list.isKnown && !this.#isMarked) performance.mark("prismq-all-runs-drawn");
    this.#isMarked = this.#list.isKnown;
  }

  /** The run that has the focus stays on the page while it is scrolled out of view. */
  #withActive(items: readonly Item[]): readonly Item[] {
    const runs = items.filter((item) => item.kind === "run");
    if (runs.some(({ key }) => key === this.#active)) return items;
    const hasFocus = this.#scroll.contains(document.activeElement);
    const index = hasFocus ? this.#layout.indexOf(this.#active) : -1;
    if (index < 0) {
      this.#active = runs.find(({ run }) => run)?.key ?? "";
      return items;
    }
    const run = this.#layout.at(index);
    const top = this.#layout.topOf(index);
    const item: Item = { kind: "run", key: this.#active, top, index, run };
    return index < (runs[0]?.index ?? 0) ? [item, ...items] : [...items, item];
  }

  /** Forget what belongs to runs that are out of view. */
  #forget(items: readonly Item[]): void {
    const seen = new Set(items.map(({ key }) => key));
    for (const run of this.#parts.keys()) if (!seen.has(run)) this.#parts.delete(run);
  }

  #template(items: readonly Item[]): TemplateResult {
    const { total, isKnown } = this.#list;
    const isEmpty = isKnown && total === 0;
    this.root.dataset.runs = isKnown ? String(total) : "";
    this.#empty.render(isEmpty, nothingFound(this.#query));
    return html`${this.#bar.render(this.#list)} ${this.#note()} ${this.#selected.render()}
      ${this.#query.log ? this.#found() : this.#grid(items, isEmpty)} ${this.#toast.root}
      <div class="prismq-spoken" role="status">${isKnown ? this.#spoken() : ""}</div>`;
  }

  #found(): TemplateResult {
    return foundRuns(this.#search, this.#query.log, this.#options.onOpen);
  }

  #grid(items: readonly Item[], isEmpty: boolean): TemplateResult {
    const body = html`<div
      class="prismq-all-rows"
      role="rowgroup"
      .style=${`height:${this.#layout.height}px`}
    >
      ${repeat(
        items,
        ({ key }) => key,
        (item) => this.#item(item),
      )}
    </div>`;
    setGrid(this.#scroll, this.#layout.count, isEmpty);
    render(isEmpty ? this.#empty.root : body, this.#scroll);
    return html`${this.#scroll}`;
  }

  #item(item: Item): TemplateResult {
    if (item.kind === "heading") return heading(item);
    const { run } = item;
    if (!run) return placeholder(item, this.#rowPx);
    const parts = this.#partsOf(run);
    parts.run = run;
    const now = performance.now();
    parts.moved(item.top, now);
    const readAt = this.#readAt.get(run) ?? now;
    this.#readAt.set(run, readAt);
    return row(item, run, {
      parts,
      isSelected: this.#selected.has(run.run_id),
      isActive: run.run_id === this.#active,
      isStale: this.#list.trouble !== undefined,
      since: (now - readAt) / 1000,
      rowPx: this.#rowPx,
      isNewTab: false,
    });
  }

  #partsOf(run: ListedRun): RunParts {
    const known = this.#parts.get(run.run_id);
    if (known) return known;
    const made = new RunParts(run, {
      say: (text) => this.#toast.say(text),
      changed: () => this.#list.refresh(),
      redraw: () => this.#schedule(),
      open: (opened) => this.#open(opened),
      remove: (removed) => void this.#selected.act(BULK.Delete, [removed]),
      select: (chosen) => this.#selected.toggle(chosen, this.#layout.indexOf(chosen.run_id)),
      copy: (text, what) => this.#selected.copy(text, what),
      notebook: notebookOpener(this.#options.onNotebook, (text) => this.#toast.say(text)),
    });
    this.#parts.set(run.run_id, made);
    return made;
  }

  #open(run: ListedRun): void {
    if (this.#options.onOpen) this.#options.onOpen(run);
    else this.root.querySelector<HTMLElement>(`[data-run="${run.run_id}"] a`)?.click();
  }

  /** Why the list may be out of date, or has not all. */
  #note(): TemplateResult | typeof nothing {
    const { trouble, groupedRuns, total } = this.#list;
    const text = trouble && connectionText({ ...trouble }, true);
    if (text)
      return html`<div class="prismq-note prismq-note-background">
        <span class="prismq-note-text"><strong>${text[0]}</strong> ${text[1]}</span>
      </div>`;
    if (this.#query.group === "none" || groupedRuns >= total) return nothing;
    return html`<div class="prismq-note prismq-note-filter">
      <span class="prismq-note-text"
        >Groups of the first ${countOf(groupedRuns, "run")} of ${countOf(total, "run")}.</span
      >
    </div>`;
  }

  #spoken(): string {
    const found = countOf(this.#list.total, "run");
    return isFiltered(this.#query) ? `${found} found` : found;
  }

  #go(index: number): void {
    const top = this.#layout.topOf(index);
    const { scrollTop, clientHeight } = this.#scroll;
    if (top < scrollTop) this.#scroll.scrollTop = top;
    else if (top + this.#rowPx > scrollTop + clientHeight)
      this.#scroll.scrollTop = top + this.#rowPx - clientHeight;
    this.#goal = index;
    this.#draw();
  }

  /** Give the focus to the run that a key asked for, if it is here. */
  #reach(): void {
    const run = this.#goal < 0 ? undefined : this.#layout.at(this.#goal);
    if (!run) return;
    this.#goal = -1;
    this.#active = run.run_id;
    const row = this.root.querySelector<HTMLElement>(`[data-run="${run.run_id}"]`);
    row?.focus({ preventScroll: true });
  }
}
