/**
 * What JupyterLab and Notebook 7 do not wait for when they start: a script of its own.
 *
 * Another feature of the applications is one more plugin here.
 */

import type { ViewerOptions } from "../base/options.js";
import { request } from "../base/page.js";
import type { Application, Plugin, Shared } from "../lab/application.js";
import type { Drawn } from "../lab/deferred.js";
import { openNotebook } from "../lab/notebook-cell.js";
import { noticesPlugin, pageStorage, storageName } from "../lab/notices.js";
import { palettePlugin } from "../lab/palette.js";
import { runView } from "../lab/run-view.js";
import { runningPlugin } from "../lab/running.js";
import { type LaunchModule, scriptsPlugin } from "../lab/scripts.js";
import { RunSettings, settingsPlugin } from "../lab/settings.js";
import { statusPlugin } from "../lab/status-item.js";
import type { OpenRun, RunTab, Views } from "../lab/views.js";
import { readLastSeen } from "../notices/last-seen.js";
import { Activity } from "../runs/activity.js";
import type { RunsPage } from "../runs/runs-text.js";
import { followList } from "./list-loader.js";
import type { ViewerHandle } from "./mount.js";
import { plugin as notebooks } from "./notebooks.js";
import { RunOutput } from "./run-output.js";
import { loadAllRuns } from "./runs-loader.js";
import { RunsOutput } from "./runs-output.js";
import { plugin as watchCells } from "./watch-cells.js";
import { whenLoaded, withViewer } from "./with-viewer.js";

/** Name of the script beside this one that launches; set by the build. */
declare const LAUNCH: string;

const settings = new RunSettings();
const activity = new Activity({
  follow: followList,
  ask: async (query) => (await (await request(`api/runs?${query}`)).json()) as RunsPage,
  visible: () => document.visibilityState === "visible",
  now: () => Date.now(),
  random: () => Math.random(),
});

/** None of them needs another one; undefined: the application lacks what it is about. */
const PLUGINS: readonly ((shared: Shared) => Promise<Plugin | undefined>)[] = [
  notebooks,
  watchCells,
  (shared) => palettePlugin(shared, activity),
  (shared) => settingsPlugin(shared, settings),
  (shared) => statusPlugin(shared, activity, settings),
  (shared) => runningPlugin(shared, activity),
  (shared) => noticesPlugin(shared, activity, settings),
  (shared) => scriptsPlugin(shared, loadLaunching),
];

export const views: Views = {
  start,
  drawOutput: (node) => new RunOutput(node),
  drawTable: (node) => new RunsOutput(node),
  drawAllRuns,
  drawRun,
};

async function loadLaunching(): Promise<LaunchModule> {
  const script: { launching: LaunchModule } = await import(`${new URL(LAUNCH, import.meta.url)}`);
  return script.launching;
}

async function start(app: Application, shared: Shared): Promise<void> {
  activity.expect(readLastSeen(storageName("active"), pageStorage(), Date.now()));
  document.addEventListener("visibilitychange", () => activity.review());
  const started = PLUGINS.map(async (make) => {
    const plugin = await make(shared);
    if (!plugin) return;
    app.registerPlugin(plugin);
    await app.activatePlugin(plugin.id);
  });
  const failures = (await Promise.allSettled(started)).filter(
    ({ status }) => status === "rejected",
  );
  for (const failure of failures) {
    // biome-ignore lint/suspicious/noConsole: for whoever looks why a feature is missing
    console.warn("prismq-nb:", (failure as PromiseRejectedResult).reason);
  }
}

function drawAllRuns(app: Application, node: HTMLElement, open: OpenRun): Drawn {
  let view: Drawn | undefined;
  const onNotebook = (path: string, cell_id: string | undefined): Promise<void> =>
    openNotebook(app, path, cell_id);
  const cancel = whenLoaded(node, loadAllRuns, ({ mountAllRuns }) => {
    view = mountAllRuns(node, { onOpen: open, onNotebook });
  });
  const dispose = (): void => {
    cancel();
    view?.dispose();
  };
  return { focus: () => view?.focus?.(), dispose };
}

function drawRun(tab: RunTab, shared: Shared): Promise<Drawn> {
  return runView(tab, shared, ({ node, run_id, line }, onRun) => {
    let from = line;
    let viewer: ViewerHandle | undefined;
    const options = (): Partial<ViewerOptions> =>
      from === undefined ? {} : { line: from, lastLine: undefined, follow: false };
    const cancel = withViewer(node, ({ mountRun }) => {
      viewer = mountRun(node, { run_id, options: { fill: true, ...options() }, onRun });
    });
    return {
      show: (next) => {
        from = next;
        viewer?.update(options());
      },
      dispose: () => {
        cancel();
        viewer?.dispose();
      },
    };
  });
}
