/**
 * One escape sequence of a terminal: where it ends and what it does. Pure; imports nothing.
 *
 * The only reader of such sequences in the viewer. Grammar: ECMA-48 5.4 (control sequences), 8.3 (strings, which BEL, ST or U+009C end; of any length),
 * ISO 2022 (ESC, intermediates, a final character). A string that has no end, or that another sequence interrupts, loses its introducer alone, so that
 * nothing can hide the rest of a line.
 */

export interface Sequence {
  /** Index of the first character after the sequence. */
  readonly end: number;
  /**
   * `link`: OSC 8. `move`: it moves the cursor or erases. `erase`: it erases to the right, where nothing is unless something else moved the cursor.
   * `none`: it shows nothing.
   */
  readonly kind: "sgr" | "link" | "move" | "erase" | "none";
  /** Parameters of SGR or a move; address, perhaps empty, of a link. */
  readonly value: string;
  /** Of a move: the final character, behind `[` for a control sequence. */
  readonly move: string;
}

/** What a sequence begins with: ESC, and the 8-bit forms of CSI, of strings and of their end. */
export const INTRODUCER = /[\x1b\x90\x98\x9b-\x9f]/;

const MAX_PARAMETER_CHARS = 64;
const MAX_INTERMEDIATES = 8;
const CSI_MOVES = "@ABCDEFGHIJKLMPXZ`abdefjsu";
const ESCAPE_MOVES = "78DEMc";

/** Where strings end: remembered, so that openings without an end cost time in proportion to the text. */
export class Ends {
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
    end.lastIndex = this.#from = start;
    return (this.#found = end.exec(this.#text)?.index ?? this.#text.length);
  }
}

/** The sequence whose introducer stands at `start`. */
export function sequenceAt(text: string, start: number, ends: Ends): Sequence {
  const code = text.charCodeAt(start);
  if (code === 0x9b) return control(text, start + 1);
  if (code === 0x9c) return sequence(start + 1);
  if (code !== 0x1b) return string(text, start + 1, ends, code === 0x9d);
  const next = text[start + 1] ?? "";
  if (next === "[") return control(text, start + 2);
  if (next && "]PX^_".includes(next)) return string(text, start + 2, ends, next === "]");
  return escape(text, start + 1);
}

function sequence(end: number, kind: Sequence["kind"] = "none", value = "", move = ""): Sequence {
  return { end, kind, value, move };
}

/** ESC, intermediates, one final character: character sets, cursor save, reset. */
function escape(text: string, start: number): Sequence {
  let at = start;
  while (at - start < 4 && inRange(text, at, 0x20, 0x2f)) at++;
  if (!inRange(text, at, 0x30, 0x7e)) return sequence(at);
  const final = text[at] as string;
  return at === start && ESCAPE_MOVES.includes(final) ? sequence(at + 1, "move", "", final) : sequence(at + 1);
}

/** Control sequence: parameters, intermediates, one final character. */
function control(text: string, start: number): Sequence {
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
function string(text: string, start: number, ends: Ends, isOsc: boolean): Sequence {
  const at = ends.after(start);
  if (at >= text.length) return sequence(start);
  const isEscape = text[at] === "\x1b";
  if (isEscape && text[at + 1] !== "\\") return sequence(start);
  const end = isEscape ? at + 2 : at + 1;
  if (!isOsc || text[start] !== "8" || text[start + 1] !== ";") return sequence(end);
  const address = text.indexOf(";", start + 2);
  return address < 0 || address >= at ? sequence(end) : sequence(end, "link", text.slice(address + 1, at));
}

function inRange(text: string, at: number, low: number, high: number): boolean {
  const code = text.charCodeAt(at); // NaN past the end, which is in no range
  return code >= low && code <= high;
}
