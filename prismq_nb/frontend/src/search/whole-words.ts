/**
 * What ends a word in a search for whole words: the server's table (journal/search/whole_words.py), so that both find the same. Pure.
 *
 * RE2's own `\b` knows ASCII only. A word ends before ASCII but letters, digits and `_`, and before
 * the blocks of punctuation, symbols and emoji; all else is a part of words.
 */

const NO_WORD: readonly (readonly [first: number, last: number])[] = [
  [0x00, 0x09], [0x0b, 0x2f], [0x3a, 0x40], [0x5b, 0x5e], [0x60, 0x60], [0x7b, 0xa9], [0xab, 0xb4],
  [0xb6, 0xb9], [0xbb, 0xbf], [0xd7, 0xd7], [0xf7, 0xf7], [0x2000, 0x2bff], [0x3000, 0x3004],
  [0x3008, 0x3020], [0xfe00, 0xfe0f], [0xff01, 0xff0f], [0xff1a, 0xff20], [0xff5b, 0xff65],
  [0xfffd, 0xfffd], [0x1f000, 0x1faff],
];

/** The inside of a class of characters; @param escape how the language writes a character. */
function noWord(escape: (hex: string) => string): string {
  return NO_WORD.map((range) => range.map((code) => escape(code.toString(16))).join("-")).join("");
}

const IN_RE2 = noWord((hex) => `\\x{${hex}}`);
const IN_JS = noWord((hex) => `\\u{${hex}}`);

/** For `RegExp` with the flag u, which looks around. */
export function wholeWord(pattern: string): string {
  return `(?<=^|[${IN_JS}])(?:${pattern})(?=[${IN_JS}]|$)`;
}

/** For RE2, which does not: what was looked for is group 1, and there is a character around it. */
export function wholeWordRe2(pattern: string): string {
  return `(?:^|[${IN_RE2}])((?:${pattern}))(?:[${IN_RE2}]|$)`;
}
