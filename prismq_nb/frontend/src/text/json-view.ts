/** Draw a JSON message as indented text; every piece enters the page as text. */

import { element } from "../base/dom.js";
import { formatJson } from "./json-text.js";
import { withLinks } from "./paint.js";
import { plain } from "./terminal-text.js";

/** The message as indented lines; undefined: it is not JSON, or too large. */
export function drawJson(message: string): HTMLElement | undefined {
  const lines = formatJson(plain(message));
  if (!lines) return undefined;
  const drawn = lines.map((pieces) => {
    const spans = pieces.map(({ kind, text }) => {
      if (kind === "sign") return text;
      return element(
        "span",
        `prismq-json-${kind}`,
        ...(kind === "string" ? withLinks(text) : [text]),
      );
    });
    return element("span", "prismq-json-line", ...spans, "\n");
  });
  return element("span", "prismq-message prismq-json", ...drawn);
}
