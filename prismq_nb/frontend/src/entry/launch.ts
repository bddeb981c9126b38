/** Launching from JupyterLab and Notebook 7: a script that is loaded when it is used first. */

import { launchScript } from "../lab/script-launch.js";
import type { LaunchModule } from "../lab/scripts.js";

export const launching: LaunchModule = { launchScript };
