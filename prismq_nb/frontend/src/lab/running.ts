/** Running runs in JupyterLab's panel "Running", and in Notebook 7's tab of that name. */

import { all, BULK } from "../all-runs/bulk.js";
import { argumentsOf, percentOf, startOf } from "../all-runs/run-words.js";
import { duration } from "../base/format.js";
import type { Activity } from "../runs/activity.js";
import type { ListedRun } from "../runs/runs-text.js";
import {
  type Application,
  type AppUtils,
  COMMANDS,
  type LuminoIcon,
  type Plugin,
  type Shared,
} from "./application.js";
import { stateIcon } from "./run-view.js";

/** The parts of `IRunningSessions` that the oldest version has. */
interface Item {
  open(): void;
  /** Absent: it has no button. */
  shutdown?: () => void;
  icon(): object;
  label(): string;
  labelTitle(): string;
  detail(): string;
}
interface Emitter {
  emit(value?: unknown): void;
}
interface Manager {
  readonly name: string;
  shutdownAll(): void;
  running(): readonly Item[];
  refreshRunning(): void;
  readonly runningChanged: Emitter;
  readonly shutdownLabel: string;
  readonly shutdownAllLabel: string;
  readonly shutdownAllConfirmationText: string;
}
interface Managers {
  add(manager: Manager): unknown;
}
interface Signaling {
  readonly Signal: new (sender: object) => Emitter;
}

/** The times in the panel are in minutes. */
const TICK_MS = 20_000;
const MINUTE_SECONDS = 60;
const MINUTE_MS = 60_000;
const { warning } = BULK.Stop;
const STOP_ALL = `Stops all runs of this server, wherever they were started. ${warning}`;

/** Not where the application has no such panel. */
export async function runningPlugin(
  shared: Shared,
  activity: Activity,
): Promise<Plugin | undefined> {
  const [running, signaling, icons, utils] = await Promise.all([
    shared<{ readonly IRunningSessionManagers: unknown }>("@jupyterlab/running"),
    shared<Signaling>("@lumino/signaling"),
    shared<LuminoIcon>("@jupyterlab/ui-components"),
    shared<AppUtils>("@jupyterlab/apputils"),
  ]);
  if (!running || !signaling || !icons || !utils) return undefined;
  const activate = (app: Application, managers: Managers | null): void => {
    if (!managers) return;
    const runningChanged = new signaling.Signal({});
    activity.join({ active: () => runningChanged.emit() });
    const open = ({ run_id, module_name: name }: ListedRun): void => {
      void app.commands.execute(COMMANDS.openRun, { run_id, name });
    };
    const stop = async (runs: readonly ListedRun[]): Promise<void> => {
      const { left, sentence } = await all(BULK.Stop, runs.filter(BULK.Stop.applies));
      if (left) utils.Notification.error(sentence, { autoClose: false });
    };
    setInterval(() => {
      if (activity.runs.length && document.visibilityState === "visible") runningChanged.emit();
    }, TICK_MS);
    const icon = ({ status }: ListedRun): object =>
      new icons.LabIcon({ name: `prismq:${status}`, svgstr: stateIcon(status) });
    const acts = { open, stop: (run: ListedRun) => void stop([run]), icon };
    managers.add({
      name: "Runs",
      shutdownAll: () => void stop(activity.runs),
      running: () => activity.runs.map((run) => itemOf(run, acts)),
      refreshRunning: () => void activity.refresh(),
      runningChanged,
      shutdownLabel: "Stop",
      shutdownAllLabel: "Stop All",
      shutdownAllConfirmationText: STOP_ALL,
    });
  };
  const optional = [running.IRunningSessionManagers];
  return { id: "prismq-nb:running", autoStart: true, optional, activate };
}

interface Acts {
  open(run: ListedRun): void;
  stop(run: ListedRun): void;
  icon(run: ListedRun): object;
}

function itemOf(run: ListedRun, { open, stop, icon }: Acts): Item {
  return {
    open: () => open(run),
    // to kill a run that was asked to stop, or to give it up, is left to its viewer, which says so
    ...(BULK.Stop.applies(run) && { shutdown: () => stop(run) }),
    icon: () => icon(run),
    label: () => run.module_name,
    labelTitle: () => tooltip(run),
    detail: () => detailOf(run, Date.now()),
  };
}

/** `42%`, or else `3 min`: there is room for no more. */
export function detailOf(run: ListedRun, now: number): string {
  if (run.status === "queued") return "queued";
  if (run.stopping) return "stopping";
  if (run.unreachable) return "unreachable";
  const percent = percentOf(run);
  if (percent !== undefined) return `${Math.floor(percent)}%`;
  const started = Date.parse(run.started_at ?? run.created_at);
  const minutes = Math.floor((now - started) / MINUTE_MS);
  return minutes < 1 ? "< 1 min" : duration(MINUTE_SECONDS * minutes);
}

function tooltip(run: ListedRun): string {
  const command = [run.module_name, argumentsOf(run)].filter(Boolean).join(" ");
  return [command, startOf(run, Date.now())[1], run.run_id].join("\n");
}
