/**
 * Fetch the viewer from the Jupyter server, once per page.
 *
 * So a widget's state holds this small file instead of the viewer, and the viewer always has the
 * server's version. Imports only `page.ts` and types.
 */

import { HttpError, isJupyter, request } from "../base/page.js";
import type { mountRun, mountRunsTable } from "./mount.js";
import type { mountSaved } from "./saved-block.js";

/**
 * The functions of the viewer's script. Pages may have other versions of this loader, so members
 * may be added, but not changed.
 */
export interface Viewer {
  readonly mountRun: typeof mountRun;
  /** Added later: a page may have an older viewer. */
  readonly mountRunsTable?: typeof mountRunsTable;
  readonly mountSaved?: typeof mountSaved;
}

const VIEWER = Symbol.for("prismq_nb.viewer.v1");
const LOADING = Symbol.for("prismq_nb.loading.v1");
/** Whether the page has the style sheet. */
const STYLED = Symbol.for("prismq_nb.css");
const page = globalThis as {
  [VIEWER]?: Viewer;
  [LOADING]?: Promise<Viewer> | undefined;
  [STYLED]?: boolean;
};

/** Called by the viewer's script when it is executed. */
export function offer(viewer: Viewer): void {
  page[VIEWER] ??= viewer;
}

export function offered(): Viewer | undefined {
  return page[VIEWER];
}

/**
 * Load the viewer.
 *
 * @throws what `request` throws; a later call tries again.
 */
export async function loadViewer(): Promise<Viewer> {
  if (page[VIEWER]) return page[VIEWER];
  page[LOADING] ??= load().finally(() => {
    page[LOADING] = undefined;
  });
  return page[LOADING];
}

/** Why the viewer could not be loaded, for people, and whether to try again. */
export function problem(error: unknown): [string, boolean] {
  if (!isJupyter()) return ["Open it in JupyterLab or Notebook 7 to see the log.", false];
  const { status, body, message } = error as Partial<HttpError>;
  if (status === 404) {
    const what = "No log: this Jupyter server has no prismq_nb extension.";
    return [
      `${what} Install it where the server runs (pip install prismq-nb), restart it and reload.`,
      false,
    ];
  }
  if (status === 401 || (status === 403 && body?.reason))
    return ["You are signed out: sign in and reload.", true];
  // Without a reason of ours it is a server without a login, such as Voila's or a gateway's.
  if (status === 403) return ["This server has no prismq_nb: display the run instead.", false];
  return [`The live log cannot be loaded from the Jupyter server (${message}).`, true];
}

async function load(): Promise<Viewer> {
  await evaluate("viewer.js");
  if (!page[VIEWER]) throw new Error("viewer.js is not the viewer");
  return page[VIEWER];
}

/**
 * Fetch and execute a script of the server, with the style sheet of all views.
 *
 * @throws what `request` throws.
 */
export async function evaluate(name: string): Promise<void> {
  const [script, style] = await Promise.all([
    fetchText(name, "javascript"),
    page[STYLED] ? "" : fetchText("viewer.css", "css"),
  ]);
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  await import(address).finally(() => URL.revokeObjectURL(address));
  if (page[STYLED]) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets.push(sheet);
  page[STYLED] = true;
}

async function fetchText(name: string, type: string): Promise<string> {
  // asks each time whether it is the same
  const init = { cache: "no-cache", redirect: "follow" } as const;
  const response = await request(`prismq/static/${name}`, init);
  // a login page
  if (!response.headers.get("Content-Type")?.includes(type)) throw new HttpError(401);
  return response.text();
}
