/**
 * The prebuilt extension of JupyterLab and Notebook 7: what they load at their start. The panel and
 * the tabs of runs, and the outputs of `application/vnd.prismq.run+json` and `.runs+json`, which
 * are drawn without kernel, widget state or trust.
 *
 * A module container for their federated loader (webpack's `init` and `get`), written by hand so
 * that neither webpack nor a copy of their packages is needed. The contract is not documented;
 * browser tests with the oldest and newest versions check it.
 */

import type { LuminoWidgets } from "../lab/application.js";
import { type DrawnOutput, deferredRenderer } from "../lab/deferred.js";
import { startPlugin } from "../lab/start.js";
import type { Views } from "../lab/views.js";
import { type Scope, setScope, shared } from "./lab-scope.js";
import { RUN_MIME, RUNS_MIME } from "./mime.js";

/** Name of the script beside this one that has everything else; set by the build. */
declare const LAB: string;

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
    const lumino = await shared<LuminoWidgets>("@lumino/widgets");
    if (!lumino) throw new Error("prismq-nb: this application has no @lumino/widgets");
    return () => [
      mimeExtension("run", RUN_MIME, lumino, async (node) => (await views()).drawOutput(node)),
      mimeExtension("runs", RUNS_MIME, lumino, async (node) => (await views()).drawTable(node)),
    ];
  }
  if (name === "./extension") {
    const plugin = await startPlugin(shared, views);
    return () => (plugin ? [plugin] : []);
  }
  throw new Error(`prismq-nb has no module ${name}`);
}

/** The application waits for the scripts that it starts with, so everything else is here. */
async function views(): Promise<Views> {
  const script: { views: Views } = await import(`${new URL(LAB, address)}`);
  return script.views;
}

function mimeExtension(
  name: string,
  mimeType: string,
  lumino: LuminoWidgets,
  draw: (node: HTMLElement) => Promise<DrawnOutput>,
): object {
  const createRenderer = (): object => deferredRenderer(lumino, draw);
  const rendererFactory = { safe: true, mimeTypes: [mimeType], createRenderer };
  return { id: `prismq-nb:${name}`, rank: RANK, dataType: "json", rendererFactory };
}
