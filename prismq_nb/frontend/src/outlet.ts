/**
 * A place where a run is shown as soon as the viewer is loaded, with or without a live model: the common part of the widget and the lab extension.
 *
 * Says what is wrong while the viewer cannot be loaded, in plain elements: the viewer's style sheet comes with the viewer.
 */

import { loadViewer, problem } from "./loader.js";
import type { ViewerOptions } from "./options.js";
import { listen, type Model, read, write, writeRun } from "./traits.js";
import type { ViewerHandle } from "./mount.js";

/** First and longest wait (ms) before the viewer is asked for again, when the server did not answer. */
const RETRY_MS = [1_000, 4_000] as const;

/** Of the lowest viewer, in px: its place is kept while it is fetched. */
const LEAST_PX = 163;
/** Its margins. */
const AROUND_PX = 4;

export class Outlet {
  readonly #el: HTMLElement;
  #run: string;
  #options: Partial<ViewerOptions>;
  #reserve: number;
  #model: Model | undefined;
  #unlisten = (): void => undefined;
  #viewer: ViewerHandle | undefined;
  #message: HTMLElement | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** @param reserve the viewer's height when it was seen last, in px. */
  constructor(el: HTMLElement, run: string, options: Partial<ViewerOptions>, reserve = LEAST_PX) {
    this.#el = el;
    this.#reserve = reserve;
    el.style.minHeight = `${reserve + AROUND_PX}px`;
    this.#run = run;
    this.#options = options;
    void this.#open(RETRY_MS[0]);
  }

  update(options: Partial<ViewerOptions>): void {
    this.#options = { ...this.#options, ...options };
    this.#viewer?.update(options);
  }

  /** From now on the viewer and this model have the same run and options; undefined: it is by itself. */
  bind(model: Model | undefined): void {
    if (model === this.#model) return;
    this.#unlisten();
    this.#model = model;
    if (!model) return;
    const follow = (): void => this.#show(String(model.get("run_id")));
    const unlisten = listen(model, (options) => this.update(options));
    model.on("change:run_id", follow);
    this.#unlisten = () => {
      unlisten();
      model.off("change:run_id", follow);
      this.#unlisten = () => undefined;
    };
    this.update(read(model));
    follow();
  }

  dispose(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#unlisten();
    this.#viewer?.dispose();
    this.#message?.remove();
  }

  /** Another run: it was started again in another viewer of the model, or in this one, which then shows it already. */
  #show(run: string): void {
    if (run === this.#run) return;
    this.#run = run;
    this.#options = { ...this.#options, line: undefined };
    this.#viewer?.dispose();
    this.#viewer = undefined;
    clearTimeout(this.#retry);
    void this.#open(RETRY_MS[0]);
  }

  async #open(wait: number): Promise<void> {
    try {
      const { mountRun } = await loadViewer();
      if (this.#closed || this.#viewer) return;
      this.#message?.remove();
      const onRun = (run: string): void => {
        this.#run = run;
        if (this.#model) writeRun(this.#model, run);
      };
      this.#viewer = mountRun(this.#el, {
        run_id: this.#run,
        options: this.#options,
        reserve: this.#reserve,
        onState: (changed) => this.#changed(changed),
        onRun,
      });
      this.#el.style.minHeight = "";
    } catch (error) {
      if (!this.#closed) this.#failed(error, wait);
    }
  }

  #changed(changed: Partial<ViewerOptions>): void {
    this.#options = { ...this.#options, ...changed };
    if (this.#model) write(this.#model, changed);
  }

  #failed(error: unknown, wait: number): void {
    const [text, again] = problem(error);
    this.#message?.remove();
    this.#el.style.minHeight = "";
    this.#message = message(text);
    this.#el.append(this.#message);
    if (again) this.#retry = setTimeout(() => void this.#open(Math.min(RETRY_MS[1], wait * 2)), wait);
  }
}

function message(text: string): HTMLElement {
  const root = document.createElement("div");
  root.className = "prismq-unloaded";
  root.setAttribute("role", "status");
  root.textContent = text;
  root.style.cssText = "margin:4px 0;padding:8px 12px;border:1px solid;border-radius:6px";
  return root;
}
