/**
 * Find URLs in plain text (`https://wandb.ai/...`). Pure; linear time.
 *
 * Characters of RFC 3986 and letters of any script, except those written from right to left, which
 * reorder the text around them.
 */

import { MAX_URL_CHARS, safeLink } from "../base/href.js";

/** A URL in a text; `end`: index after its last character. */
export interface FoundUrl {
  readonly start: number;
  readonly end: number;
  readonly href: string;
}

/** Maximum number of links in one line. */
const MAX_LINKS = 200;

const START = /(?<![A-Za-z0-9])https?:\/\/(?=[\p{L}\p{N}[])/giu;
// Some JSON encoders write `&` as \u0026. Quotes always end a URL, as in Python's `repr`.
const NOT_RIGHT_TO_LEFT = /(?![\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff])/u;
const ADDRESS = /[\p{L}\p{N}\p{M}\-._~:/?#[\]@!$&()*+,;=%]|\\u0026/u;
const BODY = new RegExp(`(?:${NOT_RIGHT_TO_LEFT.source}(?:${ADDRESS.source}))*`, "uy");
const NEXT = /[,;]https?:\/\//i;
const AUTHORITY = /^[^/?#]*/;
/**
 * The last label of a host, followed by letters of a language without spaces, which are not part of
 * it.
 */
const GLUED = /\.[a-z]+(?=[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff][^.]*$)/i;
const CLOSING: Readonly<Record<string, string>> = { ")": "(", "]": "[" };

/** The URLs in a text, in order: only `http` and `https`, and none that hides its host. */
export function findUrls(text: string): FoundUrl[] {
  const found: FoundUrl[] = [];
  const starts = new RegExp(START);
  for (let match = starts.exec(text); match; match = starts.exec(text)) {
    const body = new RegExp(BODY);
    body.lastIndex = match.index + match[0].length;
    const rest = body.exec(text)?.[0] ?? "";
    const next = NEXT.exec(rest)?.index ?? rest.length;
    const token = match[0] + rest.slice(0, next);
    starts.lastIndex = match.index + token.length;
    if (token.length > MAX_URL_CHARS) continue;
    const address = trimmed(token, match[0].length);
    const href = safeLink(address.replaceAll("\\u0026", "&"));
    if (href === undefined) continue;
    found.push({ start: match.index, end: match.index + address.length, href });
    if (found.length >= MAX_LINKS) break;
  }
  return found;
}

/**
 * Strip punctuation that belongs to the sentence.
 *
 * @param scheme length of `https://`.
 */
function trimmed(token: string, scheme: number): string {
  let end = token.length;
  const host = AUTHORITY.exec(token.slice(scheme))?.[0] ?? "";
  const glued = GLUED.exec(host);
  if (glued) return token.slice(0, scheme + glued.index + glued[0].length);
  const open = counts(token);
  for (; end > scheme; end--) {
    const last = token[end - 1] as string;
    const opening = CLOSING[last];
    if (
      opening === undefined ? !".,;:!?*~".includes(last) : (open[last] ?? 0) <= (open[opening] ?? 0)
    )
      break;
    open[last] = (open[last] ?? 0) - 1;
  }
  return token.slice(0, end);
}

function counts(token: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [sign] of token.matchAll(/[()[\]]/g)) found[sign] = (found[sign] ?? 0) + 1;
  return found;
}
