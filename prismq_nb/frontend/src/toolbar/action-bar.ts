/** The buttons in the toolbar. Makes no requests and no decisions. */

import {
  element,
  iconButton,
  setAttribute,
  setDisabled,
  setText,
  setVisible,
} from "../base/dom.js";
import { hasEnded, isUnreachable, type RunStatus } from "../base/protocol.js";
import { isCell, takesInput } from "../base/run-words.js";
import type { ConnectionState } from "../stream/hub.js";

export interface ActionState {
  readonly status: RunStatus | undefined;
  readonly connection: ConnectionState;
  readonly follow: boolean;
  /** The input bar is open. */
  readonly input: boolean;
  /** A request to stop or restart is pending. */
  readonly busy: boolean;
  /** Why the run cannot be restarted; undefined: it can, as far as is known. */
  readonly restartProblem: string | undefined;
}

export interface ActionEvents {
  onFollow(): void;
  onInput(): void;
  onStop(): void;
  onGiveUp(): void;
  onRestart(): void;
}

const STOP_TITLE =
  "Stop this run: sends SIGINT (like Ctrl+C), and ends all its processes if they keep running. " +
  "Its log is kept.";
const KILL_TITLE =
  "It was asked to stop and is still running. Kill it and all its processes now. " +
  "Unsaved work is lost.";
const INTERRUPT_TITLE =
  "Interrupt the kernel, as the notebook's stop button does. Variables and this log are kept.";
const GIVE_UP_TITLE =
  "The machine of this run cannot be reached. If it is gone for good, " +
  "mark the run as failed. No signal is sent; its log is kept.";
const RESTART_TITLE = "Start a new run with the same arguments. This log is kept.";

export class ActionBar {
  readonly root = element("span", "prismq-actions");
  readonly #more: readonly HTMLElement[];
  readonly #follow: HTMLButtonElement;
  readonly #input: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #giveUp: HTMLButtonElement;
  readonly #restart: HTMLButtonElement;

  /** @param more other buttons and menus; shown as soon as the status is known. */
  constructor(more: readonly HTMLElement[], events: ActionEvents) {
    this.#more = more;
    this.#follow = iconButton("follow", "Follow", events.onFollow);
    this.#input = iconButton("prompt", "Input", events.onInput);
    this.#input.title = "Send a line to the run's standard input (i)";
    this.#stop = iconButton("stop", "Stop", events.onStop);
    this.#stop.classList.add("prismq-button-stop");
    this.#giveUp = iconButton("stop", "Give up", events.onGiveUp);
    this.#giveUp.classList.add("prismq-button-give-up");
    this.#giveUp.title = GIVE_UP_TITLE;
    this.#restart = iconButton("retry", "Restart", events.onRestart);
    this.#restart.classList.add("prismq-button-restart");
    this.#restart.title = RESTART_TITLE;
    this.root.append(this.#follow, ...more, this.#input, this.#stop, this.#giveUp, this.#restart);
  }

  render({ status, follow, input, busy, connection, restartProblem }: ActionState): void {
    const ended = status !== undefined && hasEnded(status.status);
    const reachable = status !== undefined && connection.state !== "error";
    const cell = isCell(status);
    const again = status?.stopping === true && !cell;
    const queued = status?.status === "queued";
    setAttribute(this.#follow, "aria-pressed", String(follow));
    setAttribute(
      this.#follow,
      "title",
      follow ? "Following the end of the log; click to stop" : "Jump to the end and follow (End)",
    );
    setVisible(this.#follow, status !== undefined && !ended);
    for (const node of this.#more) setVisible(node, status !== undefined);
    setAttribute(this.#input, "aria-pressed", String(input));
    const away = isUnreachable(status);
    setVisible(this.#input, reachable && takesInput(status));
    setVisible(this.#stop, reachable && !away && !ended);
    setVisible(this.#giveUp, reachable && away);
    const [word, title] = cell
      ? ["Interrupt", INTERRUPT_TITLE]
      : again
        ? ["Kill", KILL_TITLE]
        : queued
          ? ["Cancel", "Cancel this run before it starts"]
          : ["Stop", STOP_TITLE];
    setText(this.#stop.lastElementChild as Element, word);
    setAttribute(this.#stop, "title", title);
    this.#stop.classList.toggle("prismq-button-kill", again);
    setVisible(this.#restart, reachable && ended && !cell);
    setAttribute(this.#restart, "title", restartProblem ?? RESTART_TITLE);
    setDisabled(this.#stop, busy);
    setDisabled(this.#giveUp, busy);
    setDisabled(this.#restart, busy || restartProblem !== undefined);
  }
}
