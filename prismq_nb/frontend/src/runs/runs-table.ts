/**
 * A live table of runs, with filter, order and actions, in a cell, a panel or a page. Requests
 * nothing while it is out of view.
 */

import { everySecond } from "../base/clock.js";
import { element, icon, iconButton, setText, setVisible } from "../base/dom.js";
import { hasEnded, isRunId } from "../base/protocol.js";
import { followTheme } from "../base/theme.js";
import type { ConnectionProblem } from "../stream/connection-problem.js";
import { ConnectionLabel } from "../toolbar/connection-label.js";
import { onSight } from "../ui/in-sight.js";
import { keepKeys } from "../ui/keys.js";
import { Toast } from "../ui/toast.js";
import { RunsEmpty } from "./runs-empty.js";
import { type RunsSubscription, subscribe } from "./runs-feeds.js";
import { NEWEST, type Order, RunsHeader, sorted } from "./runs-header.js";
import { RunsRows } from "./runs-rows.js";
import {
  filterText,
  MAX_LIMIT,
  nothingText,
  parseFilter,
  type RunsPage,
  type RunsQuery,
  shownText,
} from "./runs-text.js";

/** Delay (ms) from the last key to the request. */
const TYPING_MS = 200;
const MORE_RUNS = 100;

export interface RunsTableOptions {
  readonly question: RunsQuery;
  /** Take the height of the element; otherwise grow to a maximum, then scroll. */
  readonly fill: boolean;
  /** Show a run; undefined: its page opens in a new tab. */
  readonly onOpen: ((run_id: string) => void) | undefined;
}

export class RunsTable {
  readonly root = element("section", "prismq-root prismq-runs");
  readonly #end = new AbortController();
  readonly #toast = new Toast();
  readonly #rows: RunsRows;
  readonly #empty: RunsEmpty;
  readonly #field = element("input", "prismq-find-field");
  readonly #count = element("span", "prismq-runs-count");
  readonly #connection = new ConnectionLabel("This table is up to date");
  readonly #scroll = element("div", "prismq-runs-scroll");
  readonly #more: HTMLButtonElement;
  readonly #theme: { refresh: () => void; dispose: () => void };
  #question: RunsQuery;
  #order: Order = NEWEST;
  #subscription: RunsSubscription | undefined;
  #page: RunsPage | undefined;
  #trouble: ConnectionProblem | undefined;
  #isVisible = false;
  /** The person chose another filter or order: show the next answer at once. */
  #isAsked = true;
  /** A run that was started here: show it at once, even if an older answer arrives first. */
  #awaited: string | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(el: HTMLElement, { question, fill, onOpen }: RunsTableOptions) {
    this.#question = question;
    const say = (text: string): void => this.#toast.say(text);
    const open = (run: string): boolean => {
      onOpen?.(run);
      return onOpen !== undefined;
    };
    const changed = (started?: string): void => {
      this.#awaited = started;
      this.#subscription?.refresh();
    };
    this.#rows = new RunsRows({ say, open, changed });
    this.#empty = new RunsEmpty(() => this.#clear(), say);
    this.#more = iconButton("down", "Show more", () => {
      this.#ask({
        ...this.#question,
        limit: Math.min(MAX_LIMIT, this.#question.limit + MORE_RUNS),
      });
    });
    this.root.classList.toggle("prismq-fill", fill);
    this.root.setAttribute("aria-label", "Runs");
    this.#scroll.append(this.#table(), this.#empty.root);
    this.root.append(this.#bar(), this.#scroll, this.#more, this.#toast.root);
    this.#theme = followTheme(this.root, () => "auto");
    keepKeys(this.root, this.#end.signal);
    el.append(this.root);
    this.#watch();
    this.#ask(question);
    this.#render();
  }

  dispose(): void {
    this.#end.abort();
    clearTimeout(this.#typing);
    this.#subscription?.leave();
    this.#toast.dispose();
    this.#theme.dispose();
    this.root.remove();
  }

  #bar(): HTMLElement {
    this.#field.type = "search";
    this.#field.placeholder = "Filter by name, arguments or status";
    this.#field.setAttribute("aria-label", "Filter runs by name, arguments or status");
    this.#field.spellcheck = false;
    this.#field.value = filterText(this.#question);
    this.#field.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#filter(), TYPING_MS);
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#field.value) return;
      event.stopPropagation();
      this.#clear();
    });
    this.#count.setAttribute("role", "status");
    const box = element("span", "prismq-find-box prismq-runs-filter", icon("filter"), this.#field);
    return element(
      "div",
      "prismq-toolbar prismq-runs-bar",
      box,
      this.#count,
      this.#connection.root,
    );
  }

  #table(): HTMLElement {
    const head = new RunsHeader((order) => {
      this.#order = order;
      this.#isAsked = true;
      this.#show();
    });
    const caption = element("caption", "prismq-spoken", "Runs");
    const table = element("table", "prismq-runs-table", caption, head.root, this.#rows.root);
    return table;
  }

  #watch(): void {
    const { signal } = this.#end;
    const see = (inSight: boolean): void => {
      this.#isVisible = inSight;
      this.#subscription?.watch(inSight);
    };
    onSight(this.root, see, signal);
    const stop = everySecond(() => this.#tick());
    signal.addEventListener("abort", stop);
  }

  #tick(): void {
    if (this.#isVisible) this.#rows.tick(this.#isStale);
  }

  #filter(): void {
    const { limit, offset, module_id } = this.#question;
    const rest = module_id === undefined ? {} : { module_id };
    this.#ask({ limit, offset, ...rest, ...parseFilter(this.#field.value) });
  }

  #clear(): void {
    clearTimeout(this.#typing);
    this.#field.value = "";
    this.#field.focus();
    this.#filter();
  }

  #ask(question: RunsQuery): void {
    this.#subscription?.leave();
    this.#question = question;
    this.#isAsked = true;
    this.#subscription = subscribe(question, {
      page: (page) => {
        this.#page = { ...page, runs: page.runs.filter(({ run_id }) => isRunId(run_id)) };
        this.#show();
      },
      trouble: (trouble) => {
        this.#trouble = trouble;
        this.#rows.render(this.#isStale);
        this.#render();
      },
    });
    this.#subscription.watch(this.#isVisible);
  }

  get #isStale(): boolean {
    return this.#trouble !== undefined;
  }

  #show(): void {
    if (!this.#page) return;
    const hasAwaited = this.#page.runs.some(({ run_id }) => run_id === this.#awaited);
    if (hasAwaited) this.#awaited = undefined;
    this.#rows.show(
      sorted(this.#page.runs, this.#order),
      this.#isStale,
      this.#isAsked || hasAwaited,
    );
    this.#isAsked = false;
    this.#render();
  }

  #render(): void {
    const page = this.#page;
    const isEmpty = page !== undefined && page.runs.length === 0;
    const { limit, offset } = this.#question;
    this.#empty.render(isEmpty, nothingText(this.#question));
    setVisible(this.#scroll.firstElementChild as HTMLElement, !isEmpty);
    const going = page?.runs.filter((run) => !hasEnded(run.status)).length ?? 0;
    const shown = page && !isEmpty ? shownText(page.runs.length, page, offset) : "";
    setText(this.#count, going && shown ? `${shown}, ${going} running` : shown);
    const isAll = !page || page.runs.length + offset >= page.total;
    setVisible(this.#more, !isAll && limit < MAX_LIMIT);
    this.root.dataset.runs = page ? String(page.runs.length) : "";
    const state = this.#trouble?.state ?? (page ? "live" : "connecting");
    this.#connection.render(state, this.#trouble?.reason);
  }
}
