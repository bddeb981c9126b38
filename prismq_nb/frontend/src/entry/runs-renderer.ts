/**
 * Draws outputs of `application/vnd.prismq.runs+json`: the saved text until the viewer is loaded,
 * then a live table of runs.
 */

import { mountPlainText } from "./plain-text.js";
import type { Lumino } from "./run-renderer.js";
import { type Output, textOf } from "./saved-output.js";
import { withViewer } from "./with-viewer.js";

export const RUNS_MIME = "application/vnd.prismq.runs+json";

export function runsRenderer({ Widget }: Lumino): object {
  return new (class extends Widget {
    #shown = "";
    #stop = (): void => undefined;

    /** Called again for the same output when it is updated: the table stays. */
    async renderModel({ data }: Output): Promise<void> {
      const question = data[RUNS_MIME];
      const shown = JSON.stringify(question);
      if (shown === this.#shown) return;
      this.#shown = shown;
      this.#stop();
      const removeText = mountPlainText(this.node, textOf({ data }));
      let table: { dispose(): void } | undefined;
      const stop = withViewer(this.node, ({ mountRunsTable }) => {
        if (!mountRunsTable) return;
        removeText();
        table = mountRunsTable(this.node, { question });
      });
      this.#stop = () => {
        stop();
        removeText();
        table?.dispose();
      };
    }

    override dispose(): void {
      this.#stop();
      super.dispose();
    }
  })();
}
