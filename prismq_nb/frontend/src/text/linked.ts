/**
 * Spans of a line -> parts that lead somewhere, and the others: addresses and places in files, also
 * where colours change inside of them, and links that a program made (OSC 8). Pure.
 */

import type { Span } from "./ansi.js";
import { findPlaces, type Place } from "./find-places.js";
import { findUrls } from "./find-urls.js";
import { trueHost, trueTarget } from "../base/href.js";

/** `beside`: what the text of the link does not say of its target. */
export type Target =
  | { readonly kind: "url"; readonly href: string; readonly beside?: string | undefined }
  | { readonly kind: "place"; readonly place: Place };

export interface Part {
  readonly spans: Span[];
  readonly target: Target | undefined;
}

interface Found {
  readonly start: number;
  readonly end: number;
  readonly target: Target;
}

/** Of a longer line, so much is looked at. */
const MAX_CHARS = 262_144;

/** Whether a text may lead anywhere: most do not, and are not looked at closer. */
export function mayLead(text: string): boolean {
  return text.includes("://") || /\.[A-Za-z]\w{0,6}(?::|\()\d|File ["~/.\w]/.test(text);
}

/**
 * The parts of a line, in order; together they are its spans.
 *
 * @param isCut there is more of the line: what stands at its end may go on.
 */
export function linked(spans: readonly Span[], isCut = false): Part[] {
  // No address reaches into a link of the program, nor over a sign: it stands for another character.
  const parts = spans.map(({ text, href, code, raw }) => (href || code || raw ? "\0".repeat(text.length) : text));
  const joined = parts.join("").slice(0, MAX_CHARS);
  const found = mayLead(joined) ? targetsIn(joined, isCut) : [];
  const made: Part[] = [];
  let [next, offset] = [0, 0];
  for (const span of spans) {
    if (span.href !== undefined) addLink(made, span, span.href);
    let from = 0;
    while (span.href === undefined && from < span.text.length) {
      while (found[next] && (found[next] as Found).end <= offset + from) next++;
      const hit = found[next];
      const isIn = hit !== undefined && hit.start <= offset + from;
      const to = Math.min(span.text.length, hit ? (isIn ? hit.end : hit.start) - offset : Infinity);
      const piece = from === 0 && to === span.text.length ? span : { ...span, text: span.text.slice(from, to) };
      add(made, piece, isIn ? hit.target : undefined);
      from = to;
    }
    offset += span.text.length;
  }
  return made.map(withTarget);
}

function targetsIn(text: string, isCut: boolean): Found[] {
  const found: Found[] = [];
  for (const { start, end, href } of findUrls(text)) {
    if (isCut && end === text.length) continue;
    const beside = trueHost(text.slice(start, end), href);
    found.push({ start, end, target: { kind: "url", href, beside } });
  }
  const urls = [...found];
  let next = 0;
  for (const { start, end, ...place } of findPlaces(text)) {
    while (urls[next] && (urls[next] as Found).end <= start) next++;
    if ((urls[next]?.start ?? Infinity) >= end) found.push({ start, end, target: { kind: "place", place } });
  }
  return found.sort((a, b) => a.start - b.start);
}

function addLink(made: Part[], span: Span, href: string): void {
  const last = made.at(-1);
  if (last?.target?.kind === "url" && last.spans[0]?.href === href) last.spans.push(span);
  else made.push({ spans: [span], target: { kind: "url", href } });
}

function add(made: Part[], span: Span, target: Target | undefined): void {
  const last = made.at(-1);
  if (last && last.target === target) last.spans.push(span);
  else made.push({ spans: [span], target });
}

/** A program's link with what its text, all of it, does not say. */
function withTarget(part: Part): Part {
  const { spans, target } = part;
  if (target?.kind !== "url" || spans[0]?.href === undefined) return part;
  const text = spans.map(({ text: shown, code }) => (code ? "" : shown)).join("");
  return { spans, target: { ...target, beside: trueTarget(text, target.href) } };
}
