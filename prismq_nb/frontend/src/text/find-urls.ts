/**
 * Addresses printed as plain text (`https://wandb.ai/...`): where they begin and end. Pure.
 *
 * Characters of RFC 3986 and, as people print them, letters of any script but those written from
 * right to left, which reorder what stands around them. Takes time in proportion to the text.
 */

import { MAX_URL_CHARS, safeLink } from "../base/href.js";

/** A part of a text that leads somewhere; `end`: index after its last character. */
export interface FoundUrl {
  readonly start: number;
  readonly end: number;
  readonly href: string;
}

/** Links of one line, at most. */
const MAX_LINKS = 200;

const START = /(?<![A-Za-z0-9])https?:\/\/(?=[\p{L}\p{N}[])/giu;
// JSON encoders of some languages write `&` as \u0026. Quotes always end an address: Python's `repr`.
const BODY =
  /(?:(?![\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff])[\p{L}\p{N}\p{M}\-._~:/?#[\]@!$&()*+,;=%]|\\u0026)*/uy;
const NEXT = /[,;]https?:\/\//i;
const AUTHORITY = /^[^/?#]*/;
/** The last label of a host, and letters of a language that writes no blanks, which do not belong to it. */
const GLUED = /\.[a-z]+(?=[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff][^.]*$)/i;
const CLOSING: Readonly<Record<string, string>> = { ")": "(", "]": "[" };

/** The addresses in a text, in order; `http` and `https` only, none that hides its host. */
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

/** Without what belongs to the sentence; `scheme`: length of `https://`. */
function trimmed(token: string, scheme: number): string {
  let end = token.length;
  const host = AUTHORITY.exec(token.slice(scheme))?.[0] ?? "";
  const glued = GLUED.exec(host);
  if (glued) return token.slice(0, scheme + glued.index + glued[0].length);
  const open = counts(token);
  for (; end > scheme; end--) {
    const last = token[end - 1] as string;
    const opening = CLOSING[last];
    if (opening === undefined ? !".,;:!?*~".includes(last) : (open[last] ?? 0) <= (open[opening] ?? 0)) break;
    open[last] = (open[last] ?? 0) - 1;
  }
  return token.slice(0, end);
}

function counts(token: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [sign] of token.matchAll(/[()[\]]/g)) found[sign] = (found[sign] ?? 0) + 1;
  return found;
}
