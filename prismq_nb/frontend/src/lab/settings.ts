/** The settings of runs in `schemas/plugin.json`. */

import type { NoticeChoice } from "../notices/rules.js";
import type { Plugin, Shared } from "./application.js";

/** Name of the schema. */
const SCHEMA = "prismq-nb:plugin";

interface Values {
  readonly notices: NoticeChoice;
  readonly browserNotices: boolean;
  readonly statusBar: boolean;
}
const DEFAULTS: Values = { notices: "long", browserNotices: true, statusBar: true };

interface Loaded {
  readonly composite: Partial<Values>;
  readonly changed: { connect(slot: () => void): unknown };
}
interface Registry {
  load(id: string): Promise<Loaded>;
}

/** Current values; the defaults until, and unless, the application has others. */
export class RunSettings {
  readonly #listeners = new Set<() => void>();
  #values = DEFAULTS;

  get notices(): NoticeChoice {
    return this.#values.notices;
  }

  get browserNotices(): boolean {
    return this.#values.browserNotices;
  }

  get statusBar(): boolean {
    return this.#values.statusBar;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async read(registry: Registry): Promise<void> {
    const loaded = await registry.load(SCHEMA);
    const take = (): void => {
      this.#values = { ...DEFAULTS, ...loaded.composite };
      for (const listener of this.#listeners) listener();
    };
    loaded.changed.connect(take);
    take();
  }
}

export async function settingsPlugin(
  shared: Shared,
  settings: RunSettings,
): Promise<Plugin | undefined> {
  const registries = await shared<{ readonly ISettingRegistry: unknown }>(
    "@jupyterlab/settingregistry",
  );
  if (!registries) return undefined;
  const activate = (_: unknown, registry: Registry | null): void => {
    if (registry) void settings.read(registry);
  };
  const optional = [registries.ISettingRegistry];
  return { id: "prismq-nb:run-settings", autoStart: true, optional, activate };
}
