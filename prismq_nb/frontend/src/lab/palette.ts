/**
 * Commands about runs, in the command palette and the launcher; their shortcuts are in
 * `schemas/plugin.json`.
 */

import { all, BULK } from "../all-runs/bulk.js";
import { open } from "../api/ask.js";
import { countOf, messageOf } from "../base/format.js";
import { listOf } from "../base/short-text.js";
import type { Activity } from "../runs/activity.js";
import type { RunsPage } from "../runs/runs-text.js";
import { type Application, COMMANDS, type Plugin, type Shared } from "./application.js";

/** Runs named in the question before all are stopped. */
const MAX_NAMES = 5;
const NAME_CHARS = 40;

/** Below the tiles of the application's own packages. */
const LAUNCHER_RANK = 10;

interface Launcher {
  add(item: {
    readonly command: string;
    readonly category: string;
    readonly rank: number;
  }): unknown;
}
interface Palette {
  addItem(item: { readonly command: string; readonly category: string }): unknown;
}
/** The parts of @jupyterlab/apputils that are used here. */
interface Utils {
  readonly ICommandPalette: unknown;
  readonly Notification: { error(message: string, options: { readonly autoClose: false }): string };
  readonly Dialog: {
    okButton(): object;
    cancelButton(): object;
    warnButton(options: { readonly label: string }): object;
  };
  showDialog(options: {
    readonly title: string;
    readonly body: string;
    readonly buttons: readonly object[];
    readonly defaultButton?: number;
  }): Promise<{ readonly button: { readonly accept: boolean } }>;
}

export async function palettePlugin(
  shared: Shared,
  activity: Activity,
): Promise<Plugin | undefined> {
  const utils = await shared<Utils>("@jupyterlab/apputils");
  if (!utils) return undefined;
  const launcher = await shared<{ readonly ILauncher: unknown }>("@jupyterlab/launcher");
  const activate = (app: Application, palette: Palette | null, tiles?: Launcher | null): void => {
    addCommands(app, utils, activity);
    const { showRuns, openNewestRun, stopAllRuns, allowNotices } = COMMANDS;
    for (const command of [showRuns, openNewestRun, stopAllRuns, allowNotices])
      palette?.addItem({ command, category: "Runs" });
    tiles?.add({ command: showRuns, category: "Other", rank: LAUNCHER_RANK });
  };
  const optional = [utils.ICommandPalette, ...(launcher ? [launcher.ILauncher] : [])];
  return { id: "prismq-nb:palette", autoStart: true, optional, activate };
}

function addCommands(app: Application, utils: Utils, activity: Activity): void {
  const report = (problem: string): void => {
    utils.Notification.error(problem, { autoClose: false });
  };
  app.commands.addCommand(COMMANDS.openNewestRun, {
    label: "Open the Log of the Newest Run",
    execute: () =>
      openNewest(app).catch((error) => report(`Could not open the log: ${messageOf(error)}`)),
  });
  app.commands.addCommand(COMMANDS.stopAllRuns, {
    label: "Stop All Runs\u2026",
    execute: () => stopAll(utils, activity, report),
  });
}

async function openNewest(app: Application): Promise<void> {
  const { runs } = (await (await open("api/runs?limit=1")).json()) as RunsPage;
  const [run] = runs;
  if (!run) await app.commands.execute(COMMANDS.showRuns);
  else {
    const { run_id, module_name: name } = run;
    await app.commands.execute(COMMANDS.openRun, { run_id, name });
  }
}

async function stopAll(
  { Dialog, showDialog }: Utils,
  activity: Activity,
  report: (problem: string) => void,
): Promise<void> {
  await activity.refresh();
  const runs = activity.runs.filter(BULK.Stop.applies);
  if (!runs.length) {
    const body = "Nothing is running on this server.";
    await showDialog({ title: "No run to stop", body, buttons: [Dialog.okButton()] });
    return;
  }
  const names = runs.map(({ module_name }) => module_name);
  const { button } = await showDialog({
    title: `Stop ${countOf(runs.length, "run")}?`,
    body: `${listOf(names, MAX_NAMES, NAME_CHARS)}. ${BULK.Stop.warning}`,
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: "Stop" })],
    defaultButton: 0,
  });
  if (!button.accept) return;
  const { left, sentence } = await all(BULK.Stop, runs);
  if (left) report(sentence);
}
