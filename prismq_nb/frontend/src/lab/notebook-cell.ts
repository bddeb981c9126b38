/** Show a notebook at a cell. */

import type { Application } from "./application.js";

interface Cell {
  readonly model: { readonly id: string };
}
/** The part of a notebook that is used here. */
interface Opened {
  readonly context?: { readonly ready?: Promise<void> };
  readonly content?: {
    readonly widgets?: readonly Cell[];
    activeCellIndex: number;
    scrollToItem?(index: number): Promise<void>;
  };
}

/**
 * @param path below Jupyter's root folder.
 * @param cell_id the cell to show; undefined, or one that is not there any more: the notebook only.
 * @throws whatever the application throws.
 */
export async function openNotebook(
  app: Application,
  path: string,
  cell_id: string | undefined,
): Promise<void> {
  const opened = (await app.commands.execute("docmanager:open", { path })) as Opened | undefined;
  await opened?.context?.ready;
  const content = opened?.content;
  const index = content?.widgets?.findIndex(({ model }) => model.id === cell_id) ?? -1;
  if (!content || index < 0) return;
  content.activeCellIndex = index;
  await content.scrollToItem?.(index);
}
