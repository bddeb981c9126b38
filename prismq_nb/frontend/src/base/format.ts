/** Format numbers and times for people. Pure; imports only types. */

import type { RunStatus } from "./protocol.js";

/** `elapsed`: since the start of the run; `delta`: since the previous line. */
export type Timestamps = "off" | "time" | "datetime" | "elapsed" | "delta";

/** Reference times for relative timestamps, in µs since the epoch; undefined: unknown. */
export interface Origin {
  readonly start: number | undefined;
  readonly previous: number | undefined;
}

const grouped = new Intl.NumberFormat("en-US");
const UNITS = ["B", "kB", "MB", "GB", "TB"];
const SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  15: "SIGTERM",
};
/** Exit status of a shell whose command was killed by signal 9 (128 + 9). */
const SHELL_KILLED = 137;

/** `12,345` */
export function count(value: number): string {
  return grouped.format(value);
}

/** `1 line`, `12,345 lines` */
export function countOf(value: number, noun: string, several = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : several}`;
}

/**
 * Width of the line number column, in digits. It grows in steps of two, because each change moves
 * the text.
 */
export function numberWidth(lines: number): number {
  return 2 * Math.max(2, Math.ceil(String(lines).length / 2));
}

/** `812 B`, `1.2 MB`: decimal units. */
export function bytes(value: number): string {
  let unit = 0;
  let size = value;
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit && size < 9.95 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`;
}

/** Return `text` with its first letter in upper case. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `42 s`, `10 min 05 s`, `1 h 02 min`, `394 d 03 h`; never confused with a time of day. */
export function clock(seconds: number): string {
  return inWords(seconds, (value) => pad(value));
}

/**
 * Duration of a finished run: `0.42 s`, `12.3 s`, `10 min`, `1 h 2 min`; as in Python
 * (`quantities.py`).
 */
export function duration(seconds: number): string {
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  return inWords(Math.round(seconds), (value) => (value ? String(value) : undefined));
}

/** Format the two largest units; `second` formats the smaller one, or omits it. */
function inWords(seconds: number, second: (value: number) => string | undefined): string {
  const { days, hours, minutes, rest } = partsOf(seconds);
  const values = [
    [days, "d"],
    [hours, "h"],
    [minutes, "min"],
    [rest, "s"],
  ] as const;
  const first = values.findIndex(([value]) => value > 0);
  const [large, small] = first < 0 ? [values[3], undefined] : [values[first], values[first + 1]];
  const end = small && second(small[0]);
  const tail = end && small ? ` ${end} ${small[1]}` : "";
  return `${count(large?.[0] ?? 0)} ${large?.[1] ?? "s"}${tail}`;
}

/** Return the message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Format a line's time for the gutter; empty if the reference time is unknown. */
export function timestamp(
  stamp: number,
  mode: Timestamps,
  utc: boolean,
  { start, previous }: Origin,
): string {
  if (mode === "off") return "";
  if (mode === "elapsed" || mode === "delta") {
    const from = mode === "elapsed" ? start : previous;
    return from === undefined ? "" : `+${seconds(Math.max(0, stamp - from) / 1e6)}`;
  }
  const date = new Date(Math.floor(stamp / 1000));
  if (utc)
    return date
      .toISOString()
      .slice(mode === "time" ? 11 : 0, 23)
      .replace("T", " ");
  const [hours, minutes] = [pad(date.getHours()), pad(date.getMinutes())];
  const time = `${hours}:${minutes}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
  return mode === "time"
    ? time
    : `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${time}`;
}

/**
 * Format a line's time (µs since the epoch) with all digits for a tooltip: in the browser's time
 * zone and in UTC.
 */
export function fullTimestamp(stamp: number): string {
  return localAndUtcTime(stamp / 1000, `.${pad(Math.floor(stamp % 1e6), 6)}`);
}

/**
 * Format a time for a tooltip: in the browser's time zone and in UTC.
 *
 * @param then milliseconds since the epoch.
 * @param fraction fraction of the second, with its decimal point.
 */
export function localAndUtcTime(then: number, fraction = ""): string {
  const ahead = -new Date(then).getTimezoneOffset();
  const text = (time: number): string => `${isoOf(time)}${fraction}`;
  const utc = `${text(then)} UTC`;
  if (ahead === 0) return utc;
  const [hours, minutes] = [Math.floor(Math.abs(ahead) / 60), Math.abs(ahead) % 60];
  const zone = `UTC${ahead < 0 ? "\u2212" : "+"}${pad(hours)}:${pad(minutes)}`;
  return `${text(local(then))} (${zone})\n${utc}`;
}

/**
 * Format two times (ms since the epoch) to the second: `14:02:11 to 14:02:15`, with dates if these
 * differ; in the browser's time zone, or in UTC with the suffix ` UTC`.
 */
export function timeSpan(begin: number, end: number, utc: boolean): string {
  const [first, last] = [begin, end].map((time) => isoOf(utc ? time : local(time)));
  const at = first?.slice(0, 10) === last?.slice(0, 10) ? 11 : 0;
  return `${first?.slice(at)} to ${last?.slice(at)}${utc ? " UTC" : ""}`;
}

/** Shift a time so that its UTC digits are those of the browser's time zone. */
function local(time: number): number {
  return time - new Date(time).getTimezoneOffset() * 60_000;
}

function isoOf(time: number): string {
  return new Date(Math.floor(time)).toISOString().slice(0, 19).replace("T", " ");
}

/** What tells how a run ended. */
type Ended = Pick<RunStatus, "exit_code"> &
  Partial<Pick<RunStatus, "status" | "end_reason" | "error_detail" | "kind">>;

/**
 * `exit code 1`, `ended by SIGTERM`, or `killed by SIGKILL, out of memory?` if prismq_nb did not
 * send the signal; `exit code unknown` without an exit code. A cell has no exit code of its own, so
 * there may be nothing to say.
 */
export function exitReason(status: Ended): string {
  const { exit_code: code, end_reason: reason } = status;
  if (status.kind === "cell") {
    if (reason === "kernel_lost") return status.error_detail ?? "the kernel was lost";
    if (reason === "stopped") return "interrupted";
    if (code === null || code === 0 || (code === 1 && status.error_detail)) return "";
  }
  if (code === null) return "exit code unknown";
  const isUnasked = status.status === "failed" && (reason === "exit" || reason === "signal");
  if (code === SHELL_KILLED && isUnasked)
    return `exit code ${code}: a process was killed by SIGKILL, out of memory?`;
  if (code >= 0) return `exit code ${code}`;
  const name = SIGNALS[-code] ?? `signal ${-code}`;
  if (name === "SIGKILL")
    return isUnasked ? "killed by SIGKILL, out of memory?" : "killed by SIGKILL";
  return `ended by ${name}`;
}

/** Return the exit reason and the error detail of a run. */
export function endDetails(status: Ended): string {
  if (status.kind === "cell") return status.error_detail ?? exitReason(status);
  return [exitReason(status), status.error_detail].filter(Boolean).join(" · ");
}

/**
 * `1.500`, `1:01.500`, `1:02:03.000`, `2d 03:04:05.000`; the caller prefixes a sign, so that it
 * does not look like a time of day.
 */
function seconds(value: number): string {
  if (value < 60) return value.toFixed(3);
  const { days, hours, minutes, rest } = partsOf(value);
  const end = `${pad(rest)}.${pad(Math.floor((value % 1) * 1000), 3)}`;
  if (days) return `${days}d ${pad(hours)}:${pad(minutes)}:${end}`;
  return hours ? `${hours}:${pad(minutes)}:${end}` : `${minutes}:${end}`;
}

function partsOf(seconds: number): Record<"days" | "hours" | "minutes" | "rest", number> {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24];
  return { days, hours, minutes: Math.floor(whole / 60) % 60, rest: whole % 60 };
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}
