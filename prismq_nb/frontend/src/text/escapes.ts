/**
 * Parse one escape sequence: where it ends and what it does. Pure; imports nothing. The viewer's
 * only parser of escape sequences.
 *
 * Grammar: ECMA-48 5.4 (control sequences), 8.3 (strings of any length, ended by BEL, ST or
 * U+009C), ISO 2022 (ESC, intermediates, final character). Of a string without an end, or
 * interrupted by another sequence, only the introducer is dropped, so that nothing can hide the
 * rest of a line.
 */

export interface Sequence {
  /** Index of the first character after the sequence. */
  readonly end: number;
  /**
   * `link`: OSC 8. `move`: it moves the cursor or erases. `erase`: it erases to the right, which
   * has no effect unless something else moved the cursor. `none`: it has no visible effect.
   */
  readonly kind: "sgr" | "link" | "move" | "erase" | "none";
  /** Parameters of SGR or a move; address, perhaps empty, of a link. */
  readonly value: string;
  /** Of a move: the final character, behind `[` for a control sequence. */
  readonly move: string;
}

/** First character of a sequence: ESC, or the 8-bit form of CSI, of a string or of its end. */
export const INTRODUCER = /[\x1b\x90\x98\x9b-\x9f]/;

const MAX_PARAMETER_CHARS = 64;
const MAX_INTERMEDIATES = 8;
const CSI_MOVES = "@ABCDEFGHIJKLMPXZ`abdefjsu";
const ESCAPE_MOVES = "78DEMc";

/** Finds the ends of strings. Cached, so that strings without an end take linear time. */
export class StringEnds {
  readonly #text: string;
  #from = 0;
  #found = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Index of the first BEL, ST or ESC at `start` or after; the text's length if there is none. */
  after(start: number): number {
    if (start >= this.#from && start <= this.#found) return this.#found;
    const end = /[\x07\x9c\x1b]/g;
    end.lastIndex = start;
    this.#from = start;
    this.#found = end.exec(this.#text)?.index ?? this.#text.length;
    return this.#found;
  }
}

/** The sequence whose introducer is at `start`. */
export function sequenceAt(text: string, start: number, ends: StringEnds): Sequence {
  const code = text.charCodeAt(start);
  if (code === 0x9b) return controlSequence(text, start + 1);
  if (code === 0x9c) return sequence(start + 1);
  if (code !== 0x1b) return controlString(text, start + 1, ends, code === 0x9d);
  const next = text[start + 1] ?? "";
  if (next === "[") return controlSequence(text, start + 2);
  if (next && "]PX^_".includes(next)) return controlString(text, start + 2, ends, next === "]");
  return escapeSequence(text, start + 1);
}

function sequence(end: number, kind: Sequence["kind"] = "none", value = "", move = ""): Sequence {
  return { end, kind, value, move };
}

/** ESC, intermediates, one final character: character sets, cursor save, reset. */
function escapeSequence(text: string, start: number): Sequence {
  let at = start;
  while (at - start < 4 && inRange(text, at, 0x20, 0x2f)) at++;
  if (!inRange(text, at, 0x30, 0x7e)) return sequence(at);
  const final = text[at] as string;
  return at === start && ESCAPE_MOVES.includes(final)
    ? sequence(at + 1, "move", "", final)
    : sequence(at + 1);
}

/** Control sequence: parameters, intermediates, one final character. */
function controlSequence(text: string, start: number): Sequence {
  let at = start;
  while (at - start < MAX_PARAMETER_CHARS && inRange(text, at, 0x30, 0x3f)) at++;
  const parameters = text.slice(start, at);
  const bare = at;
  while (at - bare < MAX_INTERMEDIATES && inRange(text, at, 0x20, 0x2f)) at++;
  if (!inRange(text, at, 0x40, 0x7e)) return sequence(at);
  const final = text[at] as string;
  if (at > bare || !/^[\d;:]*$/.test(parameters)) return sequence(at + 1);
  if (final === "m") return sequence(at + 1, "sgr", parameters);
  if (!CSI_MOVES.includes(final) || (parameters && "su".includes(final))) return sequence(at + 1);
  const isErase = final === "K" && parameters !== "1" && parameters !== "2";
  return sequence(at + 1, isErase ? "erase" : "move", parameters, `[${final}`);
}

/** OSC, DCS, SOS, PM, APC: up to BEL or ST. */
function controlString(text: string, start: number, ends: StringEnds, isOsc: boolean): Sequence {
  const at = ends.after(start);
  if (at >= text.length) return sequence(start);
  const isEscape = text[at] === "\x1b";
  if (isEscape && text[at + 1] !== "\\") return sequence(start);
  const end = isEscape ? at + 2 : at + 1;
  if (!isOsc || text[start] !== "8" || text[start + 1] !== ";") return sequence(end);
  const address = text.indexOf(";", start + 2);
  return address < 0 || address >= at
    ? sequence(end)
    : sequence(end, "link", text.slice(address + 1, at));
}

function inRange(text: string, at: number, low: number, high: number): boolean {
  const code = text.charCodeAt(at); // NaN past the end, which is in no range
  return code >= low && code <= high;
}
