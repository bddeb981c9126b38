/**
 * `static/widget.js`: `LogViewer` in the browser, an anywidget. Small, because it is in the state
 * of every widget; the viewer is fetched.
 *
 * Where JupyterLab draws the output by our MIME type, only `initialize` is called. Views are
 * created in layouts (`VBox`) and other front ends.
 */

import { register } from "./models.js";
import { MountPoint } from "./mount-point.js";
import { type Model, read } from "./traits.js";

interface Context {
  readonly model: Model;
  /**
   * Aborts when the model or view is removed; older anywidgets call the returned function instead.
   */
  readonly signal?: AbortSignal;
}

function initialize({ model, signal }: Context): () => void {
  const leave = register(String(model.get("_key")), model);
  signal?.addEventListener("abort", leave);
  return leave;
}

function render({ model, el, signal }: Context & { readonly el: HTMLElement }): () => void {
  const mountPoint = new MountPoint(el, String(model.get("run_id")), read(model));
  mountPoint.bind(model);
  const dispose = (): void => mountPoint.dispose();
  signal?.addEventListener("abort", dispose);
  return dispose;
}

export default { initialize, render };
