/**
 * The buttons beside the number of errors that go to the next or previous one, with its position.
 */

import { element, type IconName, icon, setText, setVisible } from "../base/dom.js";
import { count, countOf } from "../base/format.js";
import type { ErrorPlace } from "../search/errors.js";

export class ErrorStepper {
  readonly root: HTMLElement;
  readonly #place = element("span", "prismq-error-place");

  /** @param onStep go to the next or previous error. */
  constructor(onStep: (direction: 1 | -1) => void) {
    const button = (
      mark: IconName,
      name: string,
      key: string,
      direction: 1 | -1,
    ): HTMLButtonElement => {
      const node = element("button", "prismq-button prismq-error-step", icon(mark));
      node.type = "button";
      node.title = `${name} (${key})`;
      node.setAttribute("aria-label", name);
      node.addEventListener("click", () => onStep(direction));
      return node;
    };
    this.#place.setAttribute("role", "status");
    const buttons = [button("up", "Previous error", "E", -1), button("down", "Next error", "e", 1)];
    this.root = element("span", "prismq-error-steps", ...buttons, this.#place);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Errors");
    this.root.hidden = true;
  }

  /** @param place the error that the person went to last; undefined: none. */
  render(any: boolean, place: ErrorPlace | undefined): void {
    setVisible(this.root, any);
    setVisible(this.#place, place !== undefined);
    setText(this.#place, place ? placeText(place) : "");
  }
}

/** `3 of 13 errors`, `3–11 of 13 errors` if they are in one row, `3 of 22+ errors`. */
export function placeText({ indices, total, complete }: ErrorPlace): string {
  const all = complete ? countOf(total, "error") : `${count(total)}+ errors`;
  if (!indices) return `\u2026 of ${all}`;
  const [first, last] = indices.map((index) => count(index + 1));
  return `${first === last ? first : `${first}\u2013${last}`} of ${all}`;
}
