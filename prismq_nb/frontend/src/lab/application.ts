/**
 * The parts of JupyterLab and Notebook 7 that are used here. All of them are in the oldest
 * supported versions; Notebook 7 has neither `ILabShell` nor `ILayoutRestorer`, status bar or
 * launcher.
 */

export interface Signal<T = unknown> {
  connect(slot: (sender: unknown, value: T) => void): unknown;
  disconnect(slot: (sender: unknown, value: T) => void): unknown;
}
export interface Title {
  label: string;
  caption: string;
  closable: boolean;
  icon: unknown;
}
/** A widget of Lumino. */
export interface Widget {
  id: string;
  readonly node: HTMLElement;
  readonly title: Title;
  readonly isDisposed: boolean;
  readonly isVisible: boolean;
  readonly disposed: Signal;
  addClass(name: string): void;
  dispose(): void;
}
export interface LuminoWidgets {
  readonly Widget: new () => Widget;
}
export interface MainAreaWidget extends Widget {
  readonly content: Widget;
}

export type Arguments = Readonly<Record<string, unknown>>;
export interface Command {
  readonly label: string | ((args: Arguments) => string);
  readonly caption?: string;
  readonly icon?: unknown;
  readonly describedBy?: object;
  readonly execute: (args: Arguments) => unknown;
  readonly isEnabled?: (args: Arguments) => boolean;
  readonly isVisible?: (args: Arguments) => boolean;
}
/** What the application knows of the server. */
export interface Services {
  readonly contents: {
    /** Empty: the server's own files. */
    driveName(path: string): string;
    localPath(path: string): string;
  };
  readonly kernelspecs: { readonly ready: Promise<unknown>; readonly specs: KernelSpecs | null };
  readonly sessions: { readonly ready: Promise<unknown>; running(): Iterable<Session> };
}
export interface KernelSpecs {
  /** Name of the kernel that notebooks get by default. */
  readonly default: string;
  readonly kernelspecs: Readonly<
    Record<string, { readonly display_name: string; readonly language: string } | undefined>
  >;
}
/** A document with a kernel. */
export interface Session {
  readonly path: string;
  readonly type: string;
  readonly kernel?: { readonly name: string } | null;
}
export interface Application {
  readonly serviceManager: Services;
  readonly commands: {
    addCommand(id: string, command: Command): unknown;
    execute(id: string, args?: Arguments): Promise<unknown>;
    notifyCommandChanged(id?: string): void;
    hasCommand(id: string): boolean;
  };
  readonly shell: {
    readonly currentWidget: Widget | null;
    add(widget: object, area?: string, options?: object): void;
    activateById(id: string): void;
  };
  /** The layout of the last time is there again. */
  readonly restored: Promise<unknown>;
  registerPlugin(plugin: object): void;
  activatePlugin(id: string): Promise<void>;
}

/** `WidgetTracker` of @jupyterlab/apputils. */
export interface Tracker {
  readonly currentWidget: Widget | null;
  readonly size: number;
  add(widget: Widget): Promise<void>;
  save(widget: Widget): Promise<void>;
  find(matches: (widget: Widget) => boolean): Widget | undefined;
}
export interface Restorer {
  add(widget: object, name: string): void;
  restore(
    tracker: Tracker,
    options: {
      readonly command: string;
      readonly args: (widget: MainAreaWidget) => Arguments;
      readonly name: (widget: MainAreaWidget) => string;
    },
  ): Promise<unknown>;
}

export interface LuminoIcon {
  readonly LabIcon: new (icon: { readonly name: string; readonly svgstr: string }) => object;
}
export interface Dialog {
  launch(): Promise<unknown>;
  /** Close it with a button; undefined: the default one. */
  resolve(index?: number): void;
}
export interface DialogClass {
  new (options: {
    readonly title: string;
    readonly body: Widget;
    readonly buttons: readonly object[];
    readonly focusNodeSelector: string;
  }): Dialog;
  cancelButton(): object;
  okButton(options: { readonly label: string }): object;
}
export interface AppUtils {
  readonly Dialog: DialogClass;
  readonly ICommandPalette: unknown;
  readonly MainAreaWidget: new (options: { readonly content: Widget }) => MainAreaWidget;
  readonly WidgetTracker: new (options: { readonly namespace: string }) => Tracker;
  readonly Notification: { error(message: string, options: { readonly autoClose: false }): string };
}
export interface ApplicationPackage {
  readonly ILabShell: unknown;
  readonly ILayoutRestorer: unknown;
}

/** The newest version of a package of the application; undefined: it has none. */
export type Shared = <T>(name: string) => Promise<T | undefined>;

/** A plugin of the application. */
export interface Plugin {
  readonly id: string;
  readonly description?: string;
  readonly autoStart: true;
  readonly optional: readonly unknown[];
  // biome-ignore lint/suspicious/noExplicitAny: the services in the order of `optional`
  readonly activate: (app: Application, ...services: any[]) => void;
}

/** Commands of the application; also in `schemas/plugin.json`. */
export const COMMANDS = {
  showRuns: "prismq:show-runs",
  openRun: "prismq:open-run",
  openNewestRun: "prismq:open-newest-run",
  stopAllRuns: "prismq:stop-all-runs",
  allowNotices: "prismq:allow-browser-notices",
  runFile: "prismq:run-file",
  runFileWithArguments: "prismq:run-file-with-arguments",
} as const;
