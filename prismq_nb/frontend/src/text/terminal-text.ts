/**
 * What a terminal shows of one line. Pure. The viewer's only definition, the same as Python's
 * `common/base/terminal/text.py`; one table of cases tests both.
 *
 * The server sends resolved messages with colours (SGR) and links (OSC 8); unfinished text has its
 * cursor moves. Any text may be hostile: everything here takes linear time.
 */

import { isDense, type Moves, partsOf } from "./dense-lines.js";
import { INTRODUCER, StringEnds, sequenceAt } from "./escapes.js";
import { type Pen, penAfterSgr } from "./sgr.js";
import { Screen } from "./terminal-screen.js";

/** Characters at the end of a line in which moves are followed one by one. */
const MAX_DRAWN_CHARS = 65_536;
/** Colour changes that are kept from omitted text, the newest ones. */
const MAX_COLOURS = 500;
const ESC = "\x1b";

const NOT_PLAIN = /[\x08\r\x1b\x80-\x9f]/;
const STARTS = /[\x08\r\x1b\x90\x98\x9b-\x9f]/g;

/**
 * What is shown of a line, with colours and links. Cursor moves are executed, and overwritten text
 * is removed; no other sequence remains.
 */
export function shown(line: string): string {
  const text = withoutReturns(line);
  if (!NOT_PLAIN.test(text)) return text;
  const { stripped, moves } = resolved(text, true);
  return moves ? drawn(text) : stripped;
}

/** What is shown of a line, as plain text. */
export function plain(line: string): string {
  const text = shown(line);
  return NOT_PLAIN.test(text) ? resolved(text, false).stripped : text;
}

/**
 * The rows of a stream's unfinished text, such as several progress bars, without empty ones at
 * either end.
 *
 * @param pen `sgrOf` the colours in force before it.
 */
export function screenRows(text: string, pen = ""): string[] {
  if (!text) return [];
  const { stripped, moves } = resolved(text, true);
  if (moves || text.includes("\n")) return new Screen(drawnPart(text), pen).rows();
  return [pen + stripped];
}

/**
 * `sgrOf` the colours in force after a line.
 *
 * @param pen those in force before it.
 */
export function penAfter(line: string, pen: string): string {
  if (!NOT_PLAIN.test(line)) return pen;
  let now: { readonly pen: Pen; readonly key: string } = penAfterSgr({}, "", pen.slice(2, -1));
  const ends = new StringEnds(line);
  const starts = new RegExp(STARTS);
  for (let match = starts.exec(line); match; match = starts.exec(line)) {
    if (!INTRODUCER.test(match[0])) continue;
    const { end, kind, value } = sequenceAt(line, match.index, ends);
    if (kind === "sgr") now = penAfterSgr(now.pen, now.key, value);
    starts.lastIndex = end;
  }
  return now.key;
}

/** Strip `\r` at the end: a terminal ends lines with `\r\n` or `\r\r\n`. */
function withoutReturns(line: string): string {
  let end = line.length;
  while (end && line[end - 1] === "\r") end--;
  return end === line.length ? line : line.slice(0, end);
}

/** The text without invisible sequences, and whether it has moves and has to be drawn. */
function resolved(
  text: string,
  styled: boolean,
): { readonly stripped: string; readonly moves: boolean } {
  const ends = new StringEnds(text);
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

/** What is shown of a line with moves: draw all of it, or the parts that `partsOf` selects. */
function drawn(text: string): string {
  if (!isDense(text)) return new Screen(drawnPart(text)).line();
  const places = placesOf(text);
  const parts = partsOf(text, places);
  const [head, rest] = [text.slice(0, parts.drawn), text.slice(parts.rest)].map(
    (part) => resolved(part, true).stripped,
  ) as [string, string];
  const pen = penAfter(head, "");
  const colours = places.colours(parts.first, parts.tail);
  const erased = rest ? `${ESC}[K` : "";
  const screen = new Screen(
    text.slice(parts.drawn, parts.first) +
      colours +
      drawnPart(text.slice(parts.tail, parts.rest)) +
      erased,
    pen,
  );
  return screen.keepsFirstRow ? head + screen.line(head ? pen : "") + rest : screen.line() + rest;
}

interface Places extends Moves {
  /** The newest colour changes between two indices. */
  colours(start: number, end: number): string;
}

/** Index a line's sequences: moves and colour changes. */
function placesOf(text: string): Places {
  const ends = new StringEnds(text);
  const starts = new RegExp(STARTS);
  const found: {
    readonly start: number;
    readonly end: number;
    readonly isMove: boolean;
    readonly isColour: boolean;
  }[] = [];
  for (let match = starts.exec(text); match; match = starts.exec(text)) {
    const start = match.index;
    const { end, kind } = INTRODUCER.test(match[0])
      ? sequenceAt(text, start, ends)
      : { end: start + 1, kind: "move" };
    found.push({ start, end, isMove: kind === "move", isColour: kind === "sgr" });
    starts.lastIndex = end;
  }
  return {
    move: (place) =>
      found.find(({ start, isMove }) => isMove && start >= place)?.start ?? text.length,
    last: found.findLast(({ isMove }) => isMove)?.start ?? text.length,
    between: (place) => found.find(({ start, end }) => start < place && place < end)?.end ?? place,
    colours: (start, end) => {
      const changes = found
        .filter((each) => each.isColour && each.start >= start && each.start < end)
        .slice(-MAX_COLOURS);
      return changes.map((each) => text.slice(each.start, each.end)).join("");
    },
  };
}

/** The end of a very long text, from the beginning of a frame if there is one. */
function drawnPart(text: string): string {
  const start = text.length - MAX_DRAWN_CHARS;
  if (start <= 0) return text;
  return text.slice(Math.max(start, text.indexOf("\r", start)));
}
