/**
 * What a person can do to a run: buttons and menus of the toolbar, the bars under it, and the line
 * for standard input.
 */

import { RunActions } from "../api/actions.js";
import type { LaunchDetails } from "../api/launch-details.js";
import { iconButton } from "../base/dom.js";
import type { ViewerOptions } from "../base/options.js";
import { isCell, RESTART_KERNEL, takesInput, waitsForInput } from "../base/run-words.js";
import type { RunStore } from "../stream/store.js";
import { ActionBar } from "../toolbar/action-bar.js";
import { Attempts } from "../toolbar/attempts.js";
import { BackgroundBar } from "../toolbar/background-bar.js";
import { Details } from "../toolbar/details.js";
import { downloadMenu } from "../toolbar/download-menu.js";
import { InputBar } from "../toolbar/input-bar.js";
import { moreMenu } from "../toolbar/more-menu.js";
import { NoteBar } from "../toolbar/notes.js";
import { pageLink } from "../toolbar/page-link.js";
import { viewMenu } from "../toolbar/view-menu.js";
import type { Menu } from "../ui/menu.js";
import type { Sizing } from "../ui/sizing.js";
import type { LogPane } from "./pane.js";

export interface ControlsHost {
  readonly run: string;
  readonly store: RunStore;
  readonly launchDetails: LaunchDetails;
  readonly sizing: Sizing;
  readonly signal: AbortSignal;
  pane(): LogPane;
  options(): ViewerOptions;
  /** The person changed options. */
  change(changed: Partial<ViewerOptions>): void;
  /** Something has to be drawn again. */
  changed(): void;
  /** Something was done; a few words for people. */
  say(text: string): void;
  /** Something could not be done; a sentence for people. */
  problem(text: string): void;
  find(): void;
  /** Show that run in place of this one: another attempt. */
  showRun(run: string): void;
}

export class RunControls {
  readonly input: InputBar;
  /** The bars under the toolbar. */
  readonly bars: readonly HTMLElement[];
  readonly #host: ControlsHost;
  readonly #actions: RunActions;
  readonly #buttons: ActionBar;
  readonly #background: BackgroundBar;
  readonly #details: Details;
  readonly #attempts: Attempts;
  readonly #kernel = new NoteBar("prismq-note-why", "warning");
  /** The person interrupted a cell that had not stopped after an interrupt. */
  #hasInsisted = false;

  constructor(host: ControlsHost) {
    const { run, launchDetails, signal } = host;
    this.#host = host;
    const changed = (): void => host.changed();
    const say = (text: string): void => host.say(text);
    this.#actions = new RunActions(run, changed, (text) => host.problem(text), say);
    this.input = new InputBar({
      send: (...what) => this.#actions.send(...what),
      changed,
      left: () => host.pane().scroller.focus({ preventScroll: true }),
    });
    this.#background = new BackgroundBar(() => void this.#actions.stop());
    this.#details = new Details(run, launchDetails);
    const show = (next: string): void => host.showRun(next);
    const utc = (): boolean => host.options().utc;
    this.#attempts = new Attempts(run, { show, changed, utc, say }, signal);
    this.#buttons = this.#makeButtons();
    this.#kernel.root.setAttribute("role", "status");
    this.bars = [this.#attempts.bars, this.#kernel.root, this.#background.root];
  }

  /** The buttons at the end of the toolbar. */
  get buttons(): HTMLElement {
    return this.#buttons.root;
  }

  /** The menu of attempts, beside the name. */
  get attempts(): HTMLElement {
    return this.#attempts.root;
  }

  /**
   * @param elapsed seconds that the run has taken; undefined: not known.
   * @param figures what the toolbar shows, in one line.
   */
  render(elapsed: number | undefined, figures: string): void {
    const { status, connection } = this.#host.store;
    const { busy } = this.#actions;
    this.input.render({
      can: this.canInput,
      waits: waitsForInput(status),
      hides: status?.hides_input === true,
      echoes: Boolean(status?.terminal),
    });
    this.#background.render(status, connection.state !== "error", busy);
    this.#details.render(status, elapsed, figures);
    this.#attempts.render(status);
    const goesOn = this.#hasInsisted && status?.stopping === true;
    this.#kernel.say(goesOn ? RESTART_KERNEL : "");
    this.#buttons.render({
      status,
      connection,
      follow: this.#host.pane().follow,
      input: !this.input.root.hidden,
      busy,
      restartProblem: this.#attempts.problem,
    });
  }

  /** Draw what changes with time alone. */
  tick(elapsed: number | undefined, figures: string): void {
    if (this.#details.isOpen) this.#details.render(this.#host.store.status, elapsed, figures);
  }

  /** The run takes input, and can be reached. */
  get canInput(): boolean {
    const { status, connection } = this.#host.store;
    return takesInput(status) && connection.state === "live";
  }

  #makeButtons(): ActionBar {
    const [view, download] = this.#makeMenus();
    const find = iconButton("search", "Find", () => this.#host.find());
    find.title = "Find in the whole log (/)";
    const buttons = new ActionBar([find, view.root, download.root, this.#details.root], {
      onFollow: () => this.#host.pane().setFollow(!this.#host.pane().follow, true),
      onInput: () => this.input.toggle(),
      onStop: () => this.#stop(),
      onGiveUp: () => void this.#actions.giveUp(),
      onRestart: () => void this.#restart(),
    });
    const page = pageLink(this.#host.run);
    const host = {
      list: () => this.#host.pane().scroller,
      page,
      sizing: this.#host.sizing,
      input: () => takesInput(this.#host.store.status),
    };
    buttons.root.append(page, moreMenu(host, [view, download]).root);
    view.root.classList.add("prismq-drops-late");
    download.root.classList.add("prismq-drops");
    return buttons;
  }

  #makeMenus(): readonly [view: Menu, download: Menu] {
    const { run } = this.#host;
    const options = (): ViewerOptions => this.#host.options();
    const view = viewMenu(
      options,
      () => this.#host.pane().fields,
      (changed) => this.#host.change(changed),
    );
    const download = downloadMenu(
      run,
      options,
      () => this.#host.pane().selected,
      () => this.#actions.canRead(),
    );
    return [view, download];
  }

  #stop(): void {
    const { status } = this.#host.store;
    this.#hasInsisted ||= isCell(status) && status?.stopping === true;
    void this.#actions.stop();
  }

  async #restart(): Promise<void> {
    if (this.#attempts.problem !== undefined) {
      this.#attempts.explain();
      return;
    }
    const next = await this.#actions.restart();
    if (next !== undefined && !this.#host.signal.aborted) this.#host.showRun(next);
  }
}
