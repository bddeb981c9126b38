/**
 * Split the spans of a line into parts with and without a target: URLs and file locations, even if
 * colours change inside them, and OSC 8 links. Pure.
 */

import { trueHost, trueTarget } from "../base/href.js";
import type { Span } from "./ansi.js";
import { type FileLocation, findLocations } from "./file-locations.js";
import { findUrls } from "./find-urls.js";

/** `beside`: the part of the target that the text of the link does not show. */
export type Target =
  | { readonly kind: "url"; readonly href: string; readonly beside?: string | undefined }
  | { readonly kind: "place"; readonly place: FileLocation };

export interface Part {
  readonly spans: Span[];
  readonly target: Target | undefined;
}

interface Found {
  readonly start: number;
  readonly end: number;
  readonly target: Target;
}

/** Characters of a line that are searched for targets. */
const MAX_CHARS = 262_144;

/** Whether a text may have a target. A cheap test that most texts fail. */
export function mayHaveTarget(text: string): boolean {
  return text.includes("://") || /\.[A-Za-z]\w{0,6}(?::|\()\d|File ["~/.\w]/.test(text);
}

/**
 * The parts of a line, in order.
 *
 * @param isCut the line continues: a URL at its end may be incomplete.
 */
export function partsOf(spans: readonly Span[], isCut = false): Part[] {
  // No URL extends into an OSC 8 link, or across a sign, which stands for another character.
  const parts = spans.map(({ text, href, code, raw }) =>
    href || code || raw ? "\0".repeat(text.length) : text,
  );
  const joined = parts.join("").slice(0, MAX_CHARS);
  const found = mayHaveTarget(joined) ? targetsIn(joined, isCut) : [];
  const made: Part[] = [];
  let [next, offset] = [0, 0];
  for (const span of spans) {
    if (span.href !== undefined) addLink(made, span, span.href);
    else next = addPieces(made, span, offset, found, next);
    offset += span.text.length;
  }
  return made.map(withTarget);
}

/**
 * Add a span, divided where targets begin and end.
 *
 * @param offset index of the span in the line.
 * @param first index of the first target that may be in the span.
 * @returns the same for the next span.
 */
function addPieces(
  made: Part[],
  span: Span,
  offset: number,
  found: readonly Found[],
  first: number,
): number {
  const { text } = span;
  let [next, from] = [first, 0];
  while (from < text.length) {
    while (found[next] && (found[next] as Found).end <= offset + from) next++;
    const hit = found[next];
    const isIn = hit !== undefined && hit.start <= offset + from;
    const to = Math.min(text.length, hit ? (isIn ? hit.end : hit.start) - offset : Infinity);
    const isWhole = from === 0 && to === text.length;
    add(
      made,
      isWhole ? span : { ...span, text: text.slice(from, to) },
      isIn ? hit.target : undefined,
    );
    from = to;
  }
  return next;
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
  for (const { start, end, ...place } of findLocations(text)) {
    while (urls[next] && (urls[next] as Found).end <= start) next++;
    if ((urls[next]?.start ?? Infinity) >= end)
      found.push({ start, end, target: { kind: "place", place } });
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

/** Add the part of the target that the whole text of an OSC 8 link does not show. */
function withTarget(part: Part): Part {
  const { spans, target } = part;
  if (target?.kind !== "url" || spans[0]?.href === undefined) return part;
  const text = spans.map(({ text: shown, code }) => (code ? "" : shown)).join("");
  return { spans, target: { ...target, beside: trueTarget(text, target.href) } };
}
