/**
 * Whether the long cells of one notebook are watched: what its kernel says, what the person wants,
 * and how the first becomes the second after each start of a kernel.
 */

import { recall, remember } from "./decisions.js";
import { ask, type Kernel, keepOn, OFF, STATE, turnOn } from "./kernel.js";

export interface Settings {
  readonly watchEveryNotebook: boolean;
  /** Seconds. */
  readonly watchAfter: number;
}

interface Signal<T> {
  connect(slot: (sender: unknown, value: T) => void): unknown;
}
interface IopubMessage {
  readonly header: { readonly msg_type: string };
  readonly content: { readonly code?: unknown };
}
interface Specs {
  readonly kernelspecs: Readonly<Record<string, { readonly language?: string } | undefined>>;
}
/** The part of JupyterLab's session context that is used here. */
export interface SessionContext {
  readonly session: { readonly kernel: Kernel | null } | null;
  readonly specsManager: { readonly specs: Specs | null };
  readonly kernelChanged: Signal<unknown>;
  readonly statusChanged: Signal<string>;
  readonly iopubMessage: Signal<IopubMessage>;
}

/** `looks`: for the state only. `typed`: after a cell that may have changed it. */
type Purpose = "press" | "start" | "looks" | "typed";

export class Watcher {
  readonly #context: SessionContext;
  readonly #tell: (problem: string) => void;
  readonly #listeners = new Set<() => void>();
  #settings: Settings;
  #kernel: Kernel | null = null;
  #unavailable: string | undefined = "the kernel is not known yet";
  #isOn = false;
  /** What the person chose in this notebook; undefined: what the settings say. */
  #decision: boolean | undefined;
  #isPressed = false;
  #isLost = false;
  #requests = 0;

  constructor(context: SessionContext, settings: Settings, tell: (problem: string) => void) {
    this.#context = context;
    this.#settings = settings;
    this.#tell = tell;
    context.kernelChanged.connect(() => void this.#start());
    context.statusChanged.connect((_, status) => this.#follow(status));
    context.iopubMessage.connect((_, message) => this.#read(message));
    void this.#start();
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** The kernel has not yet done what the person chose. */
  get isPending(): boolean {
    return this.#isPressed;
  }

  /** Why cells cannot be watched; undefined: they can. */
  get unavailable(): string | undefined {
    return this.#unavailable;
  }

  /** @returns a function that stops the calls. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  toggle(): void {
    this.#isOn = !this.#isOn;
    this.#isPressed = true;
    this.#decide(this.#isOn);
    void this.#send("press", this.#isOn ? turnOn(this.#settings.watchAfter) : OFF);
  }

  configure(settings: Settings): void {
    const { watchEveryNotebook: every, watchAfter: after } = this.#settings;
    this.#settings = settings;
    if (this.#unavailable) return;
    const { watchEveryNotebook, watchAfter } = settings;
    if (this.#decision === undefined && watchEveryNotebook !== every) {
      if (watchEveryNotebook) void this.#send("start", keepOn(watchAfter));
      else if (this.#isOn) void this.#send("start", OFF);
    } else if (this.#isOn && watchAfter !== after) void this.#send("start", turnOn(watchAfter));
  }

  #follow(status: string): void {
    // `restarting`, `autorestarting`, and `starting`, which a new process says by itself: what was
    // sent to it before may be lost.
    const isNew = status.endsWith("starting");
    const isBack = this.#isLost && (status === "idle" || status === "busy");
    // Afterwards, because the kernel connection forgets now what waits to be sent. Then it keeps
    // messages for the new kernel, and sends them before those of "Restart and run all".
    if (isNew || isBack) queueMicrotask(() => void this.#start());
  }

  async #start(): Promise<void> {
    const kernel = this.#context.session?.kernel ?? null;
    this.#kernel = kernel;
    this.#isLost = false;
    if (!kernel) return this.#disable("this notebook has no kernel");
    // From the specs at once, so that not even the first cell is earlier.
    const spec = this.#context.specsManager.specs?.kernelspecs[kernel.name];
    const language = spec?.language || (await kernel.info).language_info.name;
    if (kernel !== this.#kernel) return;
    if (language.toLowerCase() !== "python")
      return this.#disable(`its kernel runs ${language}, not Python`);
    this.#unavailable = undefined;
    this.#decide(this.#decision ?? recall(kernel.id));
    const isWanted = this.#decision ?? this.#settings.watchEveryNotebook;
    if (isWanted) await this.#send("start", keepOn(this.#settings.watchAfter));
    else await this.#send("looks", STATE);
  }

  #disable(reason: string): void {
    this.#unavailable = reason;
    this.#isOn = this.#isPressed = false;
    this.#notify();
  }

  /** `%watch on` may be typed in a cell, too. */
  #read({ header, content }: IopubMessage): void {
    if (this.#unavailable || header.msg_type !== "execute_input") return;
    if (String(content.code).includes("watch")) void this.#send("typed", STATE);
  }

  async #send(purpose: Purpose, expression: string): Promise<void> {
    const kernel = this.#kernel;
    if (!kernel) return;
    this.#requests += 1;
    const request = this.#requests;
    this.#notify();
    try {
      const answer = await ask(kernel, expression);
      if (kernel !== this.#kernel) return;
      if ("problem" in answer) await this.#fail(answer.problem, purpose);
      else if (request === this.#requests) this.#accept(answer.isOn, purpose);
    } catch {
      // The kernel restarts, or is gone; if it comes back, it is asked again.
      this.#isLost ||= request === this.#requests && kernel === this.#kernel;
    }
  }

  #accept(isOn: boolean, purpose: Purpose): void {
    this.#isOn = isOn;
    this.#isPressed = false;
    if (purpose === "typed" && isOn !== this.#decision) this.#decide(isOn ? undefined : false);
    this.#notify();
  }

  /** Nothing is said to a person who asked for nothing: not every environment has prismq_nb. */
  async #fail(problem: string, purpose: Purpose): Promise<void> {
    if (this.#isPressed || this.#decision) this.#tell(problem);
    this.#isOn = this.#isPressed = false;
    this.#decide(undefined);
    if (purpose === "press" || purpose === "start") await this.#send("looks", STATE);
    else this.#notify();
  }

  #decide(decision: boolean | undefined): void {
    this.#decision = decision;
    if (this.#kernel) remember(this.#kernel.id, decision);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
