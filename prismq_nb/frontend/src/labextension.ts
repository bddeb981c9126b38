/**
 * The prebuilt extension of JupyterLab and Notebook 7: draws `application/vnd.prismq.run+json` with no kernel, no widget state and no trust.
 *
 * It is what their federated loader expects of a module container (webpack's `init` and `get`), written by hand: so no webpack and no copy of their
 * packages is needed. The contract is theirs and not documented; browser tests on the oldest and newest versions hold us to it.
 */

import { watch } from "./models.js";
import { Outlet } from "./outlet.js";
import { optionsIn } from "./traits.js";

const MIME = "application/vnd.prismq.run+json";
/** Above the ipywidgets view (-10), which shows "model not found" where there is no kernel. Lower goes first. */
const RANK = -20;

/** What is used here of @lumino/widgets. */
interface LuminoWidget {
  readonly node: HTMLElement;
  readonly isDisposed: boolean;
  dispose(): void;
  addClass(name: string): void;
}
interface Lumino {
  readonly Widget: new () => LuminoWidget;
}
interface MimeModel {
  readonly data: Readonly<Record<string, unknown>>;
}
type Scope = Readonly<Record<string, Readonly<Record<string, { get(): Promise<() => Lumino> }>>>>;

/** What a bundle says. Anybody may have written it: it names a run and options, never an address. */
interface Reference {
  readonly run: string;
  readonly key: string;
  readonly json: unknown;
}

let scope: Scope = {};
(globalThis as { _JUPYTERLAB?: Record<string, unknown> })._JUPYTERLAB ??= {};
(globalThis as unknown as { _JUPYTERLAB: Record<string, unknown> })._JUPYTERLAB["prismq-nb"] = {
  init: (shared: Scope) => {
    scope = shared;
  },
  get: async (name: string) => {
    if (name !== "./mimeExtension") throw new Error(`prismq-nb has no module ${name}`);
    const lumino = await newestLumino();
    return () => extension(lumino); // a new object each time: the application adds to it
  },
};

async function newestLumino(): Promise<Lumino> {
  const versions = scope["@lumino/widgets"] ?? {};
  const newest = Object.keys(versions).sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  const offer = newest === undefined ? undefined : versions[newest];
  if (!offer) throw new Error("prismq-nb: this application has no @lumino/widgets");
  return (await offer.get())();
}

function extension(lumino: Lumino): object {
  const rendererFactory = { safe: true, mimeTypes: [MIME], createRenderer: () => renderer(lumino) };
  return { __esModule: true, default: { id: "prismq-nb:run", rank: RANK, dataType: "json", rendererFactory } };
}

function renderer({ Widget }: Lumino): object {
  return new (class extends Widget {
    #shown: { readonly reference: Reference; readonly outlet: Outlet; readonly unwatch: () => void } | undefined;

    constructor() {
      super();
      this.addClass("prismq-output");
    }

    /** Called again for the same output when it is updated: the viewer stays. */
    async renderModel(model: MimeModel): Promise<void> {
      const reference = referenceIn(model.data[MIME]);
      const shown = this.#shown;
      if (shown && shown.reference.run === reference.run && shown.reference.key === reference.key) return;
      this.#clear();
      const text = model.data["text/plain"];
      const outlet = new Outlet(this.node, reference.run, optionsIn(reference.json), typeof text === "string" ? text : "");
      this.#shown = { reference, outlet, unwatch: watch(reference.key, (live) => outlet.bind(live)) };
    }

    /** Not when detached: a collapsed output, or one in a hidden tab, comes back. */
    override dispose(): void {
      if (this.isDisposed) return;
      this.#clear();
      super.dispose();
    }

    #clear(): void {
      this.#shown?.unwatch();
      this.#shown?.outlet.dispose();
      this.#shown = undefined;
    }
  })();
}

function referenceIn(json: unknown): Reference {
  const { run_id, key } = (typeof json === "object" && json !== null ? json : {}) as { run_id?: unknown; key?: unknown };
  return { run: typeof run_id === "string" ? run_id : "", key: typeof key === "string" ? key : "", json };
}
