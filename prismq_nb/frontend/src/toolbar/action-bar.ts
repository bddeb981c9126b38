/**
 * The buttons of the bar above the list: what a person can do now. Shows what it is given; decides nothing and requests nothing.
 */

import { element, iconButton, setAttribute, setDisabled, setText, show } from "../base/dom.js";
import type { Connection } from "../stream/hub.js";
import { hasEnded, isUnreachable, type RunStatus } from "../base/protocol.js";
import { takesInput } from "../base/run-words.js";

export interface ActionState {
  readonly status: RunStatus | undefined;
  readonly link: Connection;
  readonly follow: boolean;
  /** The line for standard input is open. */
  readonly input: boolean;
  /** A request to stop or to start again is on its way. */
  readonly busy: boolean;
  /** Why it cannot be started again; undefined: it can, as far as is known. */
  readonly restartProblem: string | undefined;
}

export interface ActionEvents {
  onFollow(): void;
  onInput(): void;
  onStop(): void;
  onGiveUp(): void;
  onRestart(): void;
}

const STOP_TITLE = "Stop this run: sends SIGINT (like Ctrl+C), and ends all its processes if they keep running. Its log is kept.";
const KILL_TITLE = "It was asked to stop and is still running. Kill it and all its processes now. Unsaved work is lost.";
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

  /** @param more buttons and menus that look after themselves; shown as soon as something is known of the run. */
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

  render({ status, follow, input, busy, link, restartProblem }: ActionState): void {
    const ended = status !== undefined && hasEnded(status.status);
    const reachable = status !== undefined && link.state !== "error";
    const again = status?.stopping === true;
    const queued = status?.status === "queued";
    setAttribute(this.#follow, "aria-pressed", String(follow));
    setAttribute(this.#follow, "title", follow ? "Following the end of the log; click to stop" : "Jump to the end and follow (End)");
    show(this.#follow, status !== undefined && !ended);
    for (const node of this.#more) show(node, status !== undefined);
    setAttribute(this.#input, "aria-pressed", String(input));
    const away = isUnreachable(status);
    show(this.#input, reachable && takesInput(status));
    show(this.#stop, reachable && !away && !ended);
    show(this.#giveUp, reachable && away);
    setText(this.#stop.lastElementChild as Element, again ? "Kill" : queued ? "Cancel" : "Stop");
    setAttribute(this.#stop, "title", again ? KILL_TITLE : queued ? "Cancel this run before it starts" : STOP_TITLE);
    this.#stop.classList.toggle("prismq-button-kill", again);
    show(this.#restart, reachable && ended);
    setAttribute(this.#restart, "title", restartProblem ?? RESTART_TITLE);
    setDisabled(this.#stop, busy);
    setDisabled(this.#giveUp, busy);
    setDisabled(this.#restart, busy || restartProblem !== undefined);
  }
}
