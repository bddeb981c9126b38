/**
 * The bar over the list with the selected lines and the buttons to copy them. Makes no requests.
 */

import { element, type IconName, icon, setText, setVisible } from "../base/dom.js";
import { countOf } from "../base/format.js";
import { spokenLine } from "../base/line-numbers.js";
import type { Lines } from "../base/line-selection.js";

export interface SelectionEvents {
  onCopy(stamps: boolean): void;
  onLink(): void;
  /** Show them in the whole log; offered while the list is filtered. */
  onContext(): void;
  onClear(): void;
}

/** How long (ms) a notice stays. */
const SAID_MS = 4_000;

export class SelectionBar {
  readonly root = element("div", "prismq-selection");
  readonly #text = element("span", "prismq-selection-text");
  readonly #buttons: readonly HTMLElement[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lines: Lines | undefined;
  #said = false;

  constructor(events: SelectionEvents) {
    const button = (
      name: IconName,
      label: string,
      title: string,
      onClick: (event: MouseEvent) => void,
    ): HTMLButtonElement => {
      const node = element(
        "button",
        "prismq-button",
        icon(name),
        ...(label ? [element("span", "", label)] : []),
      );
      node.type = "button";
      node.title = title;
      node.setAttribute("aria-label", label || title);
      node.addEventListener("click", onClick);
      return node;
    };
    this.#text.setAttribute("role", "status");
    this.#buttons = [
      button("copy", "Copy", "Copy these lines (Ctrl+C); with Shift: with timestamps", (event) =>
        events.onCopy(event.shiftKey),
      ),
      button("queued", "With timestamps", "Copy these lines with their timestamps", () =>
        events.onCopy(true),
      ),
      button("link", "Link", "Copy a link to these lines (y)", () => events.onLink()),
      button("context", "In context", "Show this line in the whole log (c or double-click)", () =>
        events.onContext(),
      ),
    ];
    this.#buttons.at(-1)?.classList.add("prismq-selection-context");
    const close = button("close", "", "Clear selection (Esc)", () => events.onClear());
    this.root.append(this.#text, ...this.#buttons, close);
    this.root.hidden = true;
  }

  render(lines: Lines | undefined): void {
    this.#lines = lines;
    if (!this.#said) setText(this.#text, lines ? label(lines) : "");
    setVisible(this.root, lines !== undefined || this.#said);
    for (const button of this.#buttons) setVisible(button, lines !== undefined);
  }

  /**
   * Show a notice.
   *
   * @param stays until the next one.
   */
  say(text: string, stays = false): void {
    clearTimeout(this.#timer);
    this.#said = text !== "";
    if (text) setText(this.#text, text);
    this.render(this.#lines);
    if (text && !stays) this.#timer = setTimeout(() => this.say(""), SAID_MS);
  }
}

function label([first, last]: Lines): string {
  if (first === last) return `Line ${spokenLine(first)}`;
  return `${countOf(last - first + 1, "line")}: ${spokenLine(first)} \u2013 ${spokenLine(last)}`;
}
