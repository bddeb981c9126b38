/** Count records by level: a traceback of 155 lines is one error. Pure. */

import { count, countOf } from "./format.js";
import { LEVELS, type Level, type RunStatus } from "./protocol.js";

const NOUNS: Readonly<Record<Level, string>> = {
  DEBUG: "debug record",
  INFO: "info record",
  WARNING: "warning",
  ERROR: "error",
  CRITICAL: "critical error",
};
/** Short names for chips, singular and plural. */
const WORDS: Readonly<Record<Level, readonly [one: string, several: string]>> = {
  DEBUG: ["debug", "debug"],
  INFO: ["info", "info"],
  WARNING: ["warning", "warnings"],
  ERROR: ["error", "errors"],
  CRITICAL: ["critical", "critical"],
};
/** Larger counts are shown in thousands and millions. */
const MAX_FULL_COUNT = 100_000;
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });

/** Counts of one level of a run. */
export interface LevelCount {
  readonly level: Level;
  readonly records: number;
  readonly lines: number;
  /** All lines of the log were counted; otherwise there may be more. */
  readonly complete: boolean;
}

/** Return the counts of a run by level; without record counts, each line counts as one. */
export function levelCounts(status: RunStatus | undefined): LevelCount[] {
  const { levels = {}, records = {} } = status ?? {};
  const counted = LEVELS.some((level) => Number(records[level] ?? 0) > 0);
  const complete = levels.complete !== false;
  return LEVELS.map((level) => {
    const lines = Number(levels[level] ?? 0);
    return { level, lines, records: counted ? Number(records[level] ?? 0) : lines, complete };
  });
}

/** `3`, `22+` while counting is in progress, `1.23M`. */
export function shortCount({ records, complete }: LevelCount): string {
  const text = records < MAX_FULL_COUNT ? count(records) : short.format(records);
  return `${text}${complete ? "" : "+"}`;
}

/** The noun for a count: `error`, `errors`. */
export function shortName({ level, records, complete }: LevelCount): string {
  return WORDS[level][records === 1 && complete ? 0 : 1];
}

/** `warnings and errors`, by ascending severity. */
export function levelNames(levels: readonly string[]): string {
  const names = LEVELS.filter((level) => levels.includes(level)).map((level) => WORDS[level][1]);
  const last = names.pop() ?? "";
  return names.length ? `${names.join(", ")} and ${last}` : last;
}

/** `3 errors in 161 lines`, `1 warning`, `at least 22 errors`. */
export function recordText({ level, records, lines, complete }: LevelCount): string {
  const within = lines === records ? "" : ` in ${countOf(lines, "line")}`;
  return `${complete ? "" : "at least "}${countOf(records, NOUNS[level])}${within}`;
}
