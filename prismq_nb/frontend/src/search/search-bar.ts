/**
 * The search bar: the search text, its options, the number of matches, and navigation. Displays the
 * state it is given; does not search.
 */

import { element, type IconName, icon, setAttribute, setText, setVisible } from "../base/dom.js";
import { capitalized, count, countOf } from "../base/format.js";
import type { SearchMode, ViewerOptions } from "../base/options.js";
import { FIND_CODES } from "../ui/keys.js";
import { type Around, ContextMenu } from "./context-menu.js";
import { SearchHistory } from "./search-history.js";

/** Pause (ms) in typing after which the text is searched. */
const TYPING_MS = 180;

export interface SearchBarState {
  readonly open: boolean;
  readonly text: string;
  readonly regex: boolean;
  readonly case: boolean;
  readonly word: boolean;
  readonly mode: SearchMode;
  /** Hits so far; undefined: no search. */
  readonly hits: number | undefined;
  /** Index of the current hit, from 0; undefined: none, or unknown. */
  readonly index: number | undefined;
  /** From 0 to 1; 1: the whole log was searched. */
  readonly progress: number;
  readonly error: string | undefined;
}

export interface SearchBarEvents {
  onText(text: string): void;
  onChange(
    changed: Partial<
      Pick<ViewerOptions, "regex" | "case" | "word" | "mode" | "lines_before" | "lines_after">
    >,
  ): void;
  /** Context lines shown around each match. */
  around(): Around;
  onStep(direction: 1 | -1): void;
  onClose(): void;
}

export class SearchBar {
  readonly root: HTMLElement;
  readonly #field = element("input", "prismq-find-field");
  readonly #case: HTMLButtonElement;
  readonly #word: HTMLButtonElement;
  readonly #regex: HTMLButtonElement;
  readonly #context: ContextMenu;
  readonly #history = new SearchHistory();
  readonly #filter: HTMLButtonElement;
  readonly #highlight: HTMLButtonElement;
  readonly #previous: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  readonly #count = element("span", "prismq-find-count");
  readonly #error = element("div", "prismq-find-error");
  readonly #progress = element("div", "prismq-find-progress");
  readonly #events: SearchBarEvents;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #sent = "";

  constructor(events: SearchBarEvents) {
    this.#events = events;
    this.#case = textButton("Aa", "Match case (Alt+C)", () =>
      events.onChange({ case: !pressed(this.#case) }),
    );
    this.#word = textButton("ab", "Whole words (Alt+W)", () =>
      events.onChange({ word: !pressed(this.#word) }),
    );
    this.#word.classList.add("prismq-find-word");
    this.#regex = textButton(".*", "Regular expression, RE2 (Alt+R)", () =>
      events.onChange({ regex: !pressed(this.#regex) }),
    );
    this.#highlight = iconOnly("marker", "Highlight matches in all lines (Alt+F)", () =>
      events.onChange({ mode: "highlight" }),
    );
    this.#filter = iconOnly("filter", "Show only matching lines (Alt+F)", () =>
      events.onChange({ mode: "filter" }),
    );
    this.#context = new ContextMenu(
      () => events.around(),
      (changed) => events.onChange(changed),
    );
    this.#previous = iconOnly("up", "Previous match (N, Shift+Enter)", () => events.onStep(-1));
    this.#next = iconOnly("down", "Next match (n, Enter)", () => events.onStep(1));
    const close = iconOnly("close", "Close search (Esc)", () => events.onClose());
    close.classList.add("prismq-find-close");
    const row = this.#makeRow(close);
    this.#error.setAttribute("role", "alert");
    this.#count.setAttribute("role", "status");
    this.root = element("div", "prismq-find", row, this.#error, this.#progress);
    this.root.setAttribute("role", "search");
    this.root.hidden = true;
    this.root.addEventListener("keydown", (event) => this.#key(event));
    this.#prepareField();
  }

  #makeRow(close: HTMLElement): HTMLElement {
    const box = element(
      "span",
      "prismq-find-box",
      icon("search"),
      this.#field,
      this.#case,
      this.#word,
      this.#regex,
    );
    const modes = element("span", "prismq-find-modes", this.#highlight, this.#filter);
    modes.setAttribute("role", "group");
    modes.setAttribute("aria-label", "Highlight or filter");
    return element(
      "div",
      "prismq-find-row",
      box,
      this.#count,
      this.#context.root,
      modes,
      this.#previous,
      this.#next,
      close,
    );
  }

  /** Focus the field and select its text. */
  focus(): void {
    setVisible(this.root, true);
    this.#field.focus();
    this.#field.select();
  }

  get hasFocus(): boolean {
    return this.root.contains(document.activeElement);
  }

  render(state: SearchBarState): void {
    setVisible(this.root, state.open);
    if (!state.open) return;
    if (state.text !== this.#sent || document.activeElement !== this.#field)
      this.#setText(state.text);
    setAttribute(this.#case, "aria-pressed", String(state.case));
    setAttribute(this.#word, "aria-pressed", String(state.word));
    setAttribute(this.#regex, "aria-pressed", String(state.regex));
    setVisible(this.#context.root, state.mode === "filter");
    this.#context.render();
    setAttribute(this.#filter, "aria-pressed", String(state.mode === "filter"));
    setAttribute(this.#highlight, "aria-pressed", String(state.mode === "highlight"));
    setAttribute(this.#field, "aria-invalid", String(state.error !== undefined));
    this.#previous.disabled = this.#next.disabled = !state.hits;
    setText(this.#count, state.error === undefined ? countText(state) : "");
    this.#count.classList.toggle("prismq-find-none", state.hits === 0 && state.progress === 1);
    setText(this.#error, capitalized(state.error ?? ""));
    setVisible(this.#error, state.error !== undefined);
    const running = state.hits !== undefined && state.progress < 1 && state.error === undefined;
    // screen readers announce the final number only
    setAttribute(this.#count, "aria-busy", String(running));
    this.#progress.classList.toggle("prismq-find-running", running);
    this.#progress.style.transform = `scaleX(${state.progress})`;
  }

  #prepareField(): void {
    const field = this.#field;
    field.type = "text";
    field.placeholder = "Find in the whole log";
    field.title = 'word "two words" -without';
    field.spellcheck = false;
    field.autocomplete = "off";
    field.maxLength = 1000; // the server's limit
    field.dir = "auto";
    field.setAttribute("aria-label", "Find in the whole log");
    field.setAttribute("autocapitalize", "off");
    field.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#send(), TYPING_MS);
    });
    field.addEventListener("blur", () => this.#history.add(field.value));
    field.addEventListener("keydown", (event) => {
      if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === "Enter") {
        event.preventDefault();
        this.#send();
        this.#history.add(field.value);
        this.#events.onStep(event.shiftKey ? -1 : 1);
      } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
        event.preventDefault();
        this.#recall(event.key === "ArrowUp" ? 1 : -1);
      }
    });
  }

  /** Toggle an option with Alt and a letter, wherever in the bar the focus is. */
  #key(event: KeyboardEvent): void {
    if (!event.altKey || event.ctrlKey || event.metaKey || !FIND_CODES.has(event.code)) return;
    event.preventDefault();
    const mode = pressed(this.#filter) ? this.#highlight : this.#filter;
    ({ KeyC: this.#case, KeyW: this.#word, KeyR: this.#regex, KeyF: mode })[event.code]?.click();
  }

  /** Recall an older or newer search text. */
  #recall(direction: 1 | -1): void {
    const text = this.#history.step(direction, this.#field.value);
    if (text === undefined) return;
    this.#field.value = text;
    this.#send();
  }

  #setText(text: string): void {
    if (this.#typing !== undefined) return; // the user is typing
    this.#sent = text;
    if (this.#field.value !== text) this.#field.value = text;
  }

  #send(): void {
    clearTimeout(this.#typing);
    this.#typing = undefined;
    if (this.#field.value === this.#sent) return;
    this.#sent = this.#field.value;
    this.#events.onText(this.#sent);
  }
}

function countText({ hits, index, progress }: SearchBarState): string {
  if (hits === undefined) return "";
  const all = count(hits);
  const soFar = progress < 1 ? " so far" : "";
  if (hits === 0) return progress < 1 ? "Searching\u2026" : "No matches";
  if (index !== undefined) return `${count(index + 1)} of ${all}${soFar}`;
  return soFar ? `${all}${soFar}` : countOf(hits, "match", "matches");
}

function pressed(button: HTMLButtonElement): boolean {
  return button.getAttribute("aria-pressed") === "true";
}

function iconOnly(name: IconName, title: string, onClick: () => void): HTMLButtonElement {
  return named(element("button", "prismq-button prismq-find-button", icon(name)), title, onClick);
}

function textButton(text: string, title: string, onClick: () => void): HTMLButtonElement {
  const button = element("button", "prismq-button prismq-find-toggle");
  button.dataset.sign = text; // drawn by the style sheet, outside the accessible name
  return named(button, title, onClick);
}

function named(button: HTMLButtonElement, title: string, onClick: () => void): HTMLButtonElement {
  button.type = "button";
  button.title = title;
  button.setAttribute("aria-label", title);
  button.addEventListener("click", onClick);
  return button;
}
