/** Whether unfinished text looks like a question that waits for an answer. Pure. */

import { plain } from "./terminal-text.js";

/** What prompts end with, but for blanks: `Name:`, `Continue? [y/N]`, `>>>`, `(Pdb)`, `$`. */
const ENDS = /(?:[:?>$#]|\[[^\]]{1,20}\]|\([^)]{1,20}\))$/;
/** Of a longer text, so many characters at its end are looked at: prompts are short. */
const MAX_CHARS = 1_000;
/** What bars, and other things that are drawn again and again, have. */
const BAR = /\d%|\bit\/s|[\u2500-\u259f\u2800-\u28ff]|\d\/\d/;

/** @param text what stands after the last newline of a stream. */
export function looksLikePrompt(text: string): boolean {
  const shown = plain(text.slice(-MAX_CHARS)).trimEnd();
  return ENDS.test(shown.slice(-30)) && !BAR.test(shown);
}
