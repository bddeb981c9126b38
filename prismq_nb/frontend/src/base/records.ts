/** How many records of a level a run has, in words: a traceback of 155 lines is one error. Pure. */

import { count, countOf } from "./format.js";
import { type Level, LEVELS, type RunStatus } from "./protocol.js";

const NOUNS: Readonly<Record<Level, string>> = {
  DEBUG: "debug record",
  INFO: "info record",
  WARNING: "warning",
  ERROR: "error",
  CRITICAL: "critical error",
};
/** As the short names on chips, one and several. */
const WORDS: Readonly<Record<Level, readonly [one: string, several: string]>> = {
  DEBUG: ["debug", "debug"],
  INFO: ["info", "info"],
  WARNING: ["warning", "warnings"],
  ERROR: ["error", "errors"],
  CRITICAL: ["critical", "critical"],
};
/** Longer numbers are told in thousands and millions. */
const LONG = 100_000;
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });

/** What is known of one level of a run. */
export interface LevelCount {
  readonly level: Level;
  readonly records: number;
  readonly lines: number;
  /** All lines of the log were counted; otherwise there are more, perhaps. */
  readonly complete: boolean;
}

/** The counts of a run, by level. A run that counted no records counts each line as one. */
export function levelCounts(status: RunStatus | undefined): LevelCount[] {
  const { levels = {}, records = {} } = status ?? {};
  const counted = LEVELS.some((level) => Number(records[level] ?? 0) > 0);
  const complete = levels["complete"] !== false;
  return LEVELS.map((level) => {
    const lines = Number(levels[level] ?? 0);
    return { level, lines, records: counted ? Number(records[level] ?? 0) : lines, complete };
  });
}

/** `3`, `22+` while counting goes on, `1.23M`. */
export function shortCount({ records, complete }: LevelCount): string {
  return `${records < LONG ? count(records) : short.format(records)}${complete ? "" : "+"}`;
}

/** What is counted, in a word: `error`, `errors`. */
export function shortName({ level, records, complete }: LevelCount): string {
  return WORDS[level][records === 1 && complete ? 0 : 1];
}

/** `warnings and errors`, in the order of their weight. */
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
