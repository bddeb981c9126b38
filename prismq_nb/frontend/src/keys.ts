/**
 * The keyboard inside the list, without taking keys from JupyterLab anywhere else, and without JupyterLab taking ours.
 */

const SCROLL_KEYS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End", " "]);
/** Lumino looks for this attribute on the way up from the target, in the capture phase on `document`. */
const SUPPRESS = "data-lm-suppress-shortcuts";

/** @param onEnd the person pressed End. Stops when `signal` aborts. */
export function listenToKeys(scroller: HTMLElement, onEnd: () => void, signal: AbortSignal): void {
  const isOurs = (event: KeyboardEvent): boolean => SCROLL_KEYS.has(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey;
  // `window` comes before `document` in the capture phase: only for our own keys are the page's shortcuts off, so Ctrl+S still saves.
  const mark = (event: KeyboardEvent): void => {
    if (event.target === scroller) scroller.toggleAttribute(SUPPRESS, isOurs(event));
  };
  window.addEventListener("keydown", mark, { capture: true, signal });
  scroller.addEventListener(
    "keydown",
    (event) => {
      if (!isOurs(event)) return;
      event.stopPropagation();
      if (event.key === "End") {
        event.preventDefault();
        onEnd();
      }
    },
    { signal },
  );
}

/** Calls `onSelect` when text inside `node` is being selected. Stops when `signal` aborts. */
export function listenToSelection(node: Node, onSelect: () => void, signal: AbortSignal): void {
  const changed = (): void => {
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && node.contains(selection.anchorNode)) onSelect();
  };
  document.addEventListener("selectionchange", changed, { signal });
}
