/**
 * A place where a run is shown as soon as the viewer is loaded, with or without a live model: the common part of the widget and the lab extension.
 */

import type { ViewerOptions } from "../base/options.js";
import { listen, type Model, read, write, writeRun } from "./traits.js";
import type { ViewerHandle } from "./mount.js";
import { withViewer } from "./with-viewer.js";

/** Of the lowest viewer, in px: its place is kept while it is fetched. */
const LEAST_PX = 154;
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
  #stop = (): void => undefined;

  /** @param reserve the viewer's height when it was seen last, in px. */
  constructor(el: HTMLElement, run: string, options: Partial<ViewerOptions>, reserve = LEAST_PX) {
    this.#el = el;
    this.#reserve = reserve;
    el.style.minHeight = `${reserve + AROUND_PX}px`;
    this.#run = run;
    this.#options = options;
    this.#open();
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
    this.#stop();
    this.#unlisten();
    this.#viewer?.dispose();
  }

  /** Another run: it was started again in another viewer of the model, or in this one, which then shows it already. */
  #show(run: string): void {
    if (run === this.#run) return;
    this.#run = run;
    this.#options = { ...this.#options, line: undefined };
    this.#viewer?.dispose();
    this.#viewer = undefined;
    this.#stop();
    this.#open();
  }

  /** With the run and the options that it has when it is loaded. */
  #open(): void {
    this.#stop = withViewer(this.#el, ({ mountRun }) => {
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
    });
  }

  #changed(changed: Partial<ViewerOptions>): void {
    this.#options = { ...this.#options, ...changed };
    if (this.#model) write(this.#model, changed);
  }
}
