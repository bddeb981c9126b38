/**
 * The bar that says why a run cannot be restarted here, with the line of Python that restarts it.
 */

import { element, icon, iconButton, setVisible } from "../base/dom.js";
import { toClipboard } from "../selection/copy.js";

export class RestartProblem {
  readonly root: HTMLElement;
  readonly #text = element("span", "");
  readonly #code = element("code", "prismq-why-code");
  readonly #copy: HTMLButtonElement;

  /** @param say shows whether it was copied. */
  constructor(say: (text: string) => void) {
    this.#copy = iconButton("copy", "Copy", () => void this.#copyCall(say));
    this.#copy.title = "Copy this line of Python";
    this.#copy.setAttribute("aria-label", this.#copy.title);
    const text = element("span", "prismq-note-text", this.#text, " ", this.#code);
    this.root = element("div", "prismq-note prismq-note-why", icon("warning"), text, this.#copy);
    this.root.setAttribute("role", "alert");
    this.root.hidden = true;
  }

  get isShown(): boolean {
    return !this.root.hidden;
  }

  /** @param problem the server's explanation; empty hides the bar. */
  say(run: string, problem: string): void {
    setVisible(this.root, problem !== "");
    const [reason, call] = parts(problem);
    this.#text.textContent = reason.replace(run, "This run");
    this.#code.textContent = call;
    setVisible(this.#copy, call !== "");
  }

  async #copyCall(say: (text: string) => void): Promise<void> {
    const done = await toClipboard(this.#code.textContent ?? "");
    say(done ? "Copied" : "The browser blocked copying");
  }
}

/** Split the explanation from the line of Python at its end; empty: there is none. */
export function parts(problem: string): [reason: string, call: string] {
  const at = problem.indexOf("prismq_nb.get(");
  return at < 0 ? [problem, ""] : [problem.slice(0, at).trimEnd(), problem.slice(at)];
}
