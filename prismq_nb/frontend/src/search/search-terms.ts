/**
 * Parse a search text into terms to include and to exclude. Pure.
 *
 * Words are separated by whitespace. `-word` excludes; `"two words"` is one term, in which a
 * backslash escapes a quote or a backslash; `\-word` and `"-word"` begin with a literal dash, as do
 * `--word` and a single dash. Python parses the same syntax (common/query_text.py).
 */

export interface Terms {
  /** Terms that a line must contain. */
  readonly include: readonly string[];
  /** Terms that it must not contain. */
  readonly exclude: readonly string[];
}

/**
 * A quoted term. The lookahead with a backreference makes the group atomic, so that there is no
 * backtracking.
 */
const QUOTED = String.raw`"(?=(?<quoted>(?:[^"\\]|\\.?)*))\k<quoted>(?:"(?!\S)|$)`;
const TERM = new RegExp(
  String.raw`(?<minus>-(?=[^\s-]))?(?:${QUOTED}|\\?(?<dash>-\S*)|(?<word>\S+))`,
  "gsu",
);

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

/** Quote a text so that it is parsed as one term. */
export function quoted(text: string): string {
  return /^[^\s"\\-][^\s]*$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}
