/**
 * Split a JSON log record into its message and the other members. Pure.
 *
 * Values are shown as written: numbers keep their digits, and control characters their escapes, so
 * that a record is one row. Time and level are left out, because the row shows them elsewhere.
 */

import { tokenRanges } from "./json-text.js";

/** A member other than the message. */
export interface Pair {
  readonly key: string;
  /** The value as shown in `key=value`. */
  readonly shown: string;
  /** The member as written in the line; a long one is cut. */
  readonly raw: string;
}

export interface JsonRecord {
  readonly message: string;
  readonly pairs: readonly Pair[];
}

/** Longer lines are shown as they are. */
const MAX_CHARS = 16_384;
/** Bounds of what is shown of a value, what is searched for, and the number of pairs. */
const MAX_VALUE_CHARS = 400;
const MAX_RAW_CHARS = 200;
const MAX_PAIRS = 64;
const MAX_DEPTH = 64;

/**
 * Keys of the message; the first one present counts. structlog, zap, slog, bunyan, pino, hclog,
 * Serilog, MongoDB, GELF, journald, OpenTelemetry.
 */
const MESSAGE_KEYS = [
  "message",
  "msg",
  "event",
  "@message",
  "@m",
  "@mt",
  "short_message",
  "MESSAGE",
  "body",
];
/** Keys of time and level, in lower case. */
const SHOWN_ELSEWHERE = new Set([
  "level",
  "severity",
  "levelname",
  "lvl",
  "loglevel",
  "log_level",
  "log.level",
  "@level",
  "@l",
  "level_name",
  "levelno",
  "severity_text",
  "severitytext",
  "severity_number",
  "severitynumber",
  "priority",
  "time",
  "timestamp",
  "@timestamp",
  "ts",
  "@t",
  "asctime",
  "datetime",
  "date",
]);

/** The record in a line; undefined: there is none, or it is too long. */
export function recordOf(text: string): JsonRecord | undefined {
  if (text.length > MAX_CHARS || !/^\s*\{\s*"/.test(text) || !text.trimEnd().endsWith("}"))
    return undefined;
  let values: Readonly<Record<string, unknown>>;
  try {
    values = JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
  const name = MESSAGE_KEYS.find(
    (key) => Object.hasOwn(values, key) && typeof values[key] === "string",
  );
  if (name === undefined) return undefined;
  const pairs: Pair[] = [];
  for (const [key, value, raw] of membersOf(text)) {
    if (key === name || SHOWN_ELSEWHERE.has(key.toLowerCase()) || pairs.length === MAX_PAIRS)
      continue;
    pairs.push({
      key: visible(key),
      shown: cut(shownOf(value), MAX_VALUE_CHARS),
      raw: raw.slice(0, MAX_RAW_CHARS),
    });
  }
  return { message: visible(String(values[name])), pairs };
}

/** The members of the outermost object: key, value as written, whole member as written. */
function* membersOf(text: string): Generator<readonly [key: string, value: string, raw: string]> {
  let [keyStart, valueStart, key] = [-1, -1, ""];
  for (const [token, start] of outerTokens(text)) {
    if (token === "," || token === "}") {
      if (valueStart >= 0) {
        const raw = text.slice(keyStart, start).trimEnd();
        yield [key, raw.slice(valueStart - keyStart), raw];
      }
      [keyStart, valueStart] = [-1, -1];
    } else if (keyStart < 0) {
      keyStart = start;
      key = String(JSON.parse(token));
    } else if (valueStart < 0 && token !== ":") valueStart = start;
  }
}

/** The tokens of the outermost object, and where they start; of nested ones only the opening. */
function* outerTokens(text: string): Generator<readonly [token: string, start: number]> {
  let depth = 0;
  for (const [start, stop] of tokenRanges(text)) {
    const token = text.slice(start, stop);
    if (depth === 1) yield [token, start];
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    if (depth > MAX_DEPTH) return;
  }
}

/** A text without spaces and quotes is shown bare, as in logfmt; anything else as in JSON. */
function shownOf(value: string): string {
  if (!value.startsWith('"')) return value;
  const text = visible(String(JSON.parse(value)));
  return /^[^\s"=]+$/u.test(text) ? text : `"${text}"`;
}

/** Escape control characters as JSON does. */
function visible(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, (char) => {
    const written = JSON.stringify(char).slice(1, -1);
    return written === char ? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}` : written;
  });
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}\u2026` : text;
}
