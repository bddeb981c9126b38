/**
 * Run a script in the background: commands for the file browser and the editor of JupyterLab and
 * Notebook 7, whose menus are in `schemas/plugin.json`.
 */

import { request } from "../base/page.js";
import {
  type Application,
  type AppUtils,
  type Arguments,
  COMMANDS,
  type Plugin,
  type Shared,
} from "./application.js";
import type { Editor, launchScript, Script } from "./script-launch.js";

const SCRIPT = /\.(?:py|sh)$/i;
/** The server's files, and the same ones as real-time collaboration names them. */
const DRIVES = ["", "RTC"];

interface Factory {
  readonly tracker: {
    readonly currentWidget: {
      selectedItems(): Iterable<{ readonly path: string; readonly type: string }>;
    } | null;
  };
}
interface Editors {
  readonly currentWidget: Editor | null;
  find(matches: (editor: Editor) => boolean): Editor | undefined;
}
interface Palette {
  addItem(item: { readonly command: string; readonly category: string; args: object }): unknown;
}

/** What is loaded when it is used first. */
export interface LaunchModule {
  readonly launchScript: typeof launchScript;
}

/** Not where the application has no files. */
export async function scriptsPlugin(
  shared: Shared,
  load: () => Promise<LaunchModule>,
): Promise<Plugin | undefined> {
  const [utils, browser, editor] = await Promise.all([
    shared<AppUtils>("@jupyterlab/apputils"),
    shared<{ readonly IFileBrowserFactory: unknown }>("@jupyterlab/filebrowser"),
    shared<{ readonly IEditorTracker: unknown }>("@jupyterlab/fileeditor"),
  ]);
  if (!utils || !browser || !editor) return undefined;
  const activate = (
    app: Application,
    factory: Factory | null,
    editors: Editors | null,
    palette: Palette | null,
  ): void => {
    const scripts = new Scripts(app, factory, editors, async (script) => {
      await (await load()).launchScript(app, shared, script);
    });
    scripts.addCommands();
    for (const command of [COMMANDS.runFile, COMMANDS.runFileWithArguments])
      palette?.addItem({ command, category: "Runs", args: { in: "editor" } });
    void scripts.askServer();
  };
  const optional = [browser.IFileBrowserFactory, editor.IEditorTracker, utils.ICommandPalette];
  return { id: "prismq-nb:scripts", autoStart: true, optional, activate };
}

class Scripts {
  readonly #app: Application;
  readonly #factory: Factory | null;
  readonly #editors: Editors | null;
  readonly #run: (script: Script) => Promise<void>;
  /** Whether what the file browser shows are files of the server. */
  #areFiles = false;

  constructor(
    app: Application,
    factory: Factory | null,
    editors: Editors | null,
    run: (script: Script) => Promise<void>,
  ) {
    this.#app = app;
    this.#factory = factory;
    this.#editors = editors;
    this.#run = run;
  }

  addCommands(): void {
    const isVisible = (args: Arguments): boolean => this.#fileOf(args) !== undefined;
    this.#app.commands.addCommand(COMMANDS.runFile, {
      label: "Run in the Background",
      caption: "Run the script as a run with a log, in its folder",
      isVisible,
      isEnabled: isVisible,
      execute: (args) => this.#execute(args, false),
    });
    this.#app.commands.addCommand(COMMANDS.runFileWithArguments, {
      label: "Run with Arguments…",
      caption: "Choose arguments, working directory and kernel, and run the script as a run",
      isVisible,
      isEnabled: isVisible,
      execute: (args) => this.#execute(args, true),
    });
  }

  async askServer(): Promise<void> {
    const answer = await request("api/health").then((response) => response.json());
    this.#areFiles = (answer as { contents_files?: unknown }).contents_files === true;
    this.#app.commands.notifyCommandChanged();
  }

  /** The script that a command is for: in an editor, or selected in the file browser. */
  #fileOf({ path, in: where }: Arguments): string | undefined {
    if (!this.#areFiles) return undefined;
    const found =
      typeof path === "string"
        ? path
        : where === "editor"
          ? this.#editors?.currentWidget?.context.path
          : this.#selected();
    const isScript = found !== undefined && SCRIPT.test(found);
    return isScript && DRIVES.includes(this.#app.serviceManager.contents.driveName(found))
      ? found
      : undefined;
  }

  #selected(): string | undefined {
    const [file, another] = this.#factory?.tracker.currentWidget?.selectedItems() ?? [];
    return another || file?.type === "directory" ? undefined : file?.path;
  }

  async #execute(args: Arguments, asks: boolean): Promise<void> {
    const path = this.#fileOf(args);
    if (path === undefined) return;
    const editor = this.#editors?.find(({ context }) => context.path === path);
    await this.#run({ path, editor, asks });
  }
}
