/**
 * The viewer as one classic script, `static/viewer.js`. It puts its functions on `globalThis`, for
 * the page (a script tag) and for the loader of cells and lab extension. Not a module, because
 * JupyterHub refuses module scripts, which are fetched without an XSRF header.
 */

import { offer } from "./loader.js";
import { mountRun, mountRunsTable } from "./mount.js";
import { mountSaved } from "./saved-block.js";

offer({ mountRun, mountRunsTable, mountSaved });
