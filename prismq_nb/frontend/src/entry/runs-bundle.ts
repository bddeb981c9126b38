/**
 * The view of all runs as one classic script, `static/runs.js`, for its page and for JupyterLab's
 * panel. As `bundle.ts`, it puts its function on `globalThis`.
 */

import { shared } from "../stream/shared.js";
import { mountAllRuns } from "./mount-all-runs.js";
import { offerAllRuns } from "./runs-loader.js";

offerAllRuns({
  mountAllRuns,
  followList: (sink, options) => shared().followList(sink, options),
});
