/**
 * The plugin of JupyterLab and Notebook 7 for watched cells: a button in the notebook toolbar, a
 * setting, `schemas/plugin.json`, and what is lost when a tab is closed.
 *
 * A script of its own: the entry of the extension loads it.
 */

import { buttons, type Components } from "../cells/button.js";
import { type SessionContext, type Settings, Watcher } from "../cells/watcher.js";
import type { Plugin, Shared } from "../lab/application.js";
import { type OpenNotebook, putBack } from "./lost-outputs.js";

/** Also the name of the schema. */
const ID = "prismq-nb:plugin";
const DEFAULTS: Settings = { watchEveryNotebook: false, watchAfter: 5 };

interface Panel extends OpenNotebook {
  readonly sessionContext: SessionContext & OpenNotebook["sessionContext"];
  readonly disposed: { connect(slot: () => void): unknown };
}
interface Tracker {
  readonly widgetAdded: { connect(slot: (tracker: unknown, panel: Panel) => void): unknown };
  forEach(each: (panel: Panel) => void): void;
}
interface Toolbars {
  addFactory(factory: string, name: string, make: (panel: Panel) => object): unknown;
}
interface Loaded {
  readonly composite: Partial<Settings>;
  readonly changed: { connect(slot: () => void): unknown };
}
interface Registry {
  load(id: string): Promise<Loaded>;
}
interface AppUtils {
  readonly IToolbarWidgetRegistry: unknown;
  readonly Notification: { warning(message: string, options: object): unknown };
}

/**
 * @param shared gets a package of the application.
 * @returns nothing where the application has no notebooks.
 */
export async function plugin(shared: Shared): Promise<Plugin | undefined> {
  const [utils, components, notebook, settings] = await Promise.all([
    shared<AppUtils>("@jupyterlab/apputils"),
    shared<Components>("@jupyterlab/ui-components"),
    shared<{ readonly INotebookTracker: unknown }>("@jupyterlab/notebook"),
    shared<{ readonly ISettingRegistry: unknown }>("@jupyterlab/settingregistry"),
  ]);
  if (!utils || !components || !notebook || !settings) return undefined;
  const optional = [
    notebook.INotebookTracker,
    utils.IToolbarWidgetRegistry,
    settings.ISettingRegistry,
  ];
  const tell = (message: string): void => {
    utils.Notification.warning(message, { autoClose: false });
  };
  const activate = (
    _: unknown,
    tracker: Tracker | null,
    toolbars: Toolbars | null,
    registry: Registry | null,
  ): void => {
    const watchers = new Watchers(tell);
    const watch = (panel: Panel): void => {
      watchers.of(panel);
      void putBack(panel);
    };
    toolbars?.addFactory("Notebook", "watch-cells", withWatcher(watchers, components));
    tracker?.forEach(watch);
    tracker?.widgetAdded.connect((__, panel) => watch(panel));
    if (registry) void configured(watchers, registry);
  };
  return { id: ID, autoStart: true, optional, activate };
}

/** The application does not wait for it. */
async function configured(watchers: Watchers, registry: Registry): Promise<void> {
  const loaded = await registry.load(ID);
  const configure = (): void => watchers.configure({ ...DEFAULTS, ...loaded.composite });
  loaded.changed.connect(configure);
  configure();
}

function withWatcher(watchers: Watchers, components: Components): (panel: Panel) => object {
  const button = buttons(components);
  return (panel) => button(watchers.of(panel));
}

class Watchers {
  readonly #tell: (message: string) => void;
  readonly #open = new Map<Panel, Watcher>();
  #settings = DEFAULTS;

  constructor(tell: (message: string) => void) {
    this.#tell = tell;
  }

  of(panel: Panel): Watcher {
    const known = this.#open.get(panel);
    if (known) return known;
    const watcher = new Watcher(panel.sessionContext, this.#settings, this.#tell);
    this.#open.set(panel, watcher);
    panel.disposed.connect(() => this.#open.delete(panel));
    return watcher;
  }

  configure(settings: Settings): void {
    this.#settings = settings;
    for (const watcher of this.#open.values()) watcher.configure(settings);
  }
}
