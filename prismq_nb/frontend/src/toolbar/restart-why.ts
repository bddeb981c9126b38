/** The bar that says why a run cannot be started again, and gives the line of Python that can. */

import { toClipboard } from "../selection/copy.js";
import { element, icon, iconButton, show } from "../base/dom.js";

export class RestartWhy {
  readonly root: HTMLElement;
  readonly #text = element("span", "");
  readonly #code = element("code", "prismq-why-code");
  readonly #copy: HTMLButtonElement;

  /** @param say that it was copied, or could not be. */
  constructor(say: (text: string) => void) {
    this.#copy = iconButton("copy", "Copy", () => void this.#copied(say));
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

  /** @param problem of the run, as the server says it; empty hides the bar. */
  say(run: string, problem: string): void {
    show(this.root, problem !== "");
    const [reason, call] = parts(problem);
    this.#text.textContent = reason.replace(run, "This run");
    this.#code.textContent = call;
    show(this.#copy, call !== "");
  }

  async #copied(say: (text: string) => void): Promise<void> {
    const done = await toClipboard(this.#code.textContent ?? "");
    say(done ? "Copied" : "The browser blocked copying");
  }
}

/** What a sentence says, and the line of Python in which it ends; empty: none. */
export function parts(problem: string): [reason: string, call: string] {
  const at = problem.indexOf("prismq_nb.get(");
  return at < 0 ? [problem, ""] : [problem.slice(0, at).trimEnd(), problem.slice(at)];
}
