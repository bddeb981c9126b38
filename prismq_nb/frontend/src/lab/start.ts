/**
 * What has to be there before JupyterLab restores its layout: the panel of all runs, and runs in
 * tabs. Notebook 7, which has neither, opens their pages.
 *
 * Everything else is a script of its own: the application waits for this one.
 */

import { lineAddress } from "../base/line-address.js";
import { url } from "../base/page.js";
import { isRunId } from "../base/protocol.js";
import {
  type Application,
  type ApplicationPackage,
  type AppUtils,
  COMMANDS,
  type LuminoIcon,
  type LuminoWidgets,
  type MainAreaWidget,
  type Plugin,
  type Restorer,
  type Shared,
} from "./application.js";
import { deferredWidget } from "./deferred.js";
import { RUNS_ICON } from "./icons.js";
import { Tabs } from "./tabs.js";
import type { OpenRun, RunTab, Views } from "./views.js";

const PANEL = "prismq-runs";
/** Below the file browser and the running sessions. */
const PANEL_RANK = 250;

/**
 * @param views loads the script with everything else.
 * @returns the plugin; undefined: this is no application that it knows.
 */
export async function startPlugin(
  shared: Shared,
  views: () => Promise<Views>,
): Promise<Plugin | undefined> {
  const [lumino, utils, application, icons] = await Promise.all([
    shared<LuminoWidgets>("@lumino/widgets"),
    shared<AppUtils>("@jupyterlab/apputils"),
    shared<ApplicationPackage>("@jupyterlab/application"),
    shared<LuminoIcon>("@jupyterlab/ui-components"),
  ]);
  if (!lumino || !utils || !application || !icons) return undefined;
  const activate = (app: Application, isLab: unknown, restorer: Restorer | null): void => {
    const icon = new icons.LabIcon({ name: "prismq:runs", svgstr: RUNS_ICON });
    if (isLab) {
      addPanel(app, lumino, icon, restorer, views);
      const draw = async (tab: RunTab) => (await views()).drawRun(tab, shared);
      addTabs(app, new Tabs(app, lumino, utils, icon, draw), restorer);
    } else {
      addPages(app);
    }
    void app.restored.then(views).then((loaded) => loaded.start(app, shared));
  };
  const optional = [application.ILabShell, application.ILayoutRestorer];
  return { id: "prismq-nb:panel", autoStart: true, optional, activate };
}

function addPanel(
  app: Application,
  lumino: LuminoWidgets,
  icon: object,
  restorer: Restorer | null,
  views: () => Promise<Views>,
): void {
  const open: OpenRun = (run_id, name, line) => {
    void app.commands.execute(COMMANDS.openRun, { run_id, name, line });
  };
  const panel = deferredWidget(lumino, async (node) =>
    (await views()).drawAllRuns(app, node, open),
  );
  panel.id = PANEL;
  panel.title.icon = icon;
  panel.title.caption = "Runs";
  panel.node.setAttribute("aria-label", "Runs");
  panel.node.setAttribute("role", "region");
  app.shell.add(panel, "left", { rank: PANEL_RANK });
  restorer?.add(panel, PANEL);
  app.commands.addCommand(COMMANDS.showRuns, {
    label: "Show Runs",
    caption: "Show all runs in the sidebar",
    icon,
    execute: () => app.shell.activateById(PANEL),
  });
}

function addTabs(app: Application, tabs: Tabs, restorer: Restorer | null): void {
  app.commands.addCommand(COMMANDS.openRun, {
    label: ({ name }) => (name ? `Open the Log of ${String(name)}` : "Open the Log of a Run"),
    isEnabled: ({ run_id }) => isRunId(run_id),
    execute: ({ run_id, name, line }) => {
      if (!isRunId(run_id)) return;
      return tabs.open(run_id, typeof name === "string" ? name : run_id, lineIn(line));
    },
  });
  void restorer?.restore(tabs.tracker, {
    command: COMMANDS.openRun,
    args: (widget: MainAreaWidget) => ({ ...tabs.of(widget) }),
    name: (widget: MainAreaWidget) => tabs.of(widget).run_id,
  });
}

function addPages(app: Application): void {
  app.commands.addCommand(COMMANDS.showRuns, {
    label: "Show Runs",
    caption: "Show all runs in a new tab of the browser",
    execute: () => openPage("prismq"),
  });
  app.commands.addCommand(COMMANDS.openRun, {
    label: "Open the Log of a Run",
    isEnabled: ({ run_id }) => isRunId(run_id),
    execute: ({ run_id, line: given }) => {
      const line = lineIn(given);
      const place = line === undefined ? "" : lineAddress([line, line]);
      if (isRunId(run_id)) openPage(`prismq/runs/${run_id}${place}`);
    },
  });
}

function lineIn(argument: unknown): number | undefined {
  return Number.isSafeInteger(argument) ? Number(argument) : undefined;
}

function openPage(path: string): void {
  window.open(url(path), "_blank", "noopener");
}
