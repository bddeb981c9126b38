/** Menu for the number of context lines around matches, as `grep -B -A`. */

import { setText } from "../base/dom.js";
import { Menu, type MenuItem } from "../ui/menu.js";

const CHOICES = [0, 1, 2, 5, 10, 20];

export type Around = readonly [before: number, after: number];

export class ContextMenu {
  readonly root: HTMLElement;
  readonly #around: () => Around;

  /**
   * @param around returns the current numbers.
   * @param change called when the user chose a number.
   */
  constructor(
    around: () => Around,
    change: (changed: { readonly lines_before?: number; readonly lines_after?: number }) => void,
  ) {
    this.#around = around;
    const items = (): MenuItem[] => [
      { kind: "heading", text: "Lines before each match" },
      ...this.#choices(0, (lines) => change({ lines_before: lines })),
      { kind: "heading", text: "Lines after each match" },
      ...this.#choices(1, (lines) => change({ lines_after: lines })),
    ];
    this.root = new Menu("context", "", "Lines around each match", items).root;
    this.root.classList.add("prismq-find-context");
    this.#button.setAttribute("aria-label", "Lines around each match");
  }

  render(): void {
    const [before, after] = this.#around();
    const text = before === after ? `\u00b1${before}` : `\u2212${before} +${after}`;
    setText(this.#button.lastElementChild as Element, before || after ? text : "");
    this.#button.classList.toggle("prismq-find-on", before + after > 0);
  }

  get #button(): HTMLElement {
    return this.root.firstElementChild as HTMLElement;
  }

  /** The usual numbers, and the current one, which may be set from Python. */
  #choices(side: 0 | 1, choose: (lines: number) => void): MenuItem[] {
    const selected = this.#around()[side];
    const all = [...new Set([...CHOICES, selected])].sort((a, b) => a - b);
    return all.map((lines) => ({
      kind: "choice",
      text: String(lines),
      on: lines === selected,
      pick: () => choose(lines),
    }));
  }
}
