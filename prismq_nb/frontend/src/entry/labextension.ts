/**
 * The prebuilt extension of JupyterLab and Notebook 7: draws `application/vnd.prismq.run+json` and `.runs+json` with no kernel, no widget state and no trust, and keeps
 * the text of runs in saved notebooks.
 *
 * It is what their federated loader expects of a module container (webpack's `init` and `get`), written by hand: so no webpack and no copy of their
 * packages is needed. The contract is theirs and not documented; browser tests on the oldest and newest versions hold us to it.
 */

import { type Scope, setScope, shared } from "./lab-scope.js";
import { plugin } from "./notebooks.js";
import { type Lumino, renderer } from "./run-renderer.js";
import { RUNS_MIME, runsRenderer } from "./runs-renderer.js";
import { MIME } from "./saved-output.js";

/** Above the ipywidgets view (-10), which shows "model not found" where there is no kernel. Lower goes first. */
const RANK = -20;

(globalThis as { _JUPYTERLAB?: Record<string, unknown> })._JUPYTERLAB ??= {};
(globalThis as unknown as { _JUPYTERLAB: Record<string, unknown> })._JUPYTERLAB["prismq-nb"] = {
  init: setScope,
  get: async (name: string) => {
    const module = await moduleOf(name);
    return () => ({ __esModule: true, default: module() }); // a new object each time: the application adds to it
  },
} satisfies { init: (scope: Scope) => void; get: (name: string) => Promise<() => object> };

async function moduleOf(name: string): Promise<() => object> {
  if (name === "./mimeExtension") {
    const lumino = await shared<Lumino>("@lumino/widgets");
    if (!lumino) throw new Error("prismq-nb: this application has no @lumino/widgets");
    return () => [
      mimeExtension("run", MIME, () => renderer(lumino)),
      mimeExtension("runs", RUNS_MIME, () => runsRenderer(lumino)),
    ];
  }
  if (name === "./extension") {
    const notebook = await shared<{ readonly INotebookTracker?: unknown }>("@jupyterlab/notebook");
    return () => [plugin(notebook?.INotebookTracker)];
  }
  throw new Error(`prismq-nb has no module ${name}`);
}

function mimeExtension(name: string, mimeType: string, createRenderer: () => object): object {
  const rendererFactory = { safe: true, mimeTypes: [mimeType], createRenderer };
  return { id: `prismq-nb:${name}`, rank: RANK, dataType: "json", rendererFactory };
}
