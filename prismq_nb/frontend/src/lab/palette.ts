/** Entries of the command palette. */

import { type AppUtils, COMMANDS, type Plugin, type Shared } from "./application.js";

interface Palette {
  addItem(item: { readonly command: string; readonly category: string }): unknown;
}

export async function palettePlugin(shared: Shared): Promise<Plugin | undefined> {
  const utils = await shared<AppUtils>("@jupyterlab/apputils");
  if (!utils) return undefined;
  const activate = (_: unknown, palette: Palette | null): void => {
    palette?.addItem({ command: COMMANDS.showRuns, category: "Runs" });
  };
  return { id: "prismq-nb:palette", autoStart: true, optional: [utils.ICommandPalette], activate };
}
