/** What is looked for, and how that is asked of the server. Pure; imports only types. */

import type { ViewerOptions } from "./options.js";

export interface SearchQuery {
  /** Text or pattern; empty: any. */
  readonly text: string;
  /** `text` is a regular expression (RE2). */
  readonly regex: boolean;
  /** Upper and lower case are told apart. */
  readonly case: boolean;
  /** Level names, comma-separated; empty: all. */
  readonly level: string;
  /** Of each record only its first line: a traceback is one. */
  readonly records?: boolean;
}

/** What a search reads of a viewer's options, and whether case counts, which is no option: each viewer has its own switch. */
export interface SearchOptions extends Pick<ViewerOptions, "query" | "regex" | "level" | "mode"> {
  readonly case: boolean;
}

/** The levels that `e` and the marks beside the scroll bar are about. */
export const ERRORS: readonly string[] = ["ERROR", "CRITICAL"];

/** What the options ask for; undefined: nothing. */
export function queryOf({ query, regex, case: exact, level }: Omit<SearchOptions, "mode">): SearchQuery | undefined {
  const levels = namesOf(level).join(",");
  return query || levels ? { text: query, regex, case: exact, level: levels } : undefined;
}

/** The same lines, as far as their level is ERROR or worse; undefined: there are none. */
export function errorsOf(query: SearchQuery | undefined): SearchQuery | undefined {
  const level = ERRORS.filter((name) => !query?.level || namesOf(query.level).includes(name)).join(",");
  return level ? { ...(query ?? { text: "", regex: false, case: false }), level } : undefined;
}

/** Parameters of the poll and of the search; two queries for the same lines have the same. */
export function parametersOf({ text, regex, case: exact, level, records }: SearchQuery): string {
  const parameters = new URLSearchParams();
  if (text) {
    parameters.set("q", text);
    parameters.set("case", String(exact)); // always: left out, the server tells them apart in patterns and not in texts
    if (regex) parameters.set("regex", "true");
  }
  if (level) parameters.set("level", level);
  if (records) parameters.set("records", "true");
  return parameters.toString();
}

function namesOf(level: string): string[] {
  return level.toUpperCase().split(",").map((name) => name.trim()).filter(Boolean);
}
