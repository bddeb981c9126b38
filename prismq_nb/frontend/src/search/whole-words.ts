/**
 * Word boundaries of whole-word searches: the server's table (journal/search/whole_words.py), so
 * that both find the same. Pure.
 *
 * RE2's `\b` knows ASCII only. Boundaries are ASCII characters except letters, digits and `_`, and
 * the blocks of punctuation, symbols and emoji; all other characters belong to words.
 */

const NON_WORD: readonly (readonly [first: number, last: number])[] = [
  [0x00, 0x09],
  [0x0b, 0x2f],
  [0x3a, 0x40],
  [0x5b, 0x5e],
  [0x60, 0x60],
  [0x7b, 0xa9],
  [0xab, 0xb4],
  [0xb6, 0xb9],
  [0xbb, 0xbf],
  [0xd7, 0xd7],
  [0xf7, 0xf7],
  [0x2000, 0x2bff],
  [0x3000, 0x3004],
  [0x3008, 0x3020],
  [0xfe00, 0xfe0f],
  [0xff01, 0xff0f],
  [0xff1a, 0xff20],
  [0xff5b, 0xff65],
  [0xfffd, 0xfffd],
  [0x1f000, 0x1faff],
];

/**
 * Return the contents of a character class.
 *
 * @param escaped escapes a code point for the target syntax.
 */
function nonWord(escaped: (hex: string) => string): string {
  return NON_WORD.map((range) => range.map((code) => escaped(code.toString(16))).join("-")).join(
    "",
  );
}

const IN_RE2 = nonWord((hex) => `\\x{${hex}}`);
const IN_JS = nonWord((hex) => `\\u{${hex}}`);

/** Wrap a pattern for `RegExp` with the flag u, which has lookaround. */
export function wholeWord(pattern: string): string {
  return `(?<=^|[${IN_JS}])(?:${pattern})(?=[${IN_JS}]|$)`;
}

/**
 * Wrap a pattern for RE2, which has no lookaround: the match is group 1, and may be surrounded by a
 * boundary character.
 */
export function wholeWordRe2(pattern: string): string {
  return `(?:^|[${IN_RE2}])((?:${pattern}))(?:[${IN_RE2}]|$)`;
}
