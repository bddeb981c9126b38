/** What a notebook kept of a run, as text, where the viewer cannot show it. */

const LINE = /^\d\d:\d\d:\d\d\.\d{3}Z? (DEBUG|INFO|WARNING|ERROR|CRITICAL)\b/;
const COLORS: Readonly<Record<string, string>> = {
  DEBUG: "var(--jp-ui-font-color2, #808080)",
  WARNING: "var(--jp-warn-color0, #b58900)",
  ERROR: "var(--jp-error-color1, #dc322f)",
  CRITICAL: "var(--jp-error-color1, #dc322f)",
};

/**
 * @param text as `text/plain` of the output. Call `atEnd` when it is on the page.
 * @param isGone the server has no such run, so that a sentence says where the lines are from.
 */
export function savedBlock(text: string, isGone: boolean): HTMLElement {
  const rows = text.split("\n").map((row) => [LINE.exec(row)?.[1], row] as const);
  const first = rows.findIndex(([level]) => level);
  const heads = first < 0 ? rows : rows.slice(0, first);
  const lines = first < 0 ? [] : rows.slice(first);
  const root = document.createElement("div");
  root.className = isGone ? "prismq-kept prismq-gone" : "prismq-kept";
  const add = (tag: string, style: string, content = ""): HTMLElement => {
    const part = root.appendChild(document.createElement(tag));
    part.style.cssText = style;
    part.textContent = content;
    return part;
  };
  const border = "1px solid var(--jp-border-color1,#bdbdbd);border-radius:6px";
  const note = `margin:4px 0;padding:8px 12px;border:${border}`;
  if (isGone) add("p", note, sentence(lines.length)).setAttribute("role", "status");
  const head = heads.map(([, row]) => row).join("\n");
  add("pre", "margin:0;padding:4px 12px;white-space:pre-wrap;color:var(--jp-ui-font-color2,inherit)", head);
  if (!lines.length) return root;
  const log = add("pre", "max-height:30em;overflow:auto;margin:0;padding:4px 12px");
  log.tabIndex = 0; // it scrolls, so keys have to reach it
  log.setAttribute("role", "region");
  log.setAttribute("aria-label", "The lines that the notebook kept");
  for (const [level, row] of lines) {
    const line = log.appendChild(document.createElement("span"));
    line.textContent = `${row}\n`;
    line.style.color = COLORS[level ?? ""] ?? "";
  }
  return root;
}

/** Shows the newest lines. */
export function atEnd(block: HTMLElement): void {
  const log = block.lastElementChild;
  if (log) log.scrollTop = log.scrollHeight;
}

function sentence(lines: number): string {
  const kept = lines === 0 ? "none of its lines" : lines === 1 ? "its last line" : `its last ${lines} lines`;
  return `This log is no longer on this server; the notebook kept ${kept}.`;
}
