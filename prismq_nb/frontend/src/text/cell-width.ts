/**
 * The number of terminal columns of a character: 0, 1 or 2. Pure; imports nothing.
 *
 * East Asian Width W and F (UAX 11, Unicode 14) take two columns; combining marks, joiners and
 * variation selectors take none. Browsers have no such table.
 */

import { bisect } from "../base/bisect.js";

/** First and last code point of each range of wide characters, in order. */
const WIDE: readonly number[] = [
  0x1100, 0x115f, 0x231a, 0x231b, 0x2329, 0x232a, 0x23e9, 0x23ec, 0x23f0, 0x23f0, 0x23f3, 0x23f3,
  0x25fd, 0x25fe, 0x2614, 0x2615, 0x2648, 0x2653, 0x267f, 0x267f, 0x2693, 0x2693, 0x26a1, 0x26a1,
  0x26aa, 0x26ab, 0x26bd, 0x26be, 0x26c4, 0x26c5, 0x26ce, 0x26ce, 0x26d4, 0x26d4, 0x26ea, 0x26ea,
  0x26f2, 0x26f3, 0x26f5, 0x26f5, 0x26fa, 0x26fa, 0x26fd, 0x26fd, 0x2705, 0x2705, 0x270a, 0x270b,
  0x2728, 0x2728, 0x274c, 0x274c, 0x274e, 0x274e, 0x2753, 0x2755, 0x2757, 0x2757, 0x2795, 0x2797,
  0x27b0, 0x27b0, 0x27bf, 0x27bf, 0x2b1b, 0x2b1c, 0x2b50, 0x2b50, 0x2b55, 0x2b55, 0x2e80, 0x3029,
  0x302e, 0x303e, 0x3041, 0x3096, 0x309b, 0x3247, 0x3250, 0x4dbf, 0x4e00, 0xa4c6, 0xa960, 0xa97c,
  0xac00, 0xd7a3, 0xf900, 0xfad9, 0xfe10, 0xfe19, 0xfe30, 0xfe6b, 0xff01, 0xff60, 0xffe0, 0xffe6,
  0x16fe0, 0x16fe3, 0x16ff0, 0x1b2fb, 0x1f004, 0x1f004, 0x1f0cf, 0x1f0cf, 0x1f18e, 0x1f18e, 0x1f191,
  0x1f19a, 0x1f200, 0x1f320, 0x1f32d, 0x1f335, 0x1f337, 0x1f37c, 0x1f37e, 0x1f393, 0x1f3a0, 0x1f3ca,
  0x1f3cf, 0x1f3d3, 0x1f3e0, 0x1f3f0, 0x1f3f4, 0x1f3f4, 0x1f3f8, 0x1f43e, 0x1f440, 0x1f440, 0x1f442,
  0x1f4fc, 0x1f4ff, 0x1f53d, 0x1f54b, 0x1f54e, 0x1f550, 0x1f567, 0x1f57a, 0x1f57a, 0x1f595, 0x1f596,
  0x1f5a4, 0x1f5a4, 0x1f5fb, 0x1f64f, 0x1f680, 0x1f6c5, 0x1f6cc, 0x1f6cc, 0x1f6d0, 0x1f6d2, 0x1f6d5,
  0x1f6df, 0x1f6eb, 0x1f6ec, 0x1f6f4, 0x1f6fc, 0x1f7e0, 0x1f7f0, 0x1f90c, 0x1f93a, 0x1f93c, 0x1f945,
  0x1f947, 0x1f9ff, 0x1fa70, 0x1faf6, 0x20000, 0x3134a,
];
const COMBINING = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Columns of one character other than a control character. */
export function cellWidth(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (COMBINING.test(character)) return 0;
  return code >= 0x1100 && isWide(code) ? 2 : 1;
}

// Includes some that are not wide. Tested in two steps, because one pattern for both takes
// quadratic time.
const FIRST_WIDE = new RegExp(
  String.raw`[\u1100-\u115f\u231a\u231b\u2614-\u2b55\u2e80-\ua4cf\uac00-\ud7a3` +
    String.raw`\uf900-\ufaff\ufe30-\uffe6\ud83c-\ud83e]`,
);
const COLUMNS = / {2}|[|\u2500-\u257f]/;

/**
 * Whether a table may follow a wide character: then the character has to take exactly two columns,
 * as in a terminal but not in every font.
 */
export function isAligned(text: string): boolean {
  const start = text.search(FIRST_WIDE);
  return start >= 0 && COLUMNS.test(text.slice(start));
}

/** A part of a text and its columns, if its characters are wide; 0: they are not. */
export type Stretch = readonly [text: string, columns: number];

const PERHAPS_WIDE = /[\u1100-\uffe6]/;
/** Maximum number of stretches; the rest of the text is one. */
const MAX_STRETCHES = 200;

/** Split a text into stretches of wide and other characters. */
export function stretches(text: string): Stretch[] {
  if (!PERHAPS_WIDE.test(text)) return [[text, 0]];
  const found: Stretch[] = [];
  let [start, at, columns] = [0, 0, 0];
  for (const character of text) {
    const width = cellWidth(character);
    const turns = width !== 0 && (width === 2) !== columns > 0;
    if (turns && at > start) {
      found.push([text.slice(start, at), columns]);
      start = at;
      if (found.length >= MAX_STRETCHES) return [...found, [text.slice(start), 0]];
    }
    if (turns) columns = 0;
    if (width === 2) columns += 2;
    at += character.length;
  }
  return [...found, [text.slice(start), columns]];
}

function isWide(code: number): boolean {
  const range = bisect(WIDE.length / 2, (place) => code <= (WIDE[2 * place + 1] as number));
  return code >= (WIDE[2 * range] ?? Infinity);
}
