/** Lines as the server sends them, and the blocks folded in them. */

import type { Line } from "../../src/base/protocol.js";
import { findBlocks } from "../../src/folding/fold.js";

export const UP = "\x1b[A";
/** A line as the server sends it, with cursor moves removed from its text. */
function resolved(raw: string): Pick<Line, "text" | "drawn"> {
  const ups = raw.replaceAll("\x1b[1A", UP).split(UP).length - 1;
  const text = raw.replace(/\x1b\[\d?[AK]/g, "");
  return ups
    ? { text, drawn: [raw.startsWith("\x1b[2K\x1b[1A") ? 1 : 0, raw.endsWith(UP) ? 0 : -ups, -ups] }
    : { text };
}

export function log(
  texts: readonly string[],
  stream: Line["stream"] = "stderr",
): (n: number) => Line | undefined {
  return (n) => {
    const text = texts[n];
    return text === undefined
      ? undefined
      : { n, stamp: n, level: "ERROR", stream, ...resolved(text), length: text.length };
  };
}

export function blocks(
  texts: readonly string[],
  first = 0,
): [kind: string, first: number, last: number, shown: readonly number[], repeats: number][] {
  return findBlocks(log(texts), first, texts.length - 1, texts.length).map((block) => [
    block.kind,
    block.first,
    block.last,
    block.shown,
    block.repeats,
  ]);
}
