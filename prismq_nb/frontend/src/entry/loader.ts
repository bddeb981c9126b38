/**
 * Fetches the viewer from the Jupyter server, once per page.
 *
 * So that a widget's state holds this small file and not the viewer, and that the viewer is always of the server's version. Imports no part of the
 * viewer but the page and types.
 */

import { HttpError, isJupyter, request } from "../base/page.js";
import type { mountRun, mountRunsTable } from "./mount.js";
import type { mountSaved } from "./saved-block.js";

/** What the viewer's script offers. Other versions of this loader may be on the page, so what is there may be added to, and not changed. */
export interface Viewer {
  readonly mountRun: typeof mountRun;
  /** These came later: a page may have an older viewer. */
  readonly mountRunsTable?: typeof mountRunsTable;
  readonly mountSaved?: typeof mountSaved;
}

const VIEWER = Symbol.for("prismq_nb.viewer.v1");
const LOADING = Symbol.for("prismq_nb.loading.v1");
const page = globalThis as { [VIEWER]?: Viewer; [LOADING]?: Promise<Viewer> | undefined };

/** The viewer's script has been executed. */
export function offer(viewer: Viewer): void {
  page[VIEWER] ??= viewer;
}

export function offered(): Viewer | undefined {
  return page[VIEWER];
}

/** The viewer. Throws what `request` throws; a later call tries again. */
export function loadViewer(): Promise<Viewer> {
  if (page[VIEWER]) return Promise.resolve(page[VIEWER]);
  return (page[LOADING] ??= load().finally(() => {
    page[LOADING] = undefined;
  }));
}

/** Why the viewer could not be loaded, for people, and whether it may help to try again. */
export function problem(error: unknown): [string, boolean] {
  if (!isJupyter()) return ["Open it in JupyterLab or Notebook 7 to see the log.", false];
  const { status, reason } = error as Partial<HttpError>;
  if (status === 404) {
    const what = "No log: this Jupyter server has no prismq_nb extension.";
    return [`${what} Install it where the server runs (pip install prismq-nb), restart it and reload.`, false];
  }
  if (status === 401 || (status === 403 && reason)) return ["You are signed out: sign in and reload.", true];
  // Without a reason of ours it is a server that has no login: Voila's, a gateway's.
  if (status === 403) return ["This server has no prismq_nb: show the run itself.", false];
  return [`The live log cannot be loaded from the Jupyter server (${error instanceof Error ? error.message : String(error)}).`, true];
}

async function load(): Promise<Viewer> {
  const [script, style] = await Promise.all([fetchText("viewer.js", "javascript"), fetchText("viewer.css", "css")]);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
  if (!page[VIEWER]) throw new Error("its script is not the viewer");
  document.adoptedStyleSheets.push(sheet);
  return page[VIEWER];
}

async function fetchText(name: string, type: string): Promise<string> {
  const init = { cache: "no-cache", redirect: "follow" } as const; // asks each time whether it is the same
  const response = await request(`prismq/static/${name}`, init);
  if (!response.headers.get("Content-Type")?.includes(type)) throw new HttpError(401, ""); // a login page
  return response.text();
}
