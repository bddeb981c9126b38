/**
 * The viewer as one classic script, `static/viewer.js`: it leaves what it offers on `globalThis`, for the page (a script tag) and for the loader
 * of cells and of the lab extension. Not a module, because JupyterHub refuses a module script, which is fetched without an XSRF header.
 */

import { offer } from "./loader.js";
import { mountRun, mountRunsTable } from "./mount.js";
import { mountSaved } from "./saved-block.js";

offer({ mountRun, mountRunsTable, mountSaved });
