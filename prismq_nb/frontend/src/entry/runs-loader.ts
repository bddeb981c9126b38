/** Fetch the view of all runs from the Jupyter server, once per page. As `loader.ts`. */

import type { Shared } from "../stream/shared.js";
import { evaluate } from "./loader.js";
import type { mountAllRuns } from "./mount-all-runs.js";

/** Members may be added, but not changed. */
export interface AllRunsScript {
  readonly mountAllRuns: typeof mountAllRuns;
  /** Added later: a page may have an older script. */
  readonly followList?: Shared["followList"];
}

const SCRIPT = Symbol.for("prismq_nb.all_runs.v1");
const page = globalThis as { [SCRIPT]?: AllRunsScript };

/** Called by the script when it is executed. */
export function offerAllRuns(script: AllRunsScript): void {
  page[SCRIPT] ??= script;
}

export function offeredAllRuns(): AllRunsScript | undefined {
  return page[SCRIPT];
}

/** @throws what `request` throws; a later call tries again. */
export async function loadAllRuns(): Promise<AllRunsScript> {
  if (!page[SCRIPT]) await evaluate("runs.js");
  if (!page[SCRIPT]) throw new Error("its script is not the view of all runs");
  return page[SCRIPT];
}
