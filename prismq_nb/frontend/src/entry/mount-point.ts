/**
 * An element in which a run is shown as soon as the viewer is loaded, with or without a live model.
 * Shared by the widget and the lab extension.
 */

import type { ViewerOptions } from "../base/options.js";
import type { ViewerHandle } from "./mount.js";
import { listen, type Model, read, write, writeRun } from "./traits.js";
import { withViewer } from "./with-viewer.js";

/** Height (px) of the lowest viewer, reserved while the viewer is fetched. */
const MIN_PX = 154;
/** Its margins in px. */
const MARGIN_PX = 4;

export class MountPoint {
  readonly #el: HTMLElement;
  #run: string;
  #options: Partial<ViewerOptions>;
  readonly #reserve: number;
  #model: Model | undefined;
  #unlisten = (): void => undefined;
  #viewer: ViewerHandle | undefined;
  #stop = (): void => undefined;

  /** @param reserve height (px) of the viewer when it was shown last. */
  constructor(el: HTMLElement, run: string, options: Partial<ViewerOptions>, reserve = MIN_PX) {
    this.#el = el;
    this.#reserve = reserve;
    el.style.minHeight = `${reserve + MARGIN_PX}px`;
    this.#run = run;
    this.#options = options;
    this.#open();
  }

  update(options: Partial<ViewerOptions>): void {
    this.#options = { ...this.#options, ...options };
    this.#viewer?.update(options);
  }

  /** Synchronize run and options with this model; undefined: with none. */
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

  /**
   * Show another run, which was started in another viewer of the model; if in this one, it is shown
   * already.
   */
  #show(run: string): void {
    if (run === this.#run) return;
    this.#run = run;
    this.#options = { ...this.#options, line: undefined };
    this.#viewer?.dispose();
    this.#viewer = undefined;
    this.#stop();
    this.#open();
  }

  /** Mount the viewer once it is loaded, with the run and the options of that time. */
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
