/**
 * Find the matches of a query in a text exactly as the server does, with the same RE2: a pattern
 * with catastrophic backtracking in the browser's engine takes linear time here. Pure.
 */

import { RE2JS } from "re2js";
import { widenedPattern, widenedText } from "./normal-forms.js";
import { type TextQuery, wantedOf } from "./search-query.js";
import { wholeWord, wholeWordRe2 } from "./whole-words.js";

/** Limits per line: characters examined, and matches returned. */
export const MATCH_CHARS = 8_192;
export const MAX_MATCHES = 200;

/** From `start` to before `end`, in UTF-16 units. */
export type Match = readonly [start: number, end: number];
/**
 * Return the matches of a line in order, none empty or overlapping; [] if the line does not pass.
 */
export type FindMatches = (text: string) => Match[];

export interface Matcher {
  readonly find: FindMatches;
  /** Whether a line passes; true if that cannot be decided because the line is too long. */
  passes(text: string): boolean;
}

/** Compile a query; return undefined if it is empty or its pattern is invalid. */
export function matcherOf(query: TextQuery): Matcher | undefined {
  const { include, exclude } = wantedOf(query);
  const make = query.regex ? patternMatcher : textMatcher;
  const wanted = include.map((term) => make(term, query));
  const unwanted = exclude.map((term) => make(term, query));
  if (!(wanted.length + unwanted.length) || [...wanted, ...unwanted].includes(undefined))
    return undefined;
  /** Return the matches of a line; undefined: the line does not pass. */
  const matches = (line: string): Match[] | undefined => {
    const text = line.slice(0, MATCH_CHARS);
    const isWhole = text.length === line.length; // otherwise the missing part may match
    if (unwanted.some((find) => find?.(text).length)) return undefined;
    const found = wanted.map((find) => find?.(text) ?? []);
    return isWhole && found.some(({ length }) => !length) ? undefined : joined(found);
  };
  return { find: (line) => matches(line) ?? [], passes: (line) => matches(line) !== undefined };
}

/** Merge the matches of several terms into one list; overlapping matches become one. */
function joined(found: readonly (readonly Match[])[]): Match[] {
  if (found.length === 1) return [...(found[0] ?? [])];
  const all: Match[] = [];
  for (const [start, end] of found.flat().sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = all.at(-1);
    if (last && start < last[1]) all[all.length - 1] = [last[0], Math.max(last[1], end)];
    else all.push([start, end]);
  }
  return all.slice(0, MAX_MATCHES);
}

function textMatcher(text: string, { case: exact, word }: TextQuery): FindMatches {
  const escaped = (part: string): string => part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const widened = widenedText(text, escaped);
  const pattern = new RegExp(word ? wholeWord(widened) : widened, exact ? "gu" : "giu");
  return (line) => {
    const found: Match[] = [];
    for (const match of line.matchAll(pattern)) {
      found.push([match.index, match.index + match[0].length]);
      if (found.length === MAX_MATCHES) break;
    }
    return found;
  };
}

function patternMatcher(text: string, { case: exact, word }: TextQuery): FindMatches | undefined {
  // A group's name may have two forms as well, but cannot be an alternation: fall back to the
  // pattern as typed.
  const typed = compiled(text, exact);
  const edged = word ? wholeWordRe2 : (pattern: string): string => pattern;
  const pattern =
    typed && (compiled(edged(widenedPattern(text)), exact) ?? compiled(edged(text), exact));
  if (!pattern) return undefined; // the server reports the error
  const group = word ? 1 : 0;
  return (line) => {
    const found: Match[] = [];
    const matcher = pattern.matcher(line);
    let isFound = matcher.find();
    while (isFound && found.length < MAX_MATCHES) {
      const [start, end] = [matcher.start(group), matcher.end(group)];
      if (end > start) found.push([start, end]);
      if (!word) isFound = matcher.find();
      // the character that ends a word may precede the next
      else
        isFound = Math.max(end, start + 1) <= line.length && matcher.find(Math.max(end, start + 1));
    }
    return found;
  };
}

function compiled(text: string, exact: boolean): RE2JS | undefined {
  try {
    return RE2JS.compile(text, exact ? 0 : RE2JS.CASE_INSENSITIVE);
  } catch {
    return undefined;
  }
}
