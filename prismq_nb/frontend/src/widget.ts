/**
 * The viewer as an anywidget: traits of the Python model <-> options of the viewer. No log text and no token ever becomes a trait.
 */

import { shared } from "./shared.js";
import { mountRun, type ViewerHandle, type ViewerOptions } from "./viewer.js";

/** What is used here of anywidget's model. */
interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
}

interface Context {
  readonly model: Model;
  /** Aborted when the model or view goes; older anywidgets have none and call what was returned. */
  readonly signal?: AbortSignal;
}

const TRAITS = ["height", "follow", "level", "query", "timestamps", "theme"] as const satisfies readonly (keyof ViewerOptions)[];

/** Makes the page's shared state when the first model comes, so that it exists before any view asks for it. */
function initialize(): void {
  shared();
}

function render({ model, el, signal }: Context & { readonly el: HTMLElement }): () => void {
  let viewer: ViewerHandle | undefined;
  const mount = (): void => {
    viewer?.dispose();
    viewer = mountRun(el, { run_id: String(model.get("run_id")), options: read(model), onState: (changed) => write(model, changed) });
  };
  const update = (): void => viewer?.update(read(model));
  const events: [string, () => void][] = [["change:run_id", mount], ...TRAITS.map((trait): [string, () => void] => [`change:${trait}`, update])];
  for (const [event, callback] of events) model.on(event, callback);
  mount();
  const dispose = (): void => {
    for (const [event, callback] of events) model.off(event, callback);
    viewer?.dispose();
  };
  signal?.addEventListener("abort", dispose);
  return dispose;
}

function read(model: Model): Partial<ViewerOptions> {
  const known = TRAITS.map((trait) => [trait, model.get(trait)] as const).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(known);
}

function write(model: Model, changed: Partial<ViewerOptions>): void {
  for (const [trait, value] of Object.entries(changed)) model.set(trait, value);
  model.save_changes();
}

export { mountRun };
export default { initialize, render };
