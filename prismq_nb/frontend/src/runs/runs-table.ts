/**
 * A live table of runs: filter, order, and what can be done to each.
 *
 * Asks nothing while it cannot be seen. Where it stands (a cell, a panel, a page) is not its business.
 */

import { everySecond } from "../base/clock.js";
import { LINK_WORDS } from "../toolbar/connection-bar.js";
import { element, icon, iconButton, setAttribute, setText, show } from "../base/dom.js";
import { capitalized } from "../base/format.js";
import { keepKeys } from "../ui/keys.js";
import { hasEnded, isRunId } from "../base/protocol.js";
import { RunsEmpty } from "./runs-empty.js";
import { follow, type RunsSeat } from "./runs-feeds.js";
import { RunsRows } from "./runs-rows.js";
import { NEWEST, type Order, RunsHead, sorted } from "./runs-sort.js";
import { filterText, MOST_LIMIT, nothingText, parseFilter, type RunsPage, type RunsQuestion, shownText } from "./runs-words.js";
import { followTheme } from "../base/theme.js";
import { Toast } from "../ui/toast.js";
import type { Trouble } from "../stream/trouble.js";

/** After a key (ms) the filter is asked for. */
const TYPING_MS = 200;
const MORE_RUNS = 100;

export interface RunsTableOptions {
  readonly question: RunsQuestion;
  /** It takes the height of its element; else it grows to a bound, and scrolls. */
  readonly fill: boolean;
  /** Shows a run; undefined: its page opens in a new tab. */
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
  readonly #link = element("span", "prismq-link");
  readonly #linkText = element("span", "prismq-link-label");
  readonly #scroll = element("div", "prismq-runs-scroll");
  readonly #more: HTMLButtonElement;
  readonly #theme: { refresh: () => void; dispose: () => void };
  #question: RunsQuestion;
  #order: Order = NEWEST;
  #seat: RunsSeat | undefined;
  #page: RunsPage | undefined;
  #trouble: Trouble | undefined;
  #isVisible = false;
  /** Somebody wants other runs: the next answer is theirs. */
  #isAsked = true;
  /** A run that somebody started here: it comes at once, also while an older answer is on its way. */
  #awaited: string | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(el: HTMLElement, { question, fill, onOpen }: RunsTableOptions) {
    this.#question = question;
    const say = (text: string): void => this.#toast.say(text);
    const open = (run: string): boolean => (onOpen?.(run), onOpen !== undefined);
    const changed = (started?: string): void => {
      this.#awaited = started;
      this.#seat?.refresh();
    };
    this.#rows = new RunsRows({ say, open, changed });
    this.#empty = new RunsEmpty(() => this.#clear(), say);
    this.#more = iconButton("down", "Show more", () => {
      this.#ask({ ...this.#question, limit: Math.min(MOST_LIMIT, this.#question.limit + MORE_RUNS) });
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
    this.#seat?.leave();
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
    this.#link.append(element("span", "prismq-dot"), this.#linkText);
    const box = element("span", "prismq-find-box prismq-runs-filter", icon("filter"), this.#field);
    return element("div", "prismq-toolbar prismq-runs-bar", box, this.#count, this.#link);
  }

  #table(): HTMLElement {
    const head = new RunsHead((order) => {
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
    const observer = new IntersectionObserver(([entry]) => {
      this.#isVisible = entry?.isIntersecting === true;
      this.#seat?.watch(this.#isVisible);
    });
    observer.observe(this.root);
    const stop = everySecond(() => this.#tick());
    signal.addEventListener("abort", () => {
      observer.disconnect();
      stop();
    });
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

  #ask(question: RunsQuestion): void {
    this.#seat?.leave();
    this.#question = question;
    this.#isAsked = true;
    this.#seat = follow(question, {
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
    this.#seat.watch(this.#isVisible);
  }

  get #isStale(): boolean {
    return this.#trouble !== undefined;
  }

  #show(): void {
    if (!this.#page) return;
    const hasAwaited = this.#page.runs.some(({ run_id }) => run_id === this.#awaited);
    if (hasAwaited) this.#awaited = undefined;
    this.#rows.show(sorted(this.#page.runs, this.#order), this.#isStale, this.#isAsked || hasAwaited);
    this.#isAsked = false;
    this.#render();
  }

  #render(): void {
    const page = this.#page;
    const isEmpty = page !== undefined && page.runs.length === 0;
    const { limit, offset } = this.#question;
    this.#empty.render(isEmpty, nothingText(this.#question));
    show(this.#scroll.firstElementChild as HTMLElement, !isEmpty);
    const going = page?.runs.filter((run) => !hasEnded(run.status)).length ?? 0;
    const shown = page && !isEmpty ? shownText(page.runs.length, page, offset) : "";
    setText(this.#count, going && shown ? `${shown}, ${going} running` : shown);
    const isAll = !page || page.runs.length + offset >= page.total;
    show(this.#more, !isAll && limit < MOST_LIMIT);
    this.root.dataset["runs"] = page ? String(page.runs.length) : "";
    this.#renderLink();
  }

  #renderLink(): void {
    const state = this.#trouble?.state ?? (this.#page ? "live" : "connecting");
    const isBad = this.#trouble !== undefined && state !== "reconnecting" && state !== "busy";
    this.#link.className = `prismq-link prismq-link-${state}${isBad ? " prismq-link-bad" : ""}`;
    const [label, title] = state === "live" ? ["Live", "This table is up to date"] : LINK_WORDS[state];
    setText(this.#linkText, label);
    setAttribute(this.#link, "title", this.#trouble ? `${title}\n${capitalized(this.#trouble.reason)}` : title);
  }
}
