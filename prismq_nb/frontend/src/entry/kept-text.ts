/** What a notebook kept, as it is: where there is no viewer, which would show it better. */

/** Shows it; returns how to take it away. */
export function keptText(el: HTMLElement, text: string): () => void {
  const block = document.createElement("pre");
  block.className = "prismq-kept";
  block.textContent = text;
  block.style.cssText = "max-height:30em;overflow:auto;margin:0;padding:4px 12px";
  block.tabIndex = 0; // it scrolls, so keys have to reach it
  el.append(block);
  block.scrollTop = block.scrollHeight;
  return () => block.remove();
}
