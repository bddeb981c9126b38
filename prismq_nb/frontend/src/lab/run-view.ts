/** The viewer of a run in a tab, whose icon and tooltip tell its state. */

import { ICONS } from "../base/dom.js";
import { isRunState, type RunState } from "../base/protocol.js";
import { STATUS_ICONS } from "../base/status-icons.js";
import type { LuminoIcon, Shared } from "./application.js";
import type { Drawn } from "./deferred.js";
import { type RunTab, SHOW_LINE } from "./views.js";

/** Colours (CSS) of JupyterLab's theme. */
const COLORS: Readonly<Partial<Record<RunState, string>>> = {
  running: "var(--jp-brand-color1, #1976d2)",
  completed: "var(--jp-success-color1, #388e3c)",
  failed: "var(--jp-error-color1, #d32f2f)",
};
const OTHER_COLOR = "var(--jp-ui-font-color2, #616161)";

/** What the viewer's root says of its run. */
interface Viewed {
  readonly state?: string;
}
/** The viewer of a run. */
export interface Viewer extends Drawn {
  show(line: number): void;
}
/** Shows a run in the element of its tab; `onRun` is called when it shows another attempt. */
export type Mount = (tab: RunTab, onRun: (run_id: string) => void) => Viewer;

export async function runView(tab: RunTab, shared: Shared, mount: Mount): Promise<Drawn> {
  const icons = await shared<LuminoIcon>("@jupyterlab/ui-components");
  const root = (): HTMLElement | null => tab.node.querySelector<HTMLElement>(".prismq-root");
  let shown = tab.run_id;
  const tell = (): void => {
    const { state }: Viewed = root()?.dataset ?? {};
    if (!icons || !isRunState(state)) return;
    const icon = new icons.LabIcon({ name: `prismq:${state}`, svgstr: stateIcon(state) });
    tab.title(icon, `${tab.name}: ${state}\n${shown}`);
  };
  const observer = new MutationObserver(tell);
  observer.observe(tab.node, { subtree: true, attributeFilter: ["data-state"] });
  const view = mount(tab, (next) => {
    shown = next;
    tab.show(next);
    tell();
  });
  const showLine = (event: Event): void => view.show((event as CustomEvent<number>).detail);
  tab.node.addEventListener(SHOW_LINE, showLine);
  const dispose = (): void => {
    tab.node.removeEventListener(SHOW_LINE, showLine);
    observer.disconnect();
    view.dispose();
  };
  return { focus: () => root()?.querySelector<HTMLElement>(".prismq-scroller")?.focus(), dispose };
}

/** SVG of a state: a dot while the run is running. */
export function stateIcon(state: RunState): string {
  const color = COLORS[state] ?? OTHER_COLOR;
  const name = STATUS_ICONS[state];
  const shape = name
    ? `<path d="${ICONS[name]}" fill="none" stroke="${color}" stroke-width="1.8"` +
      ' stroke-linecap="round" stroke-linejoin="round"/>'
    : `<circle cx="8" cy="8" r="4" fill="${color}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">${shape}</svg>`;
}
