/**
 * The empty state of a table of runs: how to launch the first run, or that the filter matches none.
 */

import { element, iconButton, setText, setVisible } from "../base/dom.js";

const EXAMPLE = 'import prismq_nb\n\nrun = prismq_nb.launch("train.py", epochs=3)\nrun';

export class RunsEmpty {
  readonly root = element("div", "prismq-runs-empty");
  readonly #head = element("strong", "");
  readonly #first: HTMLElement;
  readonly #clear: HTMLButtonElement;

  /** @param onClear clears the filter. */
  constructor(onClear: () => void, say: (text: string) => void) {
    const copy = iconButton("copy", "Copy", () => {
      const done = (): void => say("Copied");
      void navigator.clipboard?.writeText(EXAMPLE).then(done, () => undefined);
    });
    copy.classList.add("prismq-runs-copy");
    const code = element("pre", "prismq-runs-code", element("code", "", EXAMPLE));
    code.tabIndex = 0; // it may scroll, so it has to be reachable
    code.setAttribute("aria-label", "Example");
    code.setAttribute("role", "region");
    const how =
      "Launch a script from a cell: its log stays in the cell, and the run is listed here.";
    this.#first = element("div", "prismq-runs-first", element("p", "", how), code, copy);
    this.#clear = iconButton("close", "Clear filter", onClear);
    this.root.append(this.#head, this.#first, this.#clear);
  }

  /**
   * @param filter a sentence about the filter; undefined: there is none, and nothing was launched.
   */
  render(on: boolean, filter: string | undefined): void {
    setVisible(this.root, on);
    setText(this.#head, filter ?? "No runs yet");
    setVisible(this.#first, filter === undefined);
    setVisible(this.#clear, filter !== undefined);
  }
}
