/**
 * The panel behind the Details button: what was run and how, each fact with a copy button, and
 * notes.
 */

import type { LaunchDetails } from "../api/launch-details.js";
import { element, icon, setAttribute, setText, setVisible } from "../base/dom.js";
import { messageOf } from "../base/format.js";
import type { RunStatus } from "../base/protocol.js";
import { toClipboard } from "../selection/copy.js";
import { Popover } from "../ui/popover.js";
import { FactRows } from "./fact-rows.js";
import { factsOf, remarksOn, snippetsOf } from "./run-facts.js";

export class Details {
  readonly root: HTMLElement;
  readonly #run: string;
  readonly #launchDetails: LaunchDetails;
  readonly #popover: Popover;
  readonly #badge = element("span", "prismq-badge");
  readonly #notes = element("ul", "prismq-details-notes");
  readonly #rows = new FactRows((text) => void this.#copy(text));
  readonly #snippets = element("div", "prismq-details-recipes");
  readonly #remarks = element("div", "prismq-details-remarks");
  readonly #notice = element("div", "prismq-details-said");
  #status: RunStatus | undefined;
  #seconds: number | undefined;
  #figures = "";

  constructor(run: string, launchDetails: LaunchDetails) {
    this.#run = run;
    this.#launchDetails = launchDetails;
    const events = { fill: () => this.#fill(), opened: () => this.#opened() };
    this.#popover = new Popover("info", "Details", "dialog", events);
    const { root, button, panel } = this.#popover;
    this.root = root;
    panel.classList.add("prismq-details");
    panel.tabIndex = 0;
    this.#notice.setAttribute("role", "status");
    panel.append(this.#notes, this.#rows.root, this.#remarks, this.#snippets, this.#notice);
    button.append(this.#badge);
    panel.addEventListener("keydown", (event) => this.#key(event));
  }

  get isOpen(): boolean {
    return this.#popover.isOpen;
  }

  /**
   * @param seconds how long the run has taken.
   * @param figures all figures of the toolbar, including those that it has no space for.
   */
  render(status: RunStatus | undefined, seconds: number | undefined, figures = ""): void {
    this.#status = status;
    this.#seconds = seconds;
    this.#figures = figures;
    const { length } = status?.notes ?? [];
    const title = length
      ? `Details, with ${length === 1 ? "a note" : `${length} notes`}`
      : "Details";
    const tip = [length ? title : "What was run, where and when", ...(status?.notes ?? [])];
    setVisible(this.#badge, length > 0);
    setAttribute(this.#popover.button, "title", tip.join("\n"));
    setAttribute(this.#popover.button, "aria-label", title);
    if (this.#popover.isOpen) this.#fill();
  }

  #opened(): void {
    setText(this.#notice, "");
    this.#popover.panel.focus();
    if (!this.#launchDetails.value) void this.#load();
  }

  async #load(): Promise<void> {
    try {
      await this.#launchDetails.load();
      if (this.#popover.isOpen) this.#popover.place();
    } catch (error) {
      setText(this.#remarks, `Could not load the launch details: ${messageOf(error)}`);
    }
  }

  #fill(): void {
    const launch = this.#launchDetails.value;
    const notes = this.#status?.notes ?? [];
    const now = this.#figures ? [{ name: "Now", text: this.#figures }] : [];
    this.#rows.render(
      this.#status ? [...factsOf(this.#run, this.#status, launch, this.#seconds), ...now] : [],
    );
    setVisible(this.#notes, notes.length > 0);
    if (this.#notes.textContent !== notes.join("")) {
      this.#notes.replaceChildren(...notes.map((note) => element("li", "", note)));
    }
    if (launch) setText(this.#remarks, remarksOn(launch).join(" "));
    const snippets = snippetsOf(this.#run, launch);
    if (this.#snippets.childElementCount === snippets.length) return;
    this.#snippets.replaceChildren(
      ...snippets.map(({ label, text }) => {
        const button = element(
          "button",
          "prismq-details-recipe",
          icon("copy"),
          element("span", "", label),
        );
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
    setText(this.#notice, done ? `Copied ${shown}` : "The browser blocked copying");
  }

  /** Tab stays in the panel, because the next element of the page is behind it. */
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
