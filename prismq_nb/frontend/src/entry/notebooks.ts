/**
 * The plugin of JupyterLab and Notebook 7 that refreshes the saved texts of runs when a notebook is
 * saved.
 *
 * `context.saveState` reports "started" when the content has been read, too late for requests, so
 * `context.save` itself waits for the answers.
 */

import type { Plugin, Shared } from "../lab/application.js";
import { RUN_MIME } from "./mime.js";
import { type Output, onWritten, refresh, textOf } from "./saved-output.js";

/** Maximum delay (ms) of saving a notebook. */
const SAVE_MS = 2_000;
/**
 * With real-time collaboration, each client waits this long (ms) for the one before it: two that
 * write would duplicate the output.
 */
const TURN_MS = 3_000;
/**
 * Random extra delay (ms): all clients see the end of a run at once, but learn of each other only
 * after some seconds.
 */
const APART_MS = 1_500;

/** The part of JupyterLab's notebooks that is used here. */
interface Listed<T> {
  readonly length: number;
  get(index: number): T;
}
interface Awareness {
  readonly clientID: number;
  getStates(): ReadonlyMap<number, unknown>;
}
interface Cell {
  readonly outputs?: Listed<Output> & { set(index: number, output: unknown): void };
  /** The content that is saved. */
  readonly sharedModel?: {
    toJSON(): { readonly outputs?: readonly { readonly data?: Output["data"] }[] };
  };
}
interface Model {
  readonly cells?: Listed<Cell>;
  /** Real-time collaboration is on. */
  readonly collaborative?: boolean;
  readonly sharedModel?: { readonly awareness?: Awareness };
}
interface Panel {
  readonly content: { readonly model?: Model | null };
  readonly context: { save(): Promise<void>; readonly model: { readonly readOnly?: boolean } };
  readonly disposed: { connect(slot: () => void): unknown };
}
interface Tracker {
  readonly widgetAdded: { connect(slot: (tracker: unknown, panel: Panel) => void): unknown };
  forEach(each: (panel: Panel) => void): void;
}

const panels = new Set<Panel>();

/** Not where the application has no notebooks. */
export async function plugin(shared: Shared): Promise<Plugin | undefined> {
  const notebook = await shared<{ readonly INotebookTracker: unknown }>("@jupyterlab/notebook");
  if (!notebook) return undefined;
  const activate = (app: unknown, tracker: Tracker | null): void => {
    // Viewers need the application to open files (`open-file.ts`).
    document.addEventListener("prismq-application", (event) =>
      (event as CustomEvent<(app: unknown) => void>).detail(app),
    );
    onWritten(settle);
    tracker?.forEach(keep);
    tracker?.widgetAdded.connect((_, panel) => keep(panel));
  };
  const optional = [notebook.INotebookTracker];
  return { id: "prismq-nb:notebooks", autoStart: true, optional, activate };
}

/** How long (ms) to wait for other clients of the notebook before writing to an output. */
export function turnOf(output: Output): number {
  for (const panel of panels) {
    if (outputsOf(panel).includes(output))
      return turn(panel) + (isShared(panel) ? Math.random() * APART_MS : 0);
  }
  return 0;
}

function keep(panel: Panel): void {
  if (panels.has(panel)) return;
  panels.add(panel);
  panel.disposed.connect(() => panels.delete(panel));
  const { context } = panel;
  const save = context.save.bind(context);
  context.save = async () => {
    const wait = turn(panel);
    if (context.model.readOnly) return save();
    if (wait) setTimeout(() => void refreshAll(panel), wait);
    else await refreshAll(panel);
    return save();
  };
}

/** Refresh all outputs. Never throws, and takes at most `SAVE_MS`. */
async function refreshAll(panel: Panel): Promise<void> {
  const signal = AbortSignal.timeout(SAVE_MS);
  await Promise.all(outputsOf(panel).map((output) => refresh(output, signal)));
}

/**
 * Copy a changed output to the shared model: JupyterLab 4.0 saves that model, but updates it only
 * for new outputs.
 */
function settle(output: Output): void {
  for (const { outputs, sharedModel } of [...panels].flatMap(cellsOf)) {
    const index = listed(outputs).indexOf(output);
    if (index < 0) continue;
    const { data = {} } = sharedModel?.toJSON().outputs?.[index] ?? {};
    const isSaved =
      textOf({ data }) === textOf(output) && same(data[RUN_MIME], output.data[RUN_MIME]);
    if (!isSaved && output.toJSON) outputs?.set(index, output.toJSON());
    return;
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function outputsOf(panel: Panel): Output[] {
  return cellsOf(panel)
    .flatMap(({ outputs }) => listed(outputs))
    .filter(({ data }) => data?.[RUN_MIME] !== undefined);
}

function cellsOf(panel: Panel): Cell[] {
  return listed(panel.content.model?.cells);
}

function listed<T>(list: Listed<T> | undefined): T[] {
  return Array.from({ length: list?.length ?? 0 }, (_, index) => (list as Listed<T>).get(index));
}

/**
 * Delay (ms) of this client; 0: it writes first. Without real-time collaboration it is alone with
 * its copy.
 */
function turn(panel: Panel): number {
  const { awareness } = panel.content.model?.sharedModel ?? {};
  if (!awareness || !isShared(panel)) return 0;
  return TURN_MS * [...awareness.getStates().keys()].filter((id) => id < awareness.clientID).length;
}

function isShared(panel: Panel): boolean {
  return panel.content.model?.collaborative === true;
}
