/** What is looked for, and how that is asked of the server. Pure. */

import type { ViewerOptions } from "../base/options.js";
import { type Terms, termsOf } from "./search-terms.js";

/** How a text is looked for. */
export interface TextQuery {
  /** What the person typed; empty: any line. */
  readonly text: string;
  /** `text` is one regular expression (RE2). */
  readonly regex: boolean;
  /** Upper and lower case are told apart. */
  readonly case: boolean;
  /** Only whole words are found. */
  readonly word: boolean;
}

export interface SearchQuery extends TextQuery {
  /** Level names, comma-separated; empty: all. */
  readonly level: string;
  /** Of each record only its first line: a traceback is one. */
  readonly records?: boolean;
  /** Lines before and after each one that passes; absent: none. */
  readonly around?: readonly [before: number, after: number];
}

/** What a search reads of a viewer's options. */
export type SearchOptions = Pick<ViewerOptions, "query" | "regex" | "case" | "word" | "level" | "mode" | "lines_before" | "lines_after">;

/** As many lines before and after a match as the server gives. */
const MAX_AROUND = 100;

/** The levels that `e` and the marks beside the scroll bar are about. */
export const ERRORS: readonly string[] = ["ERROR", "CRITICAL"];

/** What a line must have and must not have. */
export function wantedOf({ text, regex }: Pick<TextQuery, "text" | "regex">): Terms {
  return regex ? { include: text ? [text] : [], exclude: [] } : termsOf(text);
}

/** What the options ask for; undefined: nothing. */
export function queryOf({ query, regex, case: exact, word, level }: Omit<SearchOptions, "mode" | "lines_before" | "lines_after">): SearchQuery | undefined {
  const levels = namesOf(level).join(",");
  const { include, exclude } = wantedOf({ text: query, regex });
  const isAny = include.length + exclude.length === 0;
  return isAny && !levels ? undefined : { text: isAny ? "" : query, regex, case: exact, word, level: levels };
}

/** Which lines the list has; undefined: all. A level always filters, a text only where the person wants it. */
export function rowsQueryOf(options: SearchOptions): SearchQuery | undefined {
  const query = queryOf(options.mode === "filter" ? options : { ...options, query: "" });
  const [before, after] = [options.lines_before, options.lines_after].map((lines) => Math.min(lines, MAX_AROUND)) as [number, number];
  return query && (before || after) ? { ...query, around: [before, after] } : query;
}

/** The same lines, as far as their level is ERROR or worse; undefined: there are none. */
export function errorsOf(query: SearchQuery | undefined): SearchQuery | undefined {
  const level = ERRORS.filter((name) => !query?.level || namesOf(query.level).includes(name)).join(",");
  const { text = "", regex = false, case: exact = false, word = false } = query ?? {};
  return level ? { text, regex, case: exact, word, level } : undefined;
}

/** Parameters of the poll and of the search; two queries for the same lines have the same. */
export function parametersOf({ text, regex, case: exact, word, level, records, around = [0, 0] }: SearchQuery): string {
  const parameters = new URLSearchParams();
  const { include, exclude } = wantedOf({ text, regex });
  for (const term of include) parameters.append("q", term);
  for (const term of exclude) parameters.append("exclude", term);
  if (parameters.size) {
    parameters.set("case", String(exact)); // always: left out, the server tells them apart in patterns and not in texts
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
  return level.toUpperCase().split(",").map((name) => name.trim()).filter(Boolean);
}
