/**
 * The text that a notebook saved, as it is: for pages without a viewer, which would show it better.
 */

/**
 * Show it.
 *
 * @returns a function that removes it.
 */
export function mountPlainText(el: HTMLElement, text: string): () => void {
  const block = document.createElement("pre");
  block.className = "prismq-kept";
  block.textContent = text;
  block.style.cssText = "max-height:30em;overflow:auto;margin:0;padding:4px 12px";
  block.tabIndex = 0; // it scrolls, so it has to be reachable by keyboard
  el.append(block);
  block.scrollTop = block.scrollHeight;
  return () => block.remove();
}
