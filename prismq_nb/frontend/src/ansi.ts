/**
 * Escape sequences of terminals -> spans of text with a style. Pure; makes no markup.
 *
 * Log text is hostile. Only SGR ("colour") and links (OSC 8) have an effect; every other sequence is swallowed, with bounds: a sequence that is
 * too long or has no end loses its introducer only, so that nothing can hide the rest of a line. Other control characters become signs. Each line
 * starts plain, as rows are shown in any order. Grammar: ECMA-48 5.4; OSC 8 as terminals have it: `OSC 8 ; parameters ; address ST`.
 */

import { safeLink } from "./href.js";
import { INVISIBLE, sign } from "./marks.js";
import { dressed, type Pen, type Style } from "./sgr.js";

export type { Color, Style } from "./sgr.js";

export interface Span {
  readonly text: string;
  /** Undefined: plain. */
  readonly style: Style | undefined;
  /** Address of a link, checked. */
  readonly href?: string;
  /** The text is a sign for the character of this code. */
  readonly code?: string;
  /** What was printed, where the text has signs in its place. */
  readonly raw?: string;
}

const MAX_CSI_CHARS = 128;
const MAX_STRING_CHARS = 4096;
/**
 * Changes of colour and links of one line that are shown: a line of 16 kB has fewer, a whole one of
 * 1 MiB may have 200,000.
 */
const MAX_STYLED = 10_000;
/** Signs of one line that have a box of their own and a tooltip. */
const MAX_SIGNS = 500;

const LINE_BREAK = /[\n\v\f\r\x85\u2028\u2029]/;
const SPECIAL_CLASS = `[\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f\\u2028\\u2029${INVISIBLE}]`;
const ANY_SPECIAL = new RegExp(SPECIAL_CLASS);

/** Whether a text is more than itself: most are not, and need no spans. */
export function isSpecial(text: string): boolean {
  return ANY_SPECIAL.test(text);
}

/** The text of a line as styled spans; empty for an empty text. */
export function parseAnsi(text: string): Span[] {
  const special = new RegExp(SPECIAL_CLASS, "g");
  const spans = new Spans();
  const ends = new Ends(text);
  let position = 0;
  for (let match = special.exec(text); match; match = special.exec(text)) {
    spans.add(text.slice(position, match.index));
    const sequence = readSequence(text, match.index, ends);
    if (sequence.sgr !== undefined) spans.dress(sequence.sgr);
    else if (sequence.link !== undefined) spans.link(safeLink(sequence.link));
    // A row is one line high, whatever the text says.
    else if (LINE_BREAK.test(match[0])) spans.add("\u21b5");
    else if (sequence.end === match.index + 1 && !INTRODUCER.test(match[0])) spans.sign(match[0]);
    position = special.lastIndex = sequence.end;
  }
  spans.add(text.slice(position));
  return spans.done();
}

/** The text as it is shown, without styles: for a copy, for looking at what it says. */
export function plainText(text: string): string {
  if (!isSpecial(text)) return text;
  return parseAnsi(text)
    .map(({ text: shown, code, raw }) => raw ?? (code ? characterOf(code) : shown))
    .join("");
}

function characterOf(code: string): string {
  return String.fromCodePoint(Number.parseInt(code.slice(2), 16));
}

/**
 * Collects spans. Of a line that is nothing but colours and signs, the later ones are plain, so that
 * no row has too many elements.
 */
class Spans {
  readonly #spans: Span[] = [];
  #pen: Pen = {};
  /** `sgrOf` the pen. */
  #penKey = "";
  #style: Style | undefined;
  #styleKey = "";
  #href: string | undefined;
  #text = "";
  /** What `#text` stands for, from where it is something else. */
  #raw: string | undefined;
  #styled = 0;
  #signs = 0;

  add(text: string): void {
    this.#text += text;
    if (this.#raw !== undefined) this.#raw += text;
  }

  dress(parameters: string): void {
    const { pen, key } = dressed(this.#pen, this.#penKey, parameters);
    this.#pen = pen;
    this.#penKey = key;
    if (key === this.#styleKey || this.#styled >= MAX_STYLED) return;
    this.#flush();
    this.#styled++;
    this.#styleKey = this.#styled < MAX_STYLED ? key : "";
    this.#style = this.#styleKey ? pen : undefined;
  }

  link(href: string | undefined): void {
    if (href === this.#href || (href && ++this.#styled > MAX_STYLED)) return;
    this.#flush();
    this.#href = href;
  }

  sign(character: string): void {
    const shown = sign(character);
    if (!shown) return;
    if (++this.#signs <= MAX_SIGNS) {
      this.#flush();
      this.#push({ text: shown.text, style: this.#style, code: shown.code });
      return;
    }
    this.#raw ??= this.#text;
    this.#raw += character;
    this.#text += character < " " ? String.fromCharCode(0x2400 + character.charCodeAt(0)) : "\ufffd";
  }

  done(): Span[] {
    this.#flush();
    return this.#spans;
  }

  #flush(): void {
    const raw = this.#raw === undefined ? {} : { raw: this.#raw };
    if (this.#text) this.#push({ text: this.#text, style: this.#style, ...raw });
    this.#text = "";
    this.#raw = undefined;
  }

  #push(span: Span): void {
    this.#spans.push(this.#href ? { ...span, href: this.#href } : span);
  }
}

const INTRODUCER = /[\x1b\x90\x98\x9b-\x9f]/;

interface Sequence {
  /** Index of the first character after the sequence. */
  readonly end: number;
  /** Parameters, when it is one of SGR. */
  readonly sgr?: string;
  /** Address, perhaps empty, when it opens or closes a link. */
  readonly link?: string;
}

/** Where strings end: the next place, remembered, so that openings without an end cost time in proportion to the text. */
class Ends {
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

function readSequence(text: string, start: number, ends: Ends): Sequence {
  const code = text.charCodeAt(start);
  if (code === 0x9b) return readCsi(text, start + 1);
  if (code === 0x90 || code === 0x98 || (code >= 0x9d && code <= 0x9f)) return readString(text, start + 1, ends, code === 0x9d);
  if (code !== 0x1b) return { end: start + 1 };
  const next = text[start + 1];
  if (next === "[") return readCsi(text, start + 2);
  if (next !== undefined && "]PX^_".includes(next)) return readString(text, start + 2, ends, next === "]");
  return readEscape(text, start + 1);
}

/** ESC, intermediates, one final character: character sets, cursor save, reset. */
function readEscape(text: string, start: number): Sequence {
  let at = start;
  while (at - start < 4 && inRange(text, at, 0x20, 0x2f)) at++;
  return { end: inRange(text, at, 0x30, 0x7e) ? at + 1 : start };
}

/** Control sequence: parameters, intermediates, one final character. */
function readCsi(text: string, start: number): Sequence {
  const limit = start + MAX_CSI_CHARS;
  let at = start;
  while (at < limit && inRange(text, at, 0x30, 0x3f)) at++;
  const parameters = text.slice(start, at);
  const bare = at;
  while (at < limit && inRange(text, at, 0x20, 0x2f)) at++;
  if (at >= limit) return { end: start };
  if (!inRange(text, at, 0x40, 0x7e)) return { end: at };
  const isSgr = at === bare && text[at] === "m" && /^[\d;:]*$/.test(parameters);
  return isSgr ? { end: at + 1, sgr: parameters } : { end: at + 1 };
}

/** OSC, DCS, SOS, PM, APC: up to BEL or ST. */
function readString(text: string, start: number, ends: Ends, isOsc: boolean): Sequence {
  const at = ends.after(start);
  if (at >= text.length || at - start > MAX_STRING_CHARS) return { end: start };
  const isEscape = text[at] === "\x1b";
  if (isEscape && text[at + 1] !== "\\") return { end: at };
  const end = isEscape ? at + 2 : at + 1;
  const link = isOsc ? /^8;[^;]*;(.*)$/s.exec(text.slice(start, at))?.[1] : undefined;
  return link === undefined ? { end } : { end, link };
}

function inRange(text: string, at: number, low: number, high: number): boolean {
  const code = text.charCodeAt(at); // NaN past the end, which is in no range
  return code >= low && code <= high;
}
