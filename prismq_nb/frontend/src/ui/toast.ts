/** A notice shown over the list for a moment and read aloud, such as "No more matches". */

import { element } from "../base/dom.js";
import { capitalized } from "../base/format.js";

const SHOWN_MS = 2_000;

export class Toast {
  readonly root = element("div", "prismq-toast");
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.root.setAttribute("role", "status");
    this.root.hidden = true;
  }

  say(text: string): void {
    this.root.textContent = capitalized(text);
    this.root.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.root.hidden = true), SHOWN_MS);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
