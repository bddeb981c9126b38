/** Whether unfinished text looks like a question that waits for an answer. Pure; imports nothing. */

/** What prompts end with, but for blanks: `Name:`, `Continue? [y/N]`, `>>>`, `(Pdb)`, `$`. */
const ENDS = /(?:[:?>$#]|\[[^\]]{1,20}\]|\([^)]{1,20}\))$/;
/** Of a longer text, so many characters at its end are looked at: prompts are short. */
const MAX_CHARS = 1_000;
/** What bars, and other things that are drawn again and again, have. */
const BAR = /\d%|\bit\/s|[\u2500-\u259f\u2800-\u28ff]|\d\/\d/;
// eslint-disable-next-line no-control-regex -- escape sequences are what is taken out
const ESCAPES = /\x1b\[[0-9;?]{0,32}[A-Za-z]/g;

/** @param text what stands after the last newline of a stream. */
export function looksLikePrompt(text: string): boolean {
  const start = Math.max(text.length - MAX_CHARS, text.lastIndexOf("\r") + 1);
  const shown = text.slice(start).replace(ESCAPES, "").trimEnd();
  return ENDS.test(shown.slice(-30)) && !BAR.test(shown);
}
