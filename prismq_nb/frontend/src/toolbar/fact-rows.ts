/** A list of facts, each with a copy button. Rows are reused, so that selection and focus stay. */

import { element, icon, setAttribute, setText } from "../base/dom.js";
import type { Fact } from "./run-facts.js";

interface Row {
  readonly term: HTMLElement;
  readonly value: HTMLElement;
  readonly text: HTMLElement;
  copy: string | undefined;
}

export class FactRows {
  readonly root = element("dl", "prismq-details-list");
  readonly #copy: (text: string) => void;
  readonly #rows = new Map<string, Row>();

  /** @param copy copies a text. */
  constructor(copy: (text: string) => void) {
    this.#copy = copy;
  }

  render(facts: readonly Fact[]): void {
    const names = facts.map(({ name }) => name);
    if (names.join("\n") !== [...this.#rows.keys()].join("\n")) this.#arrange(facts);
    for (const { name, text, title = "", copy } of facts) {
      const row = this.#rows.get(name);
      if (!row) continue;
      row.copy = copy;
      setText(row.text, text);
      setAttribute(row.text, "title", title);
    }
  }

  #arrange(facts: readonly Fact[]): void {
    const before = new Map(this.#rows);
    this.#rows.clear();
    for (const fact of facts) this.#rows.set(fact.name, before.get(fact.name) ?? this.#made(fact));
    this.root.replaceChildren(
      ...[...this.#rows.values()].flatMap(({ term, value }) => [term, value]),
    );
  }

  #made({ name, code, copy }: Fact): Row {
    const text = element("span", code ? "prismq-details-code" : "prismq-details-text");
    const value = element("dd", "", text);
    const row: Row = { term: element("dt", "", name), value, text, copy };
    if (copy !== undefined) {
      const button = element("button", "prismq-details-copy", icon("copy"));
      button.type = "button";
      button.title = `Copy: ${name}`;
      button.setAttribute("aria-label", `Copy: ${name}`);
      button.addEventListener("click", () => row.copy !== undefined && this.#copy(row.copy));
      value.append(button);
    }
    return row;
  }
}
