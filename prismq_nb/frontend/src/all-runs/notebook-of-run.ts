/** From a run to the notebook that started it. */

import { LaunchDetails } from "../api/launch-details.js";
import { messageOf } from "../base/format.js";
import type { ListedRun } from "../runs/runs-text.js";
import { contentsPath } from "../viewer/file-paths.js";

/**
 * Show a notebook at a cell.
 *
 * @param path below Jupyter's root folder.
 * @param cell_id its id; undefined: unknown.
 */
export type OpenNotebook = (path: string, cell_id: string | undefined) => Promise<void>;

/** @returns a function that shows the notebook of a run, and says why it cannot. */
export function notebookOpener(
  open: OpenNotebook | undefined,
  say: (text: string) => void,
): ((run: ListedRun) => void) | undefined {
  if (!open) return undefined;
  const show = async ({ run_id, origin }: ListedRun): Promise<void> => {
    const notebook = origin?.notebook ?? "";
    const launch = await new LaunchDetails(run_id, () => undefined).load();
    const path = contentsPath(notebook, launch);
    if (path === undefined) return say(`${notebook} is not below Jupyter's root folder`);
    return open(path, origin?.cell_id ?? undefined);
  };
  return (run) => {
    show(run).catch((error) => say(`Could not open its notebook: ${messageOf(error)}`));
  };
}
