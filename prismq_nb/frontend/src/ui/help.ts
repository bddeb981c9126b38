/**
 * The list of keyboard shortcuts, shown over the log. It has the focus while it is open, and
 * returns it.
 */

import { element, iconButton } from "../base/dom.js";

/** All keys, in the order in which people learn them. */
export const HELP: readonly (readonly [keys: readonly string[], what: string])[] = [
  [["/", "Ctrl+F"], "Find in the whole log"],
  [["f"], "Follow the end, or stop following"],
  [["n", "N"], "Next, previous match"],
  [["F3", "\u21e7F3"], "The same; also Ctrl+G"],
  [["g", "G"], "First, last line"],
  [["e", "E"], "Next, previous error"],
  [["End"], "Last line and follow"],
  [["c"], "Show line in context"],
  [["w"], "Wrap long lines"],
  [["y"], "Copy link to line"],
  [["t"], "Next timestamp format"],
  [["i"], "Send a line to the run"],
  [["Esc"], "Close search"],
  [["\u21e7\u2191", "\u21e7\u2193"], "Select lines"],
  [["z"], "Full screen in this tab"],
  [["m"], "Collapse, expand"],
  [["?"], "Show these shortcuts"],
  [["\u21b5", "\u21e7\u21b5"], "While typing: next, previous"],
  [["\u2191", "\u2193"], "While typing: earlier searches"],
  [["Alt+C", "Alt+W", "Alt+R"], "Case, words, regex"],
  [["Alt+F"], "All lines, or only matches"],
];

export class Help {
  readonly root: HTMLElement;
  readonly #close: HTMLButtonElement;
  #before: Element | null = null;

  constructor() {
    this.#close = iconButton("close", "Close", () => this.close());
    this.#close.classList.add("prismq-help-close");
    const head = element(
      "div",
      "prismq-help-head",
      element("strong", "", "Keyboard shortcuts"),
      this.#close,
    );
    const list = element(
      "dl",
      "prismq-help-keys",
      ...HELP.map(([keys, what]) => entry(keys, what)),
    );
    const box = element("div", "prismq-help-box", head, list);
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-modal", "true");
    box.setAttribute("aria-label", "Keyboard shortcuts");
    this.root = element("div", "prismq-help", box);
    this.root.popover = "manual"; // over the whole page: a low viewer has no room for it
    this.root.addEventListener("click", (event) => event.target === this.root && this.close());
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "?") this.close();
      if (["Enter", " ", "Escape", "ArrowUp", "ArrowDown"].includes(event.key)) return;
      // Other keys mean nothing here, and Tab has nowhere to go.
      event.preventDefault();
    });
  }

  get isOpen(): boolean {
    return this.root.matches(":popover-open");
  }

  open(): void {
    if (this.isOpen) return;
    this.#before = document.activeElement;
    this.root.showPopover();
    this.#close.focus({ preventScroll: true });
  }

  /** @returns false if it was not open. */
  close(): boolean {
    if (!this.isOpen) return false;
    this.root.hidePopover();
    if (this.#before instanceof HTMLElement) this.#before.focus({ preventScroll: true });
    return true;
  }
}

function entry(keys: readonly string[], what: string): HTMLElement {
  const names = keys.flatMap((key, i) => [...(i ? [" "] : []), element("kbd", "", key)]);
  return element("div", "prismq-help-key", element("dt", "", ...names), element("dd", "", what));
}
