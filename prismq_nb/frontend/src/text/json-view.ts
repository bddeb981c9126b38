/** A message that is JSON, laid out: every piece goes in as text. */

import { element } from "../base/dom.js";
import { layOut } from "./json-text.js";
import { withLinks } from "./paint.js";
import { plain } from "./terminal-text.js";

/** The message as indented lines; undefined: it is no JSON after all, or too much of it. */
export function drawJson(message: string): HTMLElement | undefined {
  const lines = layOut(plain(message));
  if (!lines) return undefined;
  const drawn = lines.map((pieces) => {
    const spans = pieces.map(({ kind, text }) => {
      if (kind === "sign") return text;
      return element("span", `prismq-json-${kind}`, ...(kind === "string" ? withLinks(text) : [text]));
    });
    return element("span", "prismq-json-line", ...spans, "\n");
  });
  return element("span", "prismq-message prismq-json", ...drawn);
}
