/**
 * The entry points of the viewer: show a run and its later attempts in an element, or a table of
 * runs.
 */

import { element } from "../base/dom.js";
import { DEFAULTS, type ViewerOptions } from "../base/options.js";
import { isRunId } from "../base/protocol.js";
import { RunsTable } from "../runs/runs-table.js";
import { runsQueryIn } from "../runs/runs-text.js";
import { RunViewer } from "../viewer/viewer.js";

export interface ViewerHandle {
  update(options: Partial<ViewerOptions>): void;
  /** Remove the viewer from the page; the run continues. */
  dispose(): void;
}

export interface MountArguments {
  readonly run_id: string;
  readonly options?: Partial<ViewerOptions>;
  /** Height (px) to reserve until the log is known. */
  readonly reserve?: number;
  /** The person changed options in the viewer. */
  readonly onState?: (changed: Partial<ViewerOptions>) => void;
  /** The person restarted the run or chose another attempt, which the viewer shows from now on. */
  readonly onRun?: (run_id: string) => void;
}

/** Show a run in `el`. */
export function mountRun(
  el: HTMLElement,
  { run_id, options, reserve, onState, onRun }: MountArguments,
): ViewerHandle {
  if (!isRunId(run_id)) {
    const message = element(
      "div",
      "prismq-root prismq-page-colors prismq-bad",
      "This is not a valid run ID.",
    );
    el.append(message);
    return { update: () => undefined, dispose: () => message.remove() };
  }
  const show = (run: string, with_: ViewerOptions, height = reserve): RunViewer => {
    const restarted = (next: string): void => {
      const { options: last } = viewer;
      const hadFocus = el.contains(document.activeElement);
      const before = el.querySelector<HTMLElement>(".prismq-root")?.offsetHeight;
      viewer.dispose();
      viewer = show(next, { ...last, follow: true, line: undefined, lastLine: undefined }, before);
      if (hadFocus) viewer.focus(); // otherwise the focus would be lost with the button
      onRun?.(next);
    };
    return new RunViewer(el, run, with_, onState ?? (() => undefined), restarted, height);
  };
  let viewer = show(run_id, { ...DEFAULTS, ...options });
  return { update: (changed) => viewer.update(changed), dispose: () => viewer.dispose() };
}

export interface RunsArguments {
  /** Which runs: `q`, `status`, `module_id`, `limit`, `offset`; anything else is ignored. */
  readonly question?: unknown;
  /** The table fills the height of `el`. */
  readonly fill?: boolean;
  /** Show a run; if absent, its page opens in a new tab. */
  readonly onOpen?: (run_id: string) => void;
}

/** Show a live table of runs in `el`. */
export function mountRunsTable(
  el: HTMLElement,
  { question, fill = false, onOpen }: RunsArguments = {},
): { dispose(): void } {
  return new RunsTable(el, { question: runsQueryIn(question), fill, onOpen });
}
