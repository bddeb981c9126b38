/** The bar of a run that has ended but left background processes that can still print. */

import {
  element,
  icon,
  iconButton,
  setAttribute,
  setDisabled,
  setText,
  setVisible,
} from "../base/dom.js";
import type { RunStatus } from "../base/protocol.js";
import { backgroundNames, isOutputOpen, statusName } from "../base/run-words.js";

const STOP_TITLE =
  "Stop these processes: sends SIGINT (like Ctrl+C), and ends them if they keep running. " +
  "The run keeps its status, and its log is kept.";
const KILL_TITLE =
  "They were asked to stop and are still running. Kill them now. Unsaved work is lost.";

export class BackgroundBar {
  readonly root: HTMLElement;
  readonly #head = element("strong", "");
  readonly #text = element("span", "");
  readonly #stop: HTMLButtonElement;
  /** The person asked them to stop. */
  #asked = false;

  constructor(onStop: () => void) {
    this.#stop = iconButton("stop", "Stop them", () => {
      this.#asked = true;
      onStop();
    });
    this.#stop.classList.add("prismq-button-end");
    const text = element("span", "prismq-note-text", this.#head, " ", this.#text);
    this.root = element(
      "div",
      "prismq-note prismq-note-background",
      icon("info"),
      text,
      this.#stop,
    );
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Background processes");
    this.root.hidden = true;
  }

  /** @param reachable whether the server can stop them. */
  render(status: RunStatus | undefined, reachable: boolean, busy: boolean): void {
    const open = isOutputOpen(status);
    setVisible(this.root, open);
    if (!open) {
      this.#asked = false;
      return;
    }
    const again = status.stopping || this.#asked;
    const names = backgroundNames(status);
    setText(this.#head, `${statusName(status)}.`);
    const what = again ? "Stopping background processes" : "Background processes can still print";
    setText(this.#text, names ? `${what}: ${names}` : what);
    setAttribute(this.root, "title", backgroundNames(status, Infinity));
    setVisible(this.#stop, reachable);
    setText(this.#stop.lastElementChild as Element, again ? "Kill" : "Stop them");
    setAttribute(this.#stop, "title", again ? KILL_TITLE : STOP_TITLE);
    this.#stop.classList.toggle("prismq-button-kill", again);
    setDisabled(this.#stop, busy);
  }
}
