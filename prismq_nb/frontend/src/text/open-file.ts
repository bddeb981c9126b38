/**
 * Open a file at a line: in JupyterLab in its editor, in Notebook 7 in a new tab.
 *
 * The lab extension (`notebooks.ts`) hands over its application in response to an event. The rest
 * is here, because every page loads the extension.
 */

import { request, url } from "../base/page.js";
import type { FileLocation } from "./file-locations.js";

/** The part of the application that is used here, which is the same in all versions. */
interface Application {
  readonly name?: string;
  readonly commands: { execute(id: string, args: object): Promise<unknown> };
}
interface Position {
  readonly line: number;
  readonly column: number;
}
interface Opened {
  readonly context?: { readonly ready?: Promise<void> };
  readonly content?: {
    readonly editor?: {
      setCursorPosition(position: Position): void;
      revealPosition?(position: Position): void;
      focus(): void;
    };
  };
}

export const ASK_EVENT = "prismq-application";

/** The application of this page; undefined: the run's own page, or another front end. */
function application(): Application | undefined {
  let found: Application | undefined;
  const detail = (app: Application): void => {
    found = app;
  };
  document.dispatchEvent(new CustomEvent(ASK_EVENT, { detail }));
  return found;
}

/** Whether files can be opened here. */
export function canOpen(): boolean {
  return application() !== undefined;
}

/**
 * Open a file at a location.
 *
 * @param path below Jupyter's root folder.
 * @returns the notice to show, possibly empty; undefined: there is no such file, or no editor.
 */
export async function openFile(
  path: string,
  { line, column = 1 }: FileLocation,
): Promise<string | undefined> {
  const app = application();
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  if (!app || !(await isFile(encoded))) return undefined;
  if (app.name !== "JupyterLab") {
    if (!window.open(url(`edit/${encoded}`))) return undefined;
    return `Opened ${path.split("/").at(-1)} in a new tab: go to line ${line}`;
  }
  const opened = (await app.commands.execute("docmanager:open", { path, factory: "Editor" })) as
    | Opened
    | undefined;
  await opened?.context?.ready;
  const editor = opened?.content?.editor;
  const position = { line: line - 1, column: column - 1 };
  editor?.setCursorPosition(position);
  editor?.revealPosition?.(position);
  editor?.focus();
  return opened ? "" : undefined;
}

async function isFile(encoded: string): Promise<boolean> {
  try {
    const answer = await request(`api/contents/${encoded}?content=0`);
    return ((await answer.json()) as { readonly type?: unknown }).type !== "directory";
  } catch {
    return false;
  }
}
