/**
 * The input bar below the list, for the run's standard input: shown when the run waits for input,
 * or when the person opens it.
 *
 * What is typed while the program has turned echo off is a secret: it has a field of its own, which
 * is removed when echo is on again, and is nowhere else in the page.
 */

import { element, icon, iconButton, setAttribute, setText, setVisible } from "../base/dom.js";

const FIELD_LABEL = "Line for the run's standard input";
const HIDDEN_LABEL = "Hidden input (the program turned echo off)";
/** Tell password managers that a program's prompt is not a login of this page. */
const LEAVE_ALONE = ["data-1p-ignore", "data-bwignore", "data-lpignore", "data-form-type"] as const;

export interface InputState {
  /** The run takes input, and can be reached. */
  readonly can: boolean;
  /** It waits for a line, according to the server. */
  readonly waits: boolean;
  /** Its terminal has echo off, as for a password. */
  readonly hides: boolean;
  /** The terminal echoes input into the log. */
  readonly echoes: boolean;
}

export interface InputEvents {
  /**
   * Send a text.
   *
   * @returns whether the run has accepted it.
   */
  send(text: string, eof: boolean, secret: boolean): Promise<boolean>;
  /** The bar was shown or hidden. */
  changed(): void;
  /** The bar had the focus, and is hidden now. */
  left(): void;
}

export class InputBar {
  readonly root = element("form", "prismq-input");
  readonly #mark = element("span", "prismq-input-mark");
  readonly #label = element("strong", "prismq-input-label");
  readonly #field = textField();
  readonly #sent = element("div", "prismq-input-sent");
  readonly #events: InputEvents;
  #secret: HTMLInputElement | undefined;
  #echoes = true;
  #asked = false;
  /** The person closed the bar; reset when the run stops waiting. */
  #dismissed = false;

  constructor(events: InputEvents) {
    this.#events = events;
    const submit = iconButton("send", "Send", () => undefined);
    submit.type = "submit";
    submit.title = "Send this line to the run (Enter)";
    const end = element("button", "prismq-button", "Send EOF");
    end.append(element("span", "prismq-input-key", " (Ctrl+D)"));
    end.type = "button";
    end.title = "Send the typed text and the end of input (Ctrl+D)";
    end.addEventListener("click", () => void this.#send(true));
    const line = element(
      "div",
      "prismq-input-line",
      this.#mark,
      this.#label,
      this.#field,
      submit,
      end,
    );
    this.#mark.append(icon("prompt"));
    this.root.append(this.#sent, line);
    this.root.setAttribute("aria-label", "Input");
    this.root.autocomplete = "off";
    this.root.hidden = this.#sent.hidden = true;
    this.#sent.setAttribute("role", "status");
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send(false);
    });
    // No shortcuts while somebody types: neither JupyterLab's nor the list's.
    this.root.setAttribute("data-lm-suppress-shortcuts", "true");
    this.root.addEventListener("keydown", (event) => this.#key(event));
  }

  get #shown(): HTMLInputElement {
    return this.#secret ?? this.#field;
  }

  get #focused(): boolean {
    return this.root.contains(document.activeElement);
  }

  /** Open or close the bar. */
  toggle(on: boolean = this.root.hidden === true): void {
    this.#asked = on;
    this.#dismissed = !on;
    if (!on) this.#shown.value = "";
    this.#show(on);
    this.#events.changed();
    if (on) this.#shown.focus();
  }

  render(state: InputState): void {
    const { can, hides } = state;
    this.#echoes = state.echoes;
    const waits = can && state.waits;
    if (!waits) this.#dismissed = false;
    this.#hide(can && hides);
    const busy = this.#shown.value !== "" || this.#focused;
    this.#show(can && (this.#asked || (waits && !this.#dismissed) || (!this.root.hidden && busy)));
    setVisible(this.#label, waits || hides);
    setText(this.#label, hides ? "Hidden input" : "Waiting for input");
    this.root.classList.toggle("prismq-input-waits", waits);
    setAttribute(this.#field, "placeholder", waits ? "Type a line and press Enter" : FIELD_LABEL);
  }

  #show(on: boolean): void {
    if (on !== this.root.hidden) return;
    const focused = this.#focused;
    setVisible(this.root, on);
    if (!on) setVisible(this.#sent, false);
    if (!on && focused) this.#events.left();
  }

  /** Switch between the plain field and the one that hides its text. */
  #hide(on: boolean): void {
    if (on === (this.#secret !== undefined)) return;
    const focused = document.activeElement === this.#shown;
    const secret = this.#secret;
    if (secret) {
      secret.value = "";
      secret.replaceWith(this.#field);
      this.#secret = undefined;
    } else {
      this.#secret = secretField(this.#field.value); // typed after the program had asked
      this.#field.value = "";
      this.#field.replaceWith(this.#secret);
    }
    this.#mark.replaceChildren(icon(on ? "lock" : "prompt"));
    if (focused) this.#shown.focus();
  }

  #key(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === "Escape") this.toggle(false);
    if (event.key !== "d" || !event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    void this.#send(true);
  }

  async #send(eof: boolean): Promise<void> {
    const field = this.#shown;
    const secret = field === this.#secret;
    const text = field.value;
    field.value = "";
    const taken = await this.#events.send(eof ? text : `${text}\n`, eof, secret);
    if (!taken && !secret) field.value ||= text;
    if (!taken) return;
    this.#showSent(secret ? "" : text, eof);
    if (eof) this.toggle(false);
  }

  /** Show what was sent, unless a terminal echoes it into the log. */
  #showSent(text: string, eof: boolean): void {
    const what = [
      ...(text || !eof ? [text || "an empty line"] : []),
      ...(eof ? ["end of input"] : []),
    ];
    setText(this.#sent, `Sent: ${what.join(", ")}`);
    setVisible(this.#sent, !this.#echoes && !this.#secret);
  }
}

function textField(): HTMLInputElement {
  const field = element("input", "prismq-input-field");
  field.type = "text";
  field.autocomplete = "off";
  field.spellcheck = false;
  field.setAttribute("aria-label", FIELD_LABEL);
  return field;
}

function secretField(value: string): HTMLInputElement {
  const field = element("input", "prismq-input-field");
  field.type = "password";
  field.autocomplete = "new-password";
  field.value = value;
  field.placeholder = "The program turned echo off";
  field.setAttribute("aria-label", HIDDEN_LABEL);
  for (const name of LEAVE_ALONE)
    field.setAttribute(name, name === "data-form-type" ? "other" : "true");
  return field;
}
