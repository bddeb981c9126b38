/** What a viewer can be told, from Python, from the page or by the person. Every option is a trait of `LogViewer`. Pure; imports only types. */

import type { Timestamps } from "./format.js";
import type { Theme } from "./theme.js";

/** `filter`: only the lines that match; `highlight`: all lines, matches marked. */
export type SearchMode = "filter" | "highlight";

export interface ViewerOptions {
  /** The most that the viewer takes, in px; a short log takes less. */
  readonly height: number;
  /** Only its toolbar is shown. */
  readonly collapsed: boolean;
  /** It takes all the height of its element instead, as on a page of its own. */
  readonly fill: boolean;
  /** Sticks to the end of the log. */
  readonly follow: boolean;
  /** Number of the line to open at, from 0; undefined: the end. Set again, it goes there. */
  readonly line: number | undefined;
  /** The last of the lines to mark there, where they are several. */
  readonly lastLine: number | undefined;
  /** Level names to show, comma-separated; empty: all. */
  readonly level: string;
  /** What is looked for, as a person types it (`search-terms.ts`); empty: nothing. */
  readonly query: string;
  /** `query` is one regular expression (RE2). */
  readonly regex: boolean;
  /** Upper and lower case differ. */
  readonly case: boolean;
  /** Only whole words are found. */
  readonly word: boolean;
  readonly mode: SearchMode;
  /** Lines shown before and after each one that passes a filter. */
  readonly lines_before: number;
  readonly lines_after: number;
  readonly timestamps: Timestamps;
  /** Times in UTC, not in the browser's zone. */
  readonly utc: boolean;
  /** Line numbers are shown. */
  readonly numbers: boolean;
  /** Long lines are wrapped. */
  readonly wrap: boolean;
  /** Tracebacks are folded to their head. */
  readonly fold: boolean;
  /** JSON records are shown as they were printed, not as message and `key=value`. */
  readonly raw_json: boolean;
  /** Keys of JSON records that are shown beside the message, comma-separated; empty: all. */
  readonly fields: string;
  /** The time line above the list is open. */
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
