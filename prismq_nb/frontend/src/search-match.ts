/**
 * Where in a text the matches of a query are, as the server finds them: the same RE2, for a pattern that takes the browser's own engine for ever takes
 * this one no longer than any other. Pure.
 */

import { RE2JS } from "re2js";
import { widenedPattern, widenedText } from "./normal-forms.js";
import type { SearchQuery } from "./search-query.js";

/** Of a longer line, only so many characters are looked at, and so many matches are given. */
export const MATCH_CHARS = 8_192;
export const MATCHES = 200;

/** Finds [start, end) in UTF-16 units, in order; no empty ones. */
export type FindMatches = (text: string) => [start: number, end: number][];

/** @returns undefined when there is no text to find, or the pattern is none. */
export function matcherOf({ text, regex, case: exact }: Pick<SearchQuery, "text" | "regex" | "case">): FindMatches | undefined {
  if (!text) return undefined;
  return regex ? patternMatcher(text, exact) : textMatcher(text, exact);
}

function textMatcher(text: string, exact: boolean): FindMatches {
  const escape = (part: string): string => part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const pattern = new RegExp(widenedText(text, escape), exact ? "gu" : "giu");
  return (line) => {
    const found: [number, number][] = [];
    for (const match of line.slice(0, MATCH_CHARS).matchAll(pattern)) {
      found.push([match.index, match.index + match[0].length]);
      if (found.length === MATCHES) break;
    }
    return found;
  };
}

function patternMatcher(text: string, exact: boolean): FindMatches | undefined {
  // A group's name may have two forms, too, and no alternation may stand there: then only the pattern as it was typed is one.
  const pattern = compiled(widenedPattern(text), exact) ?? compiled(text, exact);
  if (!pattern) return undefined; // the server says what is wrong with it
  return (line) => {
    const found: [number, number][] = [];
    const matcher = pattern.matcher(line.slice(0, MATCH_CHARS));
    while (found.length < MATCHES && matcher.find()) if (matcher.end() > matcher.start()) found.push([matcher.start(), matcher.end()]);
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
