/** Draws outputs of `application/vnd.prismq.run+json` in JupyterLab and Notebook 7. */

import { RunOutput } from "./run-output.js";
import type { Output } from "./saved-output.js";

/** The part of @lumino/widgets that is used here. */
interface LuminoWidget {
  readonly node: HTMLElement;
  readonly isDisposed: boolean;
  dispose(): void;
  addClass(name: string): void;
}
export interface Lumino {
  readonly Widget: new () => LuminoWidget;
}

export function renderer({ Widget }: Lumino): object {
  return new (class extends Widget {
    readonly #run = new RunOutput(this.node);

    constructor() {
      super();
      this.addClass("prismq-output");
    }

    /** Called again for the same output when it is updated. */
    async renderModel(model: Output): Promise<void> {
      this.#run.update(model);
    }

    /** Not called when detached: a collapsed output, or one in a hidden tab, comes back. */
    override dispose(): void {
      if (this.isDisposed) return;
      this.#run.dispose();
      super.dispose();
    }
  })();
}
