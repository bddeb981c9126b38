/**
 * What a person types to find lines -> the texts that they have, and those that they have not. Pure.
 *
 * Words are apart at blanks. `-word` excludes; `"two words"` are one text, in which a backslash
 * stands before a quote or another backslash; `\-word` and `"-word"` begin with a dash themselves, as
 * do `--word` and a dash alone. Python reads the same (common/query_text.py).
 */

export interface Terms {
  /** A line has all of them. */
  readonly include: readonly string[];
  /** And none of these. */
  readonly exclude: readonly string[];
}

/** What is in quotes is looked ahead at and taken as it is, so that nothing is tried in another way. */
const TERM = /(?<minus>-(?=[^\s-]))?(?:"(?=(?<quoted>(?:[^"\\]|\\[^]?)*))\k<quoted>(?:"(?!\S)|$)|\\?(?<dash>-\S*)|(?<word>\S+))/gsu;

export function termsOf(text: string): Terms {
  const include: string[] = [];
  const exclude: string[] = [];
  for (const { groups = {} } of text.matchAll(TERM)) {
    const { minus, quoted, dash, word } = groups;
    const term = quoted?.replace(/\\(["\\])/g, "$1") ?? dash ?? word ?? "";
    if (term) (minus ? exclude : include).push(term);
  }
  return { include, exclude };
}

/** A text as one types it, so that it is one term, whatever is in it. */
export function quoted(text: string): string {
  return /^[^\s"\\-][^\s]*$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}
