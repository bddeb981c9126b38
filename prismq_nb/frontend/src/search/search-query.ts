/** Search queries, and their URL parameters. Pure. */

import type { ViewerOptions } from "../base/options.js";
import { type Terms, termsOf } from "./search-terms.js";

/** A search text and its options. */
export interface TextQuery {
  /** The text as typed; empty: any line. */
  readonly text: string;
  /** `text` is one regular expression (RE2). */
  readonly regex: boolean;
  /** Match case. */
  readonly case: boolean;
  /** Match whole words only. */
  readonly word: boolean;
}

export interface SearchQuery extends TextQuery {
  /** Level names, comma-separated; empty: all. */
  readonly level: string;
  /** Match only the first line of each record: a traceback is one. */
  readonly records?: boolean;
  /** Context lines before and after each match; absent: none. */
  readonly around?: readonly [before: number, after: number];
}

/** Options that a search depends on. */
export type SearchOptions = Pick<
  ViewerOptions,
  "query" | "regex" | "case" | "word" | "level" | "mode" | "lines_before" | "lines_after"
>;

/** Maximum context lines that the server returns. */
const MAX_AROUND = 100;

/** Levels that the key `e` and the marks beside the scroll bar refer to. */
export const ERRORS: readonly string[] = ["ERROR", "CRITICAL"];

/** Return the terms that a line must and must not contain. */
export function wantedOf({ text, regex }: Pick<TextQuery, "text" | "regex">): Terms {
  return regex ? { include: text ? [text] : [], exclude: [] } : termsOf(text);
}

/** Return the query that the options describe; undefined: none. */
export function queryOf({
  query,
  regex,
  case: exact,
  word,
  level,
}: Omit<SearchOptions, "mode" | "lines_before" | "lines_after">): SearchQuery | undefined {
  const levels = namesOf(level).join(",");
  const { include, exclude } = wantedOf({ text: query, regex });
  const isAny = include.length + exclude.length === 0;
  return isAny && !levels
    ? undefined
    : { text: isAny ? "" : query, regex, case: exact, word, level: levels };
}

/**
 * Return the query that the list is restricted to; undefined: all lines. A level always filters, a
 * text only in filter mode.
 */
export function rowsQueryOf(options: SearchOptions): SearchQuery | undefined {
  const query = queryOf(options.mode === "filter" ? options : { ...options, query: "" });
  const [before, after] = [options.lines_before, options.lines_after].map((lines) =>
    Math.min(lines, MAX_AROUND),
  ) as [number, number];
  return query && (before || after) ? { ...query, around: [before, after] } : query;
}

/** Restrict a query to levels of ERROR or worse; undefined: it excludes them. */
export function errorsOf(query: SearchQuery | undefined): SearchQuery | undefined {
  const level = ERRORS.filter((name) => !query?.level || namesOf(query.level).includes(name)).join(
    ",",
  );
  const { text = "", regex = false, case: exact = false, word = false } = query ?? {};
  return level ? { text, regex, case: exact, word, level } : undefined;
}

/** Return the URL parameters of a query; equal for queries that match the same lines. */
export function parametersOf({
  text,
  regex,
  case: exact,
  word,
  level,
  records,
  around = [0, 0],
}: SearchQuery): string {
  const parameters = new URLSearchParams();
  const { include, exclude } = wantedOf({ text, regex });
  for (const term of include) parameters.append("q", term);
  for (const term of exclude) parameters.append("exclude", term);
  if (parameters.size) {
    // always set, because the server's default differs between patterns and texts
    parameters.set("case", String(exact));
    if (regex) parameters.set("regex", "true");
    if (word) parameters.set("word", "true");
  }
  if (level) parameters.set("level", level);
  if (records) parameters.set("records", "true");
  if (around[0]) parameters.set("lines_before", String(around[0]));
  if (around[1]) parameters.set("lines_after", String(around[1]));
  return parameters.toString();
}

function namesOf(level: string): string[] {
  return level
    .toUpperCase()
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
}
