/** The number of running runs in JupyterLab's status bar; Notebook 7 has none. */

import type { Activity } from "../runs/activity.js";
import { runningText } from "../runs/running-text.js";
import {
  type Application,
  COMMANDS,
  type LuminoWidgets,
  type Plugin,
  type Shared,
} from "./application.js";
import type { RunSettings } from "./settings.js";

/** Beside the kernels and terminals that are running. */
const RANK = 2;

interface StatusBar {
  registerStatusItem(
    id: string,
    item: {
      readonly item: object;
      readonly align: "left";
      readonly rank: number;
      readonly isActive: () => boolean;
      readonly activeStateChanged: {
        connect(slot: () => void): void;
        disconnect(slot: () => void): void;
      };
    },
  ): unknown;
}

export async function statusPlugin(
  shared: Shared,
  activity: Activity,
  settings: RunSettings,
): Promise<Plugin | undefined> {
  const [lumino, statusbar] = await Promise.all([
    shared<LuminoWidgets>("@lumino/widgets"),
    shared<{ readonly IStatusBar: unknown }>("@jupyterlab/statusbar"),
  ]);
  if (!lumino || !statusbar) return undefined;
  const activate = (app: Application, bar: StatusBar | null): void => {
    if (bar) addItem(app, bar, lumino, activity, settings);
  };
  return { id: "prismq-nb:status", autoStart: true, optional: [statusbar.IStatusBar], activate };
}

function addItem(
  app: Application,
  bar: StatusBar,
  lumino: LuminoWidgets,
  activity: Activity,
  settings: RunSettings,
): void {
  const item = new lumino.Widget();
  const button = document.createElement("button");
  button.type = "button";
  button.className = "jp-StatusBar-TextItem";
  button.style.cssText = "padding:0;border:0;background:none;cursor:pointer";
  button.addEventListener("click", () => void app.commands.execute(COMMANDS.showRuns));
  item.id = "prismq-status";
  item.addClass("jp-mod-highlighted");
  item.node.append(button);
  const changed = new Set<() => void>();
  let isShown = false;
  const show = (): void => {
    const { text, title } = runningText(activity.runs);
    if (button.textContent !== text) button.textContent = text;
    if (item.node.title !== title) item.node.title = title;
    const shows = text !== "" && settings.statusBar;
    if (shows === isShown) return;
    isShown = shows;
    for (const slot of changed) slot();
  };
  bar.registerStatusItem(item.id, {
    item,
    align: "left",
    rank: RANK,
    isActive: () => isShown,
    activeStateChanged: {
      connect: (slot) => changed.add(slot),
      disconnect: (slot) => changed.delete(slot),
    },
  });
  settings.onChange(show);
  activity.join({ active: show });
}
