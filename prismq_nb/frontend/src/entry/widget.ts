/**
 * `static/widget.js`: `LogViewer` in the browser, an anywidget. It is part of the state of every widget, so it is small: the viewer is fetched.
 *
 * Where JupyterLab draws the output by our mime type, only `initialize` is called; views are made in layouts (`VBox`) and other front ends.
 */

import { register } from "./models.js";
import { Outlet } from "./outlet.js";
import { type Model, read } from "./traits.js";

interface Context {
  readonly model: Model;
  /** Aborted when the model or view goes; older anywidgets have none and call what was returned. */
  readonly signal?: AbortSignal;
}

function initialize({ model, signal }: Context): () => void {
  const leave = register(String(model.get("_key")), model);
  signal?.addEventListener("abort", leave);
  return leave;
}

function render({ model, el, signal }: Context & { readonly el: HTMLElement }): () => void {
  const outlet = new Outlet(el, String(model.get("run_id")), read(model));
  outlet.bind(model);
  const dispose = (): void => outlet.dispose();
  signal?.addEventListener("abort", dispose);
  return dispose;
}

export default { initialize, render };
