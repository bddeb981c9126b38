/**
 * A line that is the JSON object of a logging library -> its message and the other members. Pure.
 *
 * Text is shown as it was written: numbers keep their digits, and control characters their escapes,
 * so that a record is one row. Members that the row shows elsewhere, time and level, are left out.
 */

import { placesOf } from "./json-text.js";

/** One member beside the message. */
export interface Pair {
  readonly key: string;
  /** Its value, as `key=value` shows it. */
  readonly shown: string;
  /** The member as it stands in the line; a long one up to where it is cut. */
  readonly raw: string;
}

export interface JsonRecord {
  readonly message: string;
  readonly pairs: readonly Pair[];
}

/** Longer lines are shown as they are. */
const MAX_CHARS = 16_384;
/** Of a value, so much is shown, and looked for; and so many pairs. */
const MAX_VALUE_CHARS = 400;
const MAX_RAW_CHARS = 200;
const MAX_PAIRS = 64;
const MAX_DEPTH = 64;

/** The first one that is there. structlog, zap, slog, bunyan, pino, hclog, Serilog, MongoDB, GELF, journald, OpenTelemetry. */
const MESSAGE_KEYS = ["message", "msg", "event", "@message", "@m", "@mt", "short_message", "MESSAGE", "body"];
/** In lower case: the journal's `level_json.py` says where libraries put the level. */
const SHOWN_ELSEWHERE = new Set([
  "level", "severity", "levelname", "lvl", "loglevel", "log_level", "log.level", "@level", "@l", "level_name", "levelno",
  "severity_text", "severitytext", "severity_number", "severitynumber", "priority",
  "time", "timestamp", "@timestamp", "ts", "@t", "asctime", "datetime", "date",
]);

/** The record in a line; undefined: it is none, or too long. */
export function recordOf(text: string): JsonRecord | undefined {
  if (text.length > MAX_CHARS || !/^\s*\{\s*"/.test(text) || !text.trimEnd().endsWith("}")) return undefined;
  let values: Readonly<Record<string, unknown>>;
  try {
    values = JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
  const name = MESSAGE_KEYS.find((key) => Object.hasOwn(values, key) && typeof values[key] === "string");
  if (name === undefined) return undefined;
  const pairs: Pair[] = [];
  for (const [key, value, raw] of membersOf(text)) {
    if (key === name || SHOWN_ELSEWHERE.has(key.toLowerCase()) || pairs.length === MAX_PAIRS) continue;
    pairs.push({ key: visible(key), shown: cut(shownOf(value), MAX_VALUE_CHARS), raw: raw.slice(0, MAX_RAW_CHARS) });
  }
  return { message: visible(String(values[name])), pairs };
}

/** Keys of the outermost object, each value as it was written, and the whole member. */
function* membersOf(text: string): Generator<readonly [key: string, value: string, raw: string]> {
  const path: string[] = [];
  let [keyStart, valueStart, key] = [-1, -1, ""];
  let end = 0;
  for (const [start, stop] of placesOf(text)) {
    const token = text.slice(start, stop);
    const closes = token === "}" || token === "]";
    if (path.length === 1 && (token === "," || closes)) {
      if (valueStart >= 0) yield [key, text.slice(valueStart, end), text.slice(keyStart, end)];
      [keyStart, valueStart] = [-1, -1];
    } else if (path.length === 1 && keyStart < 0) {
      keyStart = start;
      key = String(JSON.parse(token));
    } else if (path.length === 1 && valueStart < 0 && token !== ":") valueStart = start;
    if (token === "{" || token === "[") path.push(token);
    else if (closes) path.pop();
    if (path.length > MAX_DEPTH) return;
    end = stop;
  }
}

/** A text without blanks and quotes stands as it is, as in logfmt; everything else as in JSON. */
function shownOf(value: string): string {
  if (!value.startsWith('"')) return value;
  const text = visible(String(JSON.parse(value)));
  return /^[^\s"=]+$/u.test(text) ? text : `"${text}"`;
}

/** Control characters as JSON writes them. */
function visible(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, (char) => {
    const written = JSON.stringify(char).slice(1, -1);
    return written === char ? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}` : written;
  });
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}\u2026` : text;
}
