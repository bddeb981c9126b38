/** The panel behind a button that says what was run and how, each fact to copy, and what a person should know about it. */

import { toClipboard } from "../selection/copy.js";
import { element, icon, setAttribute, setText, show } from "../base/dom.js";
import { FactRows } from "./fact-rows.js";
import type { Launched } from "../api/launched.js";
import { Popover } from "../ui/popover.js";
import type { RunStatus } from "../base/protocol.js";
import { factsOf, recipesOf, remarksOn } from "./run-facts.js";

export class Details {
  readonly root: HTMLElement;
  readonly #run: string;
  readonly #launched: Launched;
  readonly #popover: Popover;
  readonly #badge = element("span", "prismq-badge");
  readonly #notes = element("ul", "prismq-details-notes");
  readonly #rows = new FactRows((text) => void this.#copy(text));
  readonly #recipes = element("div", "prismq-details-recipes");
  readonly #remarks = element("div", "prismq-details-remarks");
  readonly #said = element("div", "prismq-details-said");
  #status: RunStatus | undefined;
  #seconds: number | undefined;
  #figures = "";

  constructor(run: string, launched: Launched) {
    this.#run = run;
    this.#launched = launched;
    const events = { fill: () => this.#fill(), opened: () => this.#opened() };
    this.#popover = new Popover("info", "Details", "dialog", events);
    const { root, button, panel } = this.#popover;
    this.root = root;
    panel.classList.add("prismq-details");
    panel.tabIndex = 0;
    this.#said.setAttribute("role", "status");
    panel.append(this.#notes, this.#rows.root, this.#remarks, this.#recipes, this.#said);
    button.append(this.#badge);
    panel.addEventListener("keydown", (event) => this.#key(event));
  }

  get isOpen(): boolean {
    return this.#popover.isOpen;
  }

  /**
   * @param seconds how long the run has taken until now.
   * @param figures what the toolbar tells, also where it has no room for all of it.
   */
  render(status: RunStatus | undefined, seconds: number | undefined, figures = ""): void {
    this.#status = status;
    this.#seconds = seconds;
    this.#figures = figures;
    const { length } = status?.notes ?? [];
    const title = length ? `Details, with ${length === 1 ? "a note" : `${length} notes`}` : "Details";
    const tip = [length ? title : "What was run, where and when", ...(status?.notes ?? [])];
    show(this.#badge, length > 0);
    setAttribute(this.#popover.button, "title", tip.join("\n"));
    setAttribute(this.#popover.button, "aria-label", title);
    if (this.#popover.isOpen) this.#fill();
  }

  #opened(): void {
    setText(this.#said, "");
    this.#popover.panel.focus();
    if (!this.#launched.now) void this.#load();
  }

  async #load(): Promise<void> {
    try {
      await this.#launched.load();
      if (this.#popover.isOpen) this.#popover.place();
    } catch (error) {
      setText(this.#remarks, `Could not load the launch details: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #fill(): void {
    const launch = this.#launched.now;
    const notes = this.#status?.notes ?? [];
    const now = this.#figures ? [{ name: "Now", text: this.#figures }] : [];
    this.#rows.render(this.#status ? [...factsOf(this.#run, this.#status, launch, this.#seconds), ...now] : []);
    show(this.#notes, notes.length > 0);
    if (this.#notes.textContent !== notes.join("")) {
      this.#notes.replaceChildren(...notes.map((note) => element("li", "", note)));
    }
    if (launch) setText(this.#remarks, remarksOn(launch).join(" "));
    const recipes = recipesOf(this.#run, launch);
    if (this.#recipes.childElementCount === recipes.length) return;
    this.#recipes.replaceChildren(
      ...recipes.map(({ label, text }) => {
        const button = element("button", "prismq-details-recipe", icon("copy"), element("span", "", label));
        button.type = "button";
        button.title = text;
        button.addEventListener("click", () => void this.#copy(text));
        return button;
      }),
    );
  }

  async #copy(text: string): Promise<void> {
    const done = await toClipboard(text);
    const shown = text.length > 60 ? `${text.slice(0, 60)}\u2026` : text;
    setText(this.#said, done ? `Copied ${shown}` : "The browser blocked copying");
  }

  /** Tab goes round in the panel: what follows it in the page is behind it. */
  #key(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      this.#popover.close();
    } else if (event.key === "Tab") {
      const { panel } = this.#popover;
      const stops = [panel, ...panel.querySelectorAll<HTMLElement>("button")];
      const step = event.shiftKey ? -1 : 1;
      const at = stops.indexOf(document.activeElement as HTMLElement);
      event.preventDefault();
      stops.at((at + step) % stops.length)?.focus();
    }
  }
}
