/**
 * The prebuilt extension of JupyterLab and Notebook 7. Draws `application/vnd.prismq.run+json` and
 * `.runs+json` without kernel, widget state or trust, and keeps the text of runs in saved
 * notebooks.
 *
 * A module container for their federated loader (webpack's `init` and `get`), written by hand so
 * that neither webpack nor a copy of their packages is needed. The contract is not documented;
 * browser tests with the oldest and newest versions check it.
 */

import { type Scope, setScope, shared } from "./lab-scope.js";
import { plugin } from "./notebooks.js";
import { type Lumino, renderer } from "./run-renderer.js";
import { RUNS_MIME, runsRenderer } from "./runs-renderer.js";
import { MIME } from "./saved-output.js";
import type { plugin as watchCells } from "./watch-cells.js";

/** Name of the script beside this one; set by the build. */
declare const WATCH_CELLS: string;

/**
 * Lower than the ipywidgets view (-10), so that ours goes first; theirs shows "model not found"
 * without a kernel.
 */
const RANK = -20;
/** Known only while this script is executed for the first time. */
const address = (document.currentScript as HTMLScriptElement | null)?.src;

(globalThis as { _JUPYTERLAB?: Record<string, unknown> })._JUPYTERLAB ??= {};
(globalThis as unknown as { _JUPYTERLAB: Record<string, unknown> })._JUPYTERLAB["prismq-nb"] = {
  init: setScope,
  get: async (name: string) => {
    const module = await moduleOf(name);
    // a new object each time: the application adds to it
    return () => ({ __esModule: true, default: module() });
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
    const others = await plugins();
    return () => [plugin(notebook?.INotebookTracker), ...others];
  }
  throw new Error(`prismq-nb has no module ${name}`);
}

/** What is loaded apart; nothing if it cannot be loaded, because notebooks must be saved anyway. */
async function plugins(): Promise<object[]> {
  try {
    const script: { plugin: typeof watchCells } = await import(`${new URL(WATCH_CELLS, address)}`);
    const made = await script.plugin(shared);
    return made ? [made] : [];
  } catch (error) {
    // biome-ignore lint/suspicious/noConsole: nothing else of the page can say it yet
    console.warn("prismq-nb: no button for watched cells:", error);
    return [];
  }
}

function mimeExtension(name: string, mimeType: string, createRenderer: () => object): object {
  const rendererFactory = { safe: true, mimeTypes: [mimeType], createRenderer };
  return { id: `prismq-nb:${name}`, rank: RANK, dataType: "json", rendererFactory };
}
