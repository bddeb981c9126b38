/**
 * The entrances to the viewer: shows a run in an element, and the run that follows when a person
 * starts it again; or a table of runs.
 */

import { element } from "../base/dom.js";
import { DEFAULTS, type ViewerOptions } from "../base/options.js";
import { isRunId } from "../base/protocol.js";
import { RunsTable } from "../runs/runs-table.js";
import { questionIn } from "../runs/runs-words.js";
import { RunViewer } from "../viewer/viewer.js";

export interface ViewerHandle {
  update(options: Partial<ViewerOptions>): void;
  /** Takes the viewer out of the page; the run goes on. */
  dispose(): void;
}

export interface MountArguments {
  readonly run_id: string;
  readonly options?: Partial<ViewerOptions>;
  /** Height (px) that is kept for it until its log is known. */
  readonly reserve?: number;
  /** What the person changed in the viewer. */
  readonly onState?: (changed: Partial<ViewerOptions>) => void;
  /** The person started the run again, or chose another attempt: the viewer shows that from now on. */
  readonly onRun?: (run_id: string) => void;
}

/** Shows a run in `el`. */
export function mountRun(el: HTMLElement, { run_id, options, reserve, onState, onRun }: MountArguments): ViewerHandle {
  if (!isRunId(run_id)) {
    const message = element("div", "prismq-root prismq-page-colors prismq-bad", "This is not a run id.");
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
      if (hadFocus) viewer.focus(); // or it would be lost with the button
      onRun?.(next);
    };
    return new RunViewer(el, run, with_, onState ?? (() => undefined), restarted, height);
  };
  let viewer = show(run_id, { ...DEFAULTS, ...options });
  return { update: (changed) => viewer.update(changed), dispose: () => viewer.dispose() };
}

export interface RunsArguments {
  /** Which runs: `q`, `status`, `module_id`, `limit`, `offset`; what is none of these does not count. */
  readonly question?: unknown;
  /** The table takes the height of `el`. */
  readonly fill?: boolean;
  /** Shows a run; left out: its page opens in a new tab. */
  readonly onOpen?: (run_id: string) => void;
}

/** Shows a live table of runs in `el`. */
export function mountRunsTable(el: HTMLElement, { question, fill = false, onOpen }: RunsArguments = {}): { dispose(): void } {
  return new RunsTable(el, { question: questionIn(question), fill, onOpen });
}
