/**
 * The live models of a page, so that an output which JupyterLab draws without a widget view finds the `LogViewer` that it came from.
 *
 * On `globalThis`, because the widget and the lab extension are two scripts. A model may come before its output (a cell was run) or long after it
 * (a reloaded page draws outputs first and connects to the kernel then), and goes with its kernel.
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
  return (page[KEY] ??= { live: new Map(), listeners: new Map() });
}

/** Takes a model in; returns how to take it out. */
export function register(key: string, model: Model): () => void {
  const { live } = models();
  live.set(key, model);
  tell(key);
  return () => {
    if (live.get(key) !== model) return; // its successor is here already
    live.delete(key);
    tell(key);
  };
}

/** Calls `listener` with the model of that key, now and whenever it is another; undefined: there is none. Returns how to stop that. */
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

function tell(key: string): void {
  const { live, listeners } = models();
  for (const listener of [...(listeners.get(key) ?? [])]) listener(live.get(key));
}
