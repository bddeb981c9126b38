/** Launch a script, with or without a form. A script of its own: it is loaded when it is used. */

import { failureOf } from "../api/failure.js";
import { HttpError, request } from "../base/page.js";
import {
  type Application,
  type AppUtils,
  COMMANDS,
  type LuminoWidgets,
  type Shared,
} from "./application.js";
import { showForm } from "./launch-form.js";
import { type LaunchChoices, remember, remembered } from "./launch-memory.js";
import { type KernelChoice, kernelFor, pythonKernels } from "./script-kernel.js";

const NOTHING: LaunchChoices = { arguments: "", cwd: "" };

export interface Editor {
  readonly context: {
    readonly path: string;
    readonly model: { readonly dirty: boolean };
    save(): Promise<void>;
  };
}
export interface Script {
  /** As the application names it, with its drive. */
  readonly path: string;
  /** Where it is open. */
  readonly editor: Editor | undefined;
  /** Ask for its arguments before. */
  readonly asks: boolean;
}

/** Launch a script and show its log; where that is not possible, the form says why. */
export async function launchScript(
  app: Application,
  shared: Shared,
  script: Script,
): Promise<void> {
  const { kernels, kernel } = await kernelsFor(app, script.path);
  const last = script.asks ? remembered(script.path) : undefined;
  const isKnown = kernels?.some(({ name }) => name === last?.kernel) || last?.kernel === "";
  const choices = { ...NOTHING, ...last, kernel: isKnown ? last?.kernel : kernel };
  const problem = script.asks ? "" : await launch(app, script, choices);
  if (!script.asks && !problem) return;
  const [lumino, utils] = await Promise.all([
    shared<LuminoWidgets>("@lumino/widgets"),
    shared<AppUtils>("@jupyterlab/apputils"),
  ]);
  if (!lumino || !utils) return;
  await showForm(lumino, utils.Dialog, {
    name: script.path.slice(script.path.lastIndexOf("/") + 1),
    choices,
    kernels,
    problem,
    launch: async (chosen) => {
      const found = await launch(app, script, chosen);
      if (!found) remember(script.path, chosen);
      return found;
    },
  });
}

/** The kernels that can run a script, and the one that its folder uses; none: it is not Python. */
async function kernelsFor(
  { serviceManager: { kernelspecs, sessions } }: Application,
  path: string,
): Promise<{ readonly kernels?: readonly KernelChoice[]; readonly kernel?: string | undefined }> {
  if (!path.toLowerCase().endsWith(".py")) return {};
  await Promise.all([kernelspecs.ready, sessions.ready]);
  const { specs } = kernelspecs;
  return { kernels: pythonKernels(specs), kernel: kernelFor(path, specs, sessions.running()) };
}

/** Return why it cannot be launched; empty: it runs, and its log is shown. */
async function launch(
  app: Application,
  { path, editor }: Script,
  { arguments: typed, cwd, kernel }: LaunchChoices,
): Promise<string> {
  try {
    if (editor) await save(editor);
    const body = JSON.stringify({
      contents_path: app.serviceManager.contents.localPath(path),
      arguments: typed,
      terminal: true,
      ...(cwd && { cwd }),
      ...(kernel && { kernel }),
    });
    const headers = { "Content-Type": "application/json" };
    const answer = await request("api/runs", { method: "POST", headers, body });
    const run = (await answer.json()) as Readonly<Record<"run_id" | "module_name", string>>;
    void app.commands.execute(COMMANDS.openRun, { run_id: run.run_id, name: run.module_name });
    return "";
  } catch (error) {
    return problemOf(error);
  }
}

/** What runs is what the person sees. */
async function save({ context }: Editor): Promise<void> {
  if (!context.model.dirty) return;
  await context.save();
  if (context.model.dirty) throw new Error("the file has changes that could not be saved");
}

/** Mistakes in a launch are reported in the server's words. */
function problemOf(error: unknown): string {
  if (error instanceof HttpError && error.status === 400 && error.body.message)
    return error.body.message;
  return failureOf(error, true).message;
}
