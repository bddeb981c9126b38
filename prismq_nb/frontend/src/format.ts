/** Numbers and times as people read them. Pure; imports only types. */

import type { RunStatus } from "./protocol.js";

/** `elapsed`: since the run's start; `delta`: since the line before. */
export type Timestamps = "off" | "time" | "datetime" | "elapsed" | "delta";

/** What a line's time is counted from, in µs since the epoch; undefined: not known. */
export interface Origin {
  readonly start: number | undefined;
  readonly previous: number | undefined;
}

const grouped = new Intl.NumberFormat("en-US");
const UNITS = ["B", "kB", "MB", "GB", "TB"];
const SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV",
  13: "SIGPIPE", 15: "SIGTERM",
};
/** What a shell ends with when its command was killed by signal 9. */
const SHELL_KILLED = 137;

/** `12,345` */
export function count(value: number): string {
  return grouped.format(value);
}

/** `1 line`, `12,345 lines` */
export function countOf(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Digits that the column of line numbers has room for: it grows in steps, each of which moves the text. */
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

/** `0:42`, `1:02:03`, `2d 03:04:05`, from seconds. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  const rest = pad(whole % 60);
  if (days) return `${days}d ${pad(hours)}:${pad(minutes)}:${rest}`;
  return hours ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** A finished run's length: `0.42 s`, `12.3 s`, then as a clock. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : clock(seconds);
}

/** A line's time as the gutter shows it; empty where what it is counted from is not known. */
export function timestamp(stamp: number, mode: Timestamps, utc: boolean, { start, previous }: Origin): string {
  if (mode === "off") return "";
  if (mode === "elapsed" || mode === "delta") {
    const from = mode === "elapsed" ? start : previous;
    return from === undefined ? "" : `+${seconds(Math.max(0, stamp - from) / 1e6)}`;
  }
  const date = new Date(Math.floor(stamp / 1000));
  if (utc) return date.toISOString().slice(mode === "time" ? 11 : 0, 23).replace("T", " ");
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
  return mode === "time" ? time : `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${time}`;
}

/** All that is known of a line's time, for a tooltip. */
export function fullTimestamp(stamp: number): string {
  const iso = new Date(Math.floor(stamp / 1000)).toISOString().slice(0, 20);
  return `${iso}${pad(Math.floor(stamp % 1e6), 6)}Z`;
}

/** `exit code 1`, `ended by SIGTERM`, `killed by SIGKILL, out of memory?` where nobody asked for it, or that it is unknown. */
export function exitReason(status: Pick<RunStatus, "exit_code"> & Partial<Pick<RunStatus, "status" | "error_message">>): string {
  const code = status.exit_code;
  if (code === null) return "exit code unknown";
  const unasked = status.status === "failed" && !status.error_message?.startsWith("stopped because");
  if (code === SHELL_KILLED && unasked) return `exit code ${code}: a process was killed by SIGKILL, out of memory?`;
  if (code >= 0) return `exit code ${code}`;
  const name = SIGNALS[-code] ?? `signal ${-code}`;
  if (name === "SIGKILL") return unasked ? "killed by SIGKILL, out of memory?" : "killed by SIGKILL";
  return `ended by ${name}`;
}

/** Why a run ended, and its message without the reason where that is repeated in it. */
export function endDetails(status: Pick<RunStatus, "exit_code" | "status" | "error_message">): string {
  const message = (status.error_message ?? "").replace(/^(?:exit code \d+|killed by \w+)(?:[:;] |$)/, "");
  return [exitReason(status), message].filter(Boolean).join(" · ");
}

function seconds(value: number): string {
  if (value < 60) return value.toFixed(3);
  const milliseconds = pad(Math.floor((value % 1) * 1000), 3);
  return `${clock(value)}.${milliseconds}`;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}
