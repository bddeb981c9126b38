/**
 * Escape sequences of terminals -> spans of text with a style. Pure; makes no markup and imports nothing.
 *
 * Log text is hostile. Only SGR ("colour") has an effect; every other sequence and control character is swallowed, with bounds: a sequence that is
 * too long or has no end loses its introducer only, so that nothing can hide the rest of a line. Each line starts plain, as rows are shown in any
 * order. Grammar: ECMA-48 5.4 and 8.3.117, xterm's ctlseqs for `38;5;n` and `38;2;r;g;b` (with `;` or `:`).
 */

/** 0-15: a colour of the theme's palette; a string: `rgb(r, g, b)` made here from numbers. */
export type Color = number | string;

export interface Style {
  readonly fg?: Color;
  readonly bg?: Color;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly inverse?: boolean;
}

export interface Span {
  readonly text: string;
  /** Undefined: plain. */
  readonly style: Style | undefined;
}

type Pen = { -readonly [Key in keyof Style]?: Style[Key] };

const MAX_CSI_CHARS = 128;
const MAX_STRING_CHARS = 4096;
const MAX_PARAMETERS = 32;

// eslint-disable-next-line no-control-regex -- control characters are what this file is about
const SPECIAL = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/g;
const LINE_BREAK = /[\n\v\f\r\x85\u2028\u2029]/;

/** The text of a line as styled spans; empty for an empty text. */
export function parseAnsi(text: string): Span[] {
  const spans: Span[] = [];
  let pen: Pen = {};
  let style: Style | undefined;
  let plain = "";
  let position = 0;
  const flush = (): void => {
    if (plain) spans.push({ text: plain, style });
    plain = "";
  };
  SPECIAL.lastIndex = 0;
  for (let match = SPECIAL.exec(text); match; match = SPECIAL.exec(text)) {
    plain += text.slice(position, match.index);
    const sequence = readSequence(text, match.index);
    if (sequence.sgr !== undefined) {
      flush();
      pen = applySgr(pen, sequence.sgr);
      style = Object.keys(pen).length ? { ...pen } : undefined;
    } else if (LINE_BREAK.test(match[0])) {
      plain += "\u21b5"; // a row is one line high, whatever the text says
    }
    position = SPECIAL.lastIndex = sequence.end;
  }
  plain += text.slice(position);
  flush();
  return spans;
}

interface Sequence {
  /** Index of the first character after the sequence. */
  readonly end: number;
  /** Parameters, when it is one of SGR. */
  readonly sgr?: string;
}

function readSequence(text: string, start: number): Sequence {
  const code = text.charCodeAt(start);
  if (code === 0x9b) return readCsi(text, start + 1);
  if (code === 0x90 || code === 0x98 || (code >= 0x9d && code <= 0x9f)) return readString(text, start + 1);
  if (code !== 0x1b) return { end: start + 1 };
  const next = text[start + 1];
  if (next === "[") return readCsi(text, start + 2);
  if (next !== undefined && "]PX^_".includes(next)) return readString(text, start + 2);
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
function readString(text: string, start: number): Sequence {
  const limit = Math.min(text.length, start + MAX_STRING_CHARS);
  for (let at = start; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x07 || code === 0x9c) return { end: at + 1 };
    if (code === 0x1b) return text[at + 1] === "\\" ? { end: at + 2 } : { end: at };
  }
  return { end: start };
}

function inRange(text: string, at: number, low: number, high: number): boolean {
  const code = text.charCodeAt(at); // NaN past the end, which is in no range
  return code >= low && code <= high;
}

function applySgr(pen: Pen, parameters: string): Pen {
  const codes = parameters.split(";").slice(0, MAX_PARAMETERS);
  let next: Pen = { ...pen };
  for (let i = 0; i < codes.length; i++) {
    const parts = (codes[i] ?? "").split(":").map(Number);
    const code = parts[0] ?? 0;
    if (code === 0) next = {};
    else if (code === 38 || code === 48) {
      const inline = parts.length > 1;
      const rest = inline ? parts.slice(1) : codes.slice(i + 1, i + 5).map(Number);
      const [color, used] = extendedColor(rest, inline);
      if (!inline) i += used;
      if (color !== undefined) next[code === 38 ? "fg" : "bg"] = color;
    } else applySimple(next, code, parts[1]);
  }
  return next;
}

function applySimple(pen: Pen, code: number, sub: number | undefined): void {
  if (code >= 30 && code <= 37) pen.fg = code - 30;
  else if (code >= 90 && code <= 97) pen.fg = code - 82;
  else if (code >= 40 && code <= 47) pen.bg = code - 40;
  else if (code >= 100 && code <= 107) pen.bg = code - 92;
  else if (code === 39) delete pen.fg;
  else if (code === 49) delete pen.bg;
  else if (code === 4 && sub === 0) delete pen.underline;
  else if (code === 22) {
    delete pen.bold;
    delete pen.dim;
  } else {
    const on = ON[code];
    const off = OFF[code];
    if (on) pen[on] = true;
    if (off) delete pen[off];
  }
}

type Flag = "bold" | "dim" | "italic" | "underline" | "strike" | "inverse";
const ON: Readonly<Record<number, Flag>> = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "strike", 21: "underline" };
const OFF: Readonly<Record<number, Flag>> = { 23: "italic", 24: "underline", 27: "inverse", 29: "strike" };

/** Colour after 38 or 48, and how many parameters it took. The `:` form of true colour has a colour space id first, which many leave out. */
function extendedColor(rest: readonly number[], inline: boolean): [Color | undefined, number] {
  if (rest[0] === 5) return [paletteColor(rest[1]), 2];
  if (rest[0] !== 2) return [undefined, 1];
  const channels = inline && rest.length > 4 ? rest.slice(2, 5) : rest.slice(1, 4);
  return [channels.length === 3 && channels.every(isByte) ? rgb(channels) : undefined, 4];
}

/** xterm's 256 colours: 16 of the theme, a 6 x 6 x 6 cube, 24 greys. */
function paletteColor(index: number | undefined): Color | undefined {
  if (index === undefined || !isByte(index)) return undefined;
  if (index < 16) return index;
  if (index >= 232) return rgb(Array<number>(3).fill(8 + (index - 232) * 10));
  const cube = index - 16;
  return rgb([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((step) => (step ? 55 + step * 40 : 0)));
}

function isByte(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 255;
}

function rgb(channels: readonly number[]): string {
  return `rgb(${channels.join(", ")})`;
}
