/**
 * The line below the list that is sent to the module's standard input: shown when the run seems to wait for one, or when it is asked for.
 */

import { element, icon, iconButton, setAttribute, show } from "./dom.js";
import type { Pending } from "./protocol.js";
import { looksLikePrompt } from "./prompt.js";

/** A prompt stands still this long (ms) before it counts as one. */
const STILL_MS = 600;

export interface InputEvents {
  /** Resolves when it was taken; whether it was. */
  send(text: string, eof: boolean): Promise<boolean>;
  /** It is shown or hidden from now on. */
  changed(): void;
}

export class InputBar {
  readonly root = element("form", "prismq-input");
  readonly #field = element("input", "prismq-input-field");
  readonly #events: InputEvents;
  #asked = false;
  #prompt = "";
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(events: InputEvents) {
    this.#events = events;
    this.#field.type = "text";
    this.#field.autocomplete = "off";
    this.#field.spellcheck = false;
    this.#field.setAttribute("aria-label", "Line for the run's standard input");
    const submit = iconButton("send", "Send", () => undefined);
    submit.type = "submit";
    submit.title = "Send this line to the run (Enter)";
    const end = element("button", "prismq-button", "End of input");
    end.type = "button";
    end.title = "Close the run's standard input, like Ctrl+D in a terminal";
    end.addEventListener("click", () => void this.#send(true));
    this.root.append(icon("prompt"), this.#field, submit, end);
    this.root.hidden = true;
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send(false);
    });
    // The page's shortcuts must not run while somebody types: neither JupyterLab's nor the list's.
    this.root.setAttribute("data-lm-suppress-shortcuts", "true");
    this.root.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.toggle(false);
    });
  }

  /** A person wants it, or not. */
  toggle(on: boolean = this.root.hidden === true): void {
    this.#asked = on;
    if (!on) this.#field.value = "";
    show(this.root, on);
    this.#events.changed();
    if (on) this.#field.focus();
  }

  /**
   * @param can the run takes input.
   * @param now ms of a clock that does not jump.
   */
  render(can: boolean, pending: Pending, now: number): void {
    const text = [pending.stdout, pending.stderr].find(looksLikePrompt) ?? "";
    if (text !== this.#prompt) {
      this.#prompt = text;
      this.#since = now;
    }
    const still = now - this.#since;
    clearTimeout(this.#timer);
    if (can && text && still < STILL_MS) this.#timer = setTimeout(() => this.#events.changed(), STILL_MS - still);
    const busy = this.#field.value !== "" || this.root.contains(document.activeElement);
    show(this.root, can && (this.#asked || (text !== "" && still >= STILL_MS) || (!this.root.hidden && busy)));
    setAttribute(this.#field, "placeholder", text ? "The run seems to wait for a line" : "A line for the run's standard input");
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  async #send(eof: boolean): Promise<void> {
    const text = this.#field.value;
    this.#field.value = "";
    const taken = await this.#events.send(eof ? text : `${text}\n`, eof);
    if (!taken) this.#field.value ||= text;
    else if (eof) this.toggle(false);
  }
}
