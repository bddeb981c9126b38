/**
 * What a terminal shows of one line: the viewer's only definition, the same as Python's `common/base/terminal/text.py` (one table of cases tests both). Pure.
 *
 * The server sends messages that are resolved already, with colours (SGR) and links (OSC 8) in them; unfinished text comes with its cursor moves. Any
 * text may be hostile: all of this takes time in proportion to its length.
 */

import { isDense, type Moves, partsOf } from "./dense-lines.js";
import { Ends, INTRODUCER, sequenceAt } from "./escapes.js";
import { dressed, type Pen } from "./sgr.js";
import { Screen } from "./terminal-screen.js";

/** Characters of a line, from its end, in which moves are followed one by one. */
const MAX_DRAWN_CHARS = 65_536;
/** Colour changes that count of what is not drawn, the newest ones. */
const MAX_COLOURS = 500;
const ESC = "\x1b";

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const NOT_PLAIN = /[\x08\r\x1b\x80-\x9f]/;
// eslint-disable-next-line no-control-regex -- as above
const STARTS = /[\x08\r\x1b\x90\x98\x9b-\x9f]/g;

/** What is shown of a line, with colours and links. Moves are followed, what they draw over is gone; no other sequence stays. */
export function shown(line: string): string {
  const text = withoutReturns(line);
  if (!NOT_PLAIN.test(text)) return text;
  const { stripped, moves } = resolved(text, true);
  return moves ? drawn(text) : stripped;
}

/** What is shown of a line, as bare text: for looking at what it says. */
export function plain(line: string): string {
  const text = shown(line);
  return NOT_PLAIN.test(text) ? resolved(text, false).stripped : text;
}

/**
 * The rows of a stream's unfinished text, which may be several bars, without empty ones at either end.
 *
 * @param pen `sgrOf` the colours in force before it.
 */
export function screenRows(text: string, pen = ""): string[] {
  if (!text) return [];
  const { stripped, moves } = resolved(text, true);
  if (moves || text.includes("\n")) return new Screen(drawnPart(text), pen).rows();
  return [pen + stripped];
}

/** `sgrOf` the colours in force after a line, of what was shown of it; `pen`: those before. */
export function penAfter(line: string, pen: string): string {
  if (!NOT_PLAIN.test(line)) return pen;
  let now: { readonly pen: Pen; readonly key: string } = dressed({}, "", pen.slice(2, -1));
  const ends = new Ends(line);
  const starts = new RegExp(STARTS);
  for (let match = starts.exec(line); match; match = starts.exec(line)) {
    if (!INTRODUCER.test(match[0])) continue;
    const { end, kind, value } = sequenceAt(line, match.index, ends);
    if (kind === "sgr") now = dressed(now.pen, now.key, value);
    starts.lastIndex = end;
  }
  return now.key;
}

/** A terminal ends lines with `\r\n`, or `\r\r\n`. */
function withoutReturns(line: string): string {
  let end = line.length;
  while (end && line[end - 1] === "\r") end--;
  return end === line.length ? line : line.slice(0, end);
}

/** The text without sequences that show nothing, and whether there are moves in it: then it has to be drawn. */
function resolved(text: string, styled: boolean): { readonly stripped: string; readonly moves: boolean } {
  const ends = new Ends(text);
  const starts = new RegExp(STARTS);
  const parts: string[] = [];
  let position = 0;
  for (let match = starts.exec(text); match; match = starts.exec(text)) {
    const { index } = match;
    if (!INTRODUCER.test(match[0])) return { stripped: text, moves: true };
    const { end, kind } = sequenceAt(text, index, ends);
    if (kind === "move") return { stripped: text, moves: true };
    parts.push(text.slice(position, index));
    if (styled && (kind === "sgr" || kind === "link")) parts.push(text.slice(index, end));
    position = starts.lastIndex = end;
  }
  parts.push(text.slice(position));
  return { stripped: parts.join(""), moves: false };
}

/** What is shown of a line with moves: all of it is drawn, or the parts that `partsOf` says. */
function drawn(text: string): string {
  if (!isDense(text)) return new Screen(drawnPart(text)).line();
  const places = placesOf(text);
  const parts = partsOf(text, places);
  const [head, rest] = [text.slice(0, parts.drawn), text.slice(parts.rest)].map((part) => resolved(part, true).stripped) as [string, string];
  const pen = penAfter(head, "");
  const colours = places.colours(parts.first, parts.tail);
  const erased = rest ? `${ESC}[K` : "";
  const screen = new Screen(text.slice(parts.drawn, parts.first) + colours + drawnPart(text.slice(parts.tail, parts.rest)) + erased, pen);
  return screen.keepsFirstRow ? head + screen.line(head ? pen : "") + rest : screen.line() + rest;
}

interface Places extends Moves {
  /** The newest colour changes between two places. */
  colours(start: number, end: number): string;
}

/** Where a line's sequences are, and its first and last move. */
function placesOf(text: string): Places {
  const ends = new Ends(text);
  const starts = new RegExp(STARTS);
  const found: { readonly start: number; readonly end: number; readonly isMove: boolean; readonly isColour: boolean }[] = [];
  for (let match = starts.exec(text); match; match = starts.exec(text)) {
    const start = match.index;
    const { end, kind } = INTRODUCER.test(match[0]) ? sequenceAt(text, start, ends) : { end: start + 1, kind: "move" };
    found.push({ start, end, isMove: kind === "move", isColour: kind === "sgr" });
    starts.lastIndex = end;
  }
  return {
    move: (place) => found.find(({ start, isMove }) => isMove && start >= place)?.start ?? text.length,
    last: found.findLast(({ isMove }) => isMove)?.start ?? text.length,
    between: (place) => found.find(({ start, end }) => start < place && place < end)?.end ?? place,
    colours: (start, end) => {
      const changes = found.filter((each) => each.isColour && each.start >= start && each.start < end).slice(-MAX_COLOURS);
      return changes.map((each) => text.slice(each.start, each.end)).join("");
    },
  };
}

/** Of a very long text, the end, from a frame's beginning if there is one. */
function drawnPart(text: string): string {
  const start = text.length - MAX_DRAWN_CHARS;
  if (start <= 0) return text;
  return text.slice(Math.max(start, text.indexOf("\r", start)));
}
