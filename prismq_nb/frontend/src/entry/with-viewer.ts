/**
 * Use the viewer as soon as it is loaded; until then show problems in plain elements, because the
 * style sheet comes with the viewer.
 */

import { loadViewer, problem, type Viewer } from "./loader.js";

/** First and maximum delay (ms) before the viewer is requested again. */
const RETRY_MS = [1_000, 4_000] as const;

/** Use the viewer; see `whenLoaded`. */
export function withViewer(el: HTMLElement, use: (viewer: Viewer) => void): () => void {
  return whenLoaded(el, loadViewer, use);
}

/**
 * Load a script of the server until that succeeds, call `use` once with what it offers, and show
 * problems in `el` until then.
 *
 * @returns a function that cancels it.
 */
export function whenLoaded<T>(
  el: HTMLElement,
  load: () => Promise<T>,
  use: (offered: T) => void,
): () => void {
  let over = false;
  let retry: ReturnType<typeof setTimeout>;
  let note: HTMLElement | undefined;
  const open = async (wait: number): Promise<void> => {
    try {
      const offered = await load();
      if (over) return;
      note?.remove();
      use(offered);
    } catch (error) {
      if (over) return;
      const [text, again] = problem(error);
      note?.remove();
      el.style.minHeight = ""; // do not reserve space for a viewer that does not load
      note = message(text);
      el.append(note);
      if (again) retry = setTimeout(() => void open(Math.min(RETRY_MS[1], wait * 2)), wait);
    }
  };
  void open(RETRY_MS[0]);
  return () => {
    over = true;
    clearTimeout(retry);
    note?.remove();
  };
}

function message(text: string): HTMLElement {
  const root = document.createElement("div");
  root.className = "prismq-unloaded";
  root.setAttribute("role", "status");
  root.textContent = text;
  root.style.cssText = "margin:4px 0;padding:8px 12px;border:1px solid;border-radius:6px";
  return root;
}
