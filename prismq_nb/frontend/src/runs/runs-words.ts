/** What a table of runs says of each, and what a filter means. Pure; imports only types and words. */

import { clock, count, countOf, duration } from "../base/format.js";
import { hasEnded, type RunState, type RunStatus } from "../base/protocol.js";

/** A run as `GET /api/runs` lists it. */
export interface ListedRun extends RunStatus {
  readonly run_id: string;
  readonly lines: number;
  readonly progress_percent: number | null;
  readonly arguments?: string;
}

/** Answer of `GET /api/runs`. */
export interface RunsPage {
  readonly runs: readonly ListedRun[];
  /** How many match. */
  readonly total: number;
}

/** Which runs a table shows; what is absent does not filter. */
export interface RunsQuestion {
  readonly q?: string;
  readonly status?: RunState;
  readonly module_id?: string;
  readonly limit: number;
  readonly offset: number;
}

const STATES: readonly string[] = ["queued", "running", "completed", "failed", "cancelled"];
export const FIRST_LIMIT = 50;
/** Runs that the server lists at once. */
export const MOST_LIMIT = 1_000;
const MOST_FILTER_CHARS = 500;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** What somebody typed: the name of a status filters by it, the other words are one text. */
export function parseFilter(text: string): Pick<RunsQuestion, "q" | "status"> {
  const words = text.trim().split(/\s+/).filter(Boolean);
  const at = words.findIndex((word) => STATES.includes(word.toLowerCase()));
  const status = at < 0 ? undefined : (words[at]?.toLowerCase() as RunState);
  const q = words.filter((_, index) => index !== at).join(" ");
  return { ...(q ? { q } : {}), ...(status ? { status } : {}) };
}

/** The same filter as somebody would type it. */
export function filterText({ q, status }: Pick<RunsQuestion, "q" | "status">): string {
  return [status, q].filter(Boolean).join(" ");
}

/** A question from a notebook, which anybody may have written. */
export function questionIn(value: unknown): RunsQuestion {
  const { q, status, module_id, limit, offset } = (value ?? {}) as Record<string, unknown>;
  return {
    ...(isText(q) ? { q: q.slice(0, MOST_FILTER_CHARS) } : {}),
    ...(isText(status) && STATES.includes(status) ? { status: status as RunState } : {}),
    ...(isText(module_id) ? { module_id } : {}),
    limit: Math.min(MOST_LIMIT, Math.max(1, whole(limit, FIRST_LIMIT))),
    offset: whole(offset, 0),
  };
}

/** As the server is asked. */
export function queryOf(question: RunsQuestion): string {
  const given = Object.entries(question).map(([name, value]) => [name, String(value)]);
  return new URLSearchParams(given).toString();
}

/** `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`; then the day. */
export function ago(then: number, now: number): string {
  const seconds = Math.floor((now - then) / 1000);
  if (seconds < 5) return "just now";
  if (seconds < MINUTE) return `${seconds} s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h ago`;
  if (seconds < 30 * DAY) return `${Math.floor(seconds / DAY)} d ago`;
  return localTime(then).slice(0, 10);
}

function localTime(then: number): string {
  const date = new Date(then);
  const zone = new Date(then - date.getTimezoneOffset() * 60_000);
  return zone.toISOString().slice(0, 19).replace("T", " ");
}

/** How long it took, or has taken so far. */
export function took({ status, duration_seconds: seconds }: RunStatus, sinceSeconds: number): string {
  if (seconds === null) return "";
  return hasEnded(status) ? duration(seconds) : clock(seconds + sinceSeconds);
}

/** Errors as records: a traceback counts once. */
export function errorsOf({ records, levels }: RunStatus): number {
  const counts = records ?? levels;
  return Number(counts["ERROR"] ?? 0) + Number(counts["CRITICAL"] ?? 0);
}

/** `22`; `22+` while not all is counted. */
export function errorsText(run: RunStatus): string {
  const errors = errorsOf(run);
  const isWhole = (run.records ?? run.levels)["complete"] !== false;
  return `${count(errors)}${errors && !isWhole ? "+" : ""}`;
}

/** `3 runs`, `Newest 50 of 1,234 runs`. */
export function shownText(shown: number, { total }: RunsPage, offset: number): string {
  if (shown + offset >= total && !offset) return countOf(total, "run");
  if (!offset) return `Newest ${count(shown)} of ${count(total)} runs`;
  return `${count(offset + 1)} to ${count(offset + shown)} of ${count(total)} runs`;
}

/** What is looked for in vain; undefined: any run. */
export function nothingText({ q, status, module_id, offset }: RunsQuestion): string | undefined {
  const what = status ? `No ${status} runs` : "No runs";
  const of = module_id === undefined ? "" : ` of ${module_id}`;
  if (q) return `${what}${of} match “${q}”`;
  if (offset) return `${what}${of} beyond the newest ${count(offset)}`;
  return status || of ? `${what}${of}` : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function whole(value: unknown, otherwise: number): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : otherwise;
}
