/**
 * The viewer as soon as it is loaded; until then, what is wrong, in plain elements: the viewer's
 * style sheet comes with the viewer.
 */

import { loadViewer, problem, type Viewer } from "./loader.js";

/** First and longest wait (ms) before the viewer is asked for again, when the server did not answer. */
const RETRY_MS = [1_000, 4_000] as const;

/** Calls `use` once, and says in `el` why not yet. Returns how to stop. */
export function withViewer(el: HTMLElement, use: (viewer: Viewer) => void): () => void {
  let over = false;
  let retry: ReturnType<typeof setTimeout>;
  let note: HTMLElement | undefined;
  const open = async (wait: number): Promise<void> => {
    try {
      const viewer = await loadViewer();
      if (over) return;
      note?.remove();
      use(viewer);
    } catch (error) {
      if (over) return;
      const [text, again] = problem(error);
      note?.remove();
      el.style.minHeight = ""; // no place is kept for what does not come
      el.append((note = message(text)));
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
