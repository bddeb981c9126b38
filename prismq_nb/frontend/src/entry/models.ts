/**
 * The live models of a page, so that an output that JupyterLab draws without a widget view finds
 * its `LogViewer`.
 *
 * On `globalThis`, because the widget and the lab extension are two scripts. A model may appear
 * before its output (a cell was run) or long after it (a reloaded page draws outputs before it
 * connects to the kernel), and is removed with its kernel.
 */

import type { Model } from "./traits.js";

type Listener = (model: Model | undefined) => void;

interface Models {
  readonly live: Map<string, Model>;
  readonly listeners: Map<string, Set<Listener>>;
}

const KEY = Symbol.for("prismq_nb.common.models.v1");

function models(): Models {
  const page = globalThis as { [KEY]?: Models };
  page[KEY] ??= { live: new Map(), listeners: new Map() };
  return page[KEY];
}

/**
 * Register a model.
 *
 * @returns a function that removes it.
 */
export function register(key: string, model: Model): () => void {
  const { live } = models();
  live.set(key, model);
  notify(key);
  return () => {
    if (live.get(key) !== model) return; // it has been replaced already
    live.delete(key);
    notify(key);
  };
}

/**
 * Call `listener` with the model of a key, now and whenever it changes; undefined: there is none.
 *
 * @returns a function that stops it.
 */
export function watch(key: string, listener: Listener): () => void {
  const { live, listeners } = models();
  const mine = listeners.get(key) ?? new Set();
  listeners.set(key, mine.add(listener));
  listener(live.get(key));
  return () => {
    mine.delete(listener);
    if (!mine.size && listeners.get(key) === mine) listeners.delete(key);
  };
}

function notify(key: string): void {
  const { live, listeners } = models();
  for (const listener of [...(listeners.get(key) ?? [])]) listener(live.get(key));
}
