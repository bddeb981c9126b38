/**
 * One output of `runs()` in an element: the saved text until the viewer is loaded, then a live
 * table of runs.
 */

import { mountPlainText } from "../base/plain-text.js";
import { RUNS_MIME } from "./mime.js";
import { type Output, textOf } from "./saved-output.js";
import { withViewer } from "./with-viewer.js";

export class RunsOutput {
  readonly #node: HTMLElement;
  #shown = "";
  #stop = (): void => undefined;

  constructor(node: HTMLElement) {
    this.#node = node;
  }

  /** Draw this model; for the same question, the table stays. */
  update({ data }: Pick<Output, "data">): void {
    const question = data[RUNS_MIME];
    const shown = JSON.stringify(question);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#stop();
    const removeText = mountPlainText(this.#node, textOf({ data }));
    let table: { dispose(): void } | undefined;
    const stop = withViewer(this.#node, ({ mountRunsTable }) => {
      if (!mountRunsTable) return;
      removeText();
      table = mountRunsTable(this.#node, { question });
    });
    this.#stop = () => {
      stop();
      removeText();
      table?.dispose();
    };
  }

  dispose(): void {
    this.#stop();
  }
}
