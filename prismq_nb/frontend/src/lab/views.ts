/** The script that draws what the widgets show, and what it needs from them. */

import type { Application, Shared } from "./application.js";
import type { Drawn, DrawnOutput } from "./deferred.js";

/** What a tab shows. */
export interface Shown {
  readonly run_id: string;
  readonly name: string;
}
/** Show a run; with a line (from 0), from there. */
export type OpenRun = (run_id: string, name: string, line?: number) => void;

/** A tab, for what draws it. */
export interface RunTab extends Shown {
  readonly node: HTMLElement;
  /** The line to show first, from 0; undefined: the newest. */
  readonly line: number | undefined;
  /** The tab shows another attempt from now on. */
  show(run_id: string): void;
  /** Set the icon and the tooltip of the tab. */
  title(icon: object, caption: string): void;
}

export interface Views {
  /** Start everything that the application does not wait for. */
  start(app: Application, shared: Shared): Promise<void>;
  /** An output of one run, and of a table of runs. */
  drawOutput(node: HTMLElement): DrawnOutput;
  drawTable(node: HTMLElement): DrawnOutput;
  drawAllRuns(app: Application, node: HTMLElement, open: OpenRun): Drawn;
  drawRun(tab: RunTab, shared: Shared): Promise<Drawn>;
}

/** Event at the node of a tab: show this line (`detail`, from 0). */
export const SHOW_LINE = "prismq-show-line";
