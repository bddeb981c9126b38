/** Names and messages of programs in a few words of ours: one short line, whatever they hold. */

import { count } from "./format.js";

/** What ends a line, is invisible, or changes the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]+/gu;
/** Characters that are looked at: a name may have thousands. */
const MAX_LOOKED_AT = 4;

/**
 * One line of at most `most` characters.
 *
 * Text from right to left is isolated (Unicode UAX 9), so that it does not turn what is around it.
 */
export function shortened(text: string, most: number): string {
  const start = text.slice(0, most * MAX_LOOKED_AT);
  const line = start.replace(UNSEEN, " ").replace(/\s+/g, " ").trim();
  const characters = [...line];
  const isWhole = characters.length <= most && start.length === text.length;
  const cut = characters.slice(0, most - 1).join("");
  const shown = isWhole ? line : `${cut.trimEnd()}\u2026`;
  return /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u.test(shown)
    ? `\u2068${shown}\u2069`
    : shown;
}

/**
 * `a, b, c, 47 more`
 *
 * @param most names; the others are counted.
 * @param chars of each name.
 */
export function listOf(names: readonly string[], most: number, chars: number): string {
  const named = names.slice(0, most).map((name) => shortened(name, chars));
  const more = names.length - named.length;
  return [...named, ...(more ? [`${count(more)} more`] : [])].join(", ");
}
