/**
 * The saved text of a run that is not on this server, in the style of the viewer, with a note about
 * its origin.
 */

import { element, icon } from "../base/dom.js";
import { count } from "../base/format.js";
import { followTheme } from "../base/theme.js";

/** The beginning of a line in `text/plain`, as `engine/read/saved.py` writes it. */
const LINE = /^(\d\d:\d\d:\d\d\.\d{3}Z?) (DEBUG|INFO|WARNING|ERROR|CRITICAL)\b */;

/**
 * Show it.
 *
 * @param text `text/plain` of the output.
 * @returns a function that removes it.
 */
export function mountSaved(el: HTMLElement, text: string): () => void {
  const rows = text.split("\n");
  const first = rows.findIndex((row) => LINE.test(row));
  const heads = first < 0 ? rows : rows.slice(0, first);
  const lines = first < 0 ? [] : rows.slice(first);
  const note = element(
    "div",
    "prismq-note prismq-saved-note",
    icon("info"),
    element("span", "prismq-note-text", sentence(lines.length)),
  );
  note.setAttribute("role", "status");
  const root = element("section", "prismq-root prismq-kept prismq-gone", note, head(heads));
  root.setAttribute("aria-label", "What the notebook kept of a run");
  const theme = followTheme(root, () => "auto");
  if (lines.length) root.append(list(lines));
  el.append(root);
  const log = root.querySelector(".prismq-saved-log");
  if (log) log.scrollTop = log.scrollHeight; // the newest lines
  return () => {
    theme.dispose();
    root.remove();
  };
}

function head(rows: readonly string[]): HTMLElement {
  const [first = "", ...others] = rows;
  const [, name = "", state = ""] = /^(.*?): (.*)$/.exec(first) ?? [undefined, first];
  const title = element(
    "div",
    "prismq-saved-title",
    element("strong", "prismq-saved-name", name),
    " ",
    state,
  );
  const facts = others.map((row) =>
    element("div", row.startsWith("$ ") ? "prismq-saved-command" : "", row),
  );
  return element("div", "prismq-saved-head", title, ...facts);
}

function list(rows: readonly string[]): HTMLElement {
  const log = element("pre", "prismq-saved-log");
  log.tabIndex = 0; // it scrolls, so it has to be reachable by keyboard
  log.setAttribute("role", "region");
  log.setAttribute("aria-label", "The lines that the notebook kept");
  for (const row of rows) {
    const [prefix = "", time = "", level = ""] = LINE.exec(row) ?? [];
    const line = log.appendChild(
      element("div", `prismq-saved-line prismq-level-${level.toLowerCase() || "none"}`),
    );
    line.append(
      element("span", "prismq-saved-time", prefix && `${time} `),
      `${row.slice(prefix.length)}\n`,
    );
    line.title = level;
  }
  return log;
}

function sentence(lines: number): string {
  const kept =
    lines === 0
      ? "none of its lines"
      : lines === 1
        ? "its last line"
        : `its last ${count(lines)} lines`;
  return `This log is no longer on this server; the notebook kept ${kept}.`;
}
