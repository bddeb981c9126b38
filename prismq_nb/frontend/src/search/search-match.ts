/**
 * Where in a text the matches of a query are, as the server finds them: the same RE2, for a pattern that takes the browser's own engine for ever takes
 * this one no longer than any other. Pure.
 */

import { RE2JS } from "re2js";
import { widenedPattern, widenedText } from "./normal-forms.js";
import { type TextQuery, wantedOf } from "./search-query.js";
import { wholeWord, wholeWordRe2 } from "./whole-words.js";

/** Of a longer line, only so many characters are looked at, and so many matches are given. */
export const MATCH_CHARS = 8_192;
export const MATCHES = 200;

/** From `start` to before `end`, in UTF-16 units. */
export type Match = readonly [start: number, end: number];
/** The matches of a line in order, none empty, none over another; [] where the line does not pass. */
export type FindMatches = (text: string) => Match[];
type Find = (text: string) => Match[];

export interface Matcher {
  readonly find: FindMatches;
  /** Whether a line passes; true where that cannot be told, since it is long. */
  passes(text: string): boolean;
}

/** @returns undefined when there is nothing to look for, or the pattern is none. */
export function matcherOf(query: TextQuery): Matcher | undefined {
  const { include, exclude } = wantedOf(query);
  const make = query.regex ? patternMatcher : textMatcher;
  const wanted = include.map((term) => make(term, query));
  const unwanted = exclude.map((term) => make(term, query));
  if (!(wanted.length + unwanted.length) || [...wanted, ...unwanted].includes(undefined)) return undefined;
  /** Undefined: the line does not pass. */
  const matches = (line: string): Match[] | undefined => {
    const text = line.slice(0, MATCH_CHARS);
    const isWhole = text.length === line.length; // else what is missing may come later
    if (unwanted.some((find) => find?.(text).length)) return undefined;
    const found = wanted.map((find) => find?.(text) ?? []);
    return isWhole && found.some(({ length }) => !length) ? undefined : joined(found);
  };
  return { find: (line) => matches(line) ?? [], passes: (line) => matches(line) !== undefined };
}

/** Matches of several terms as one list; those that touch are one. */
function joined(found: readonly (readonly Match[])[]): Match[] {
  if (found.length === 1) return [...(found[0] ?? [])];
  const all: Match[] = [];
  for (const [start, end] of found.flat().sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = all.at(-1);
    if (last && start < last[1]) all[all.length - 1] = [last[0], Math.max(last[1], end)];
    else all.push([start, end]);
  }
  return all.slice(0, MATCHES);
}

function textMatcher(text: string, { case: exact, word }: TextQuery): Find {
  const escape = (part: string): string => part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const widened = widenedText(text, escape);
  const pattern = new RegExp(word ? wholeWord(widened) : widened, exact ? "gu" : "giu");
  return (line) => {
    const found: Match[] = [];
    for (const match of line.matchAll(pattern)) {
      found.push([match.index, match.index + match[0].length]);
      if (found.length === MATCHES) break;
    }
    return found;
  };
}

function patternMatcher(text: string, { case: exact, word }: TextQuery): Find | undefined {
  // A group's name may have two forms, too, and no alternation may stand there: then only the pattern as it was typed is one.
  const typed = compiled(text, exact);
  const edged = word ? wholeWordRe2 : (pattern: string): string => pattern;
  const pattern = typed && (compiled(edged(widenedPattern(text)), exact) ?? compiled(edged(text), exact));
  if (!pattern) return undefined; // the server says what is wrong with it
  const group = word ? 1 : 0;
  return (line) => {
    const found: Match[] = [];
    const matcher = pattern.matcher(line);
    let isFound = matcher.find();
    while (isFound && found.length < MATCHES) {
      const [start, end] = [matcher.start(group), matcher.end(group)];
      if (end > start) found.push([start, end]);
      if (!word) isFound = matcher.find();
      else isFound = Math.max(end, start + 1) <= line.length && matcher.find(Math.max(end, start + 1)); // what ends a word may begin the next
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
