/** Fetch what follows the list of runs, once per page. */

import type { ListOptions, ListSink, ListSubscription } from "../stream/list-followers.js";
import { loadAllRuns } from "./runs-loader.js";

/** @throws what `request` throws; a later call tries again. */
export async function followList(sink: ListSink, options: ListOptions): Promise<ListSubscription> {
  const { followList: follow } = await loadAllRuns();
  if (!follow) throw new Error("runs.js is older than this extension: reload the page");
  return follow(sink, options);
}
