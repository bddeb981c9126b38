/**
 * The options of a viewer, set from Python, by the page or by the user. Every option is a trait of
 * `LogViewer`. Pure; imports only types.
 */

import type { Timestamps } from "./format.js";
import type { Theme } from "./theme.js";

/** `filter`: show only matching lines; `highlight`: show all lines and mark matches. */
export type SearchMode = "filter" | "highlight";

export interface ViewerOptions {
  /** Maximum height in px; a short log takes less. */
  readonly height: number;
  /** Show only the toolbar. */
  readonly collapsed: boolean;
  /** Fill the height of the element instead, as on a page of its own. */
  readonly fill: boolean;
  /** Stay at the end of the log. */
  readonly follow: boolean;
  /** Line to open at, from 0; undefined: the end. Setting it again navigates there. */
  readonly line: number | undefined;
  /** Last line to mark, where `line` begins a range. */
  readonly lastLine: number | undefined;
  /** Level names to show, comma-separated; empty: all. */
  readonly level: string;
  /** The search text as typed (`search-terms.ts`); empty: no search. */
  readonly query: string;
  /** Treat `query` as one regular expression (RE2). */
  readonly regex: boolean;
  /** Match case. */
  readonly case: boolean;
  /** Match whole words only. */
  readonly word: boolean;
  readonly mode: SearchMode;
  /** Context lines shown before and after each match of a filter. */
  readonly lines_before: number;
  readonly lines_after: number;
  readonly timestamps: Timestamps;
  /** Show times in UTC instead of the browser's time zone. */
  readonly utc: boolean;
  /** Show line numbers. */
  readonly numbers: boolean;
  /** Wrap long lines. */
  readonly wrap: boolean;
  /** Fold tracebacks to their head. */
  readonly fold: boolean;
  /** Show JSON records as printed, not as a message with `key=value` pairs. */
  readonly raw_json: boolean;
  /** Keys of JSON records to show beside the message, comma-separated; empty: all. */
  readonly fields: string;
  /** Show the timeline above the list. */
  readonly timeline: boolean;
  readonly theme: Theme;
}

export const DEFAULTS: ViewerOptions = {
  height: 400,
  collapsed: false,
  fill: false,
  follow: true,
  line: undefined,
  lastLine: undefined,
  level: "",
  query: "",
  regex: false,
  case: false,
  word: false,
  mode: "highlight",
  lines_before: 0,
  lines_after: 0,
  timestamps: "time",
  utc: false,
  numbers: true,
  wrap: false,
  fold: true,
  raw_json: false,
  fields: "",
  timeline: true,
  theme: "auto",
};
