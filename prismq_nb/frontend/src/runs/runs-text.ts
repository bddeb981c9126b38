/** Texts of a table of runs, and the syntax of its filter. Pure. */

import { clock, count, countOf, duration } from "../base/format.js";
import { hasEnded, isRunState, type RunState, type RunStatus } from "../base/protocol.js";

/** A run as `GET /api/runs` lists it. */
export interface ListedRun extends RunStatus {
  readonly run_id: string;
  readonly module_id: string;
  readonly lines: number;
  readonly progress_percent: number | null;
  readonly items_processed?: number | null;
  readonly items_total?: number | null;
  readonly cpu_percent?: number | null;
  readonly memory_bytes?: number | null;
  readonly arguments?: string;
  readonly kept?: boolean;
  /** What started it. */
  readonly origin?: {
    readonly kind?: string | null;
    /** Path as its kernel knows it. */
    readonly notebook?: string | null;
    readonly cell_id?: string | null;
  } | null;
}

/** Answer of `GET /api/runs`. */
export interface RunsPage {
  readonly runs: readonly ListedRun[];
  /** Number of runs that match. */
  readonly total: number;
  /** Number of runs by status that pass the other filters. */
  readonly counts?: Readonly<Partial<Record<RunState, number>>>;
}

/** Which runs a table shows; absent members do not filter. */
export interface RunsQuery {
  readonly q?: string;
  readonly status?: RunState;
  readonly module_id?: string;
  readonly limit: number;
  readonly offset: number;
}

export const DEFAULT_LIMIT = 50;
/** Bound of the server for one page. */
export const MAX_LIMIT = 1_000;
const MAX_FILTER_CHARS = 500;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** Parse a typed filter: the name of a status filters by status, the other words by text. */
export function parseFilter(text: string): Pick<RunsQuery, "q" | "status"> {
  const words = text.trim().split(/\s+/).filter(Boolean);
  const at = words.findIndex((word) => isRunState(word.toLowerCase()));
  const status = at < 0 ? undefined : (words[at]?.toLowerCase() as RunState);
  const q = words.filter((_, index) => index !== at).join(" ");
  return { ...(q ? { q } : {}), ...(status ? { status } : {}) };
}

/** The filter as a person would type it. */
export function filterText({ q, status }: Pick<RunsQuery, "q" | "status">): string {
  return [status, q].filter(Boolean).join(" ");
}

/** A query from the JSON in a notebook, which anybody may have written. */
export function runsQueryIn(value: unknown): RunsQuery {
  const { q, status, module_id, limit, offset } = (value ?? {}) as Record<string, unknown>;
  return {
    ...(isText(q) ? { q: q.slice(0, MAX_FILTER_CHARS) } : {}),
    ...(isRunState(status) ? { status } : {}),
    ...(isText(module_id) ? { module_id } : {}),
    limit: Math.min(MAX_LIMIT, Math.max(1, whole(limit, DEFAULT_LIMIT))),
    offset: whole(offset, 0),
  };
}

/** The query as URL parameters. */
export function queryString(question: RunsQuery): string {
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

/** The duration of a run, or its elapsed time. */
export function took(
  { status, duration_seconds: seconds }: RunStatus,
  sinceSeconds: number,
): string {
  if (seconds === null) return "";
  return hasEnded(status) ? duration(seconds) : clock(seconds + sinceSeconds);
}

/** Number of error records: a traceback counts once. */
export function errorsOf({ records, levels }: RunStatus): number {
  const counts = records ?? levels;
  return Number(counts.ERROR ?? 0) + Number(counts.CRITICAL ?? 0);
}

/** `22`; `22+` while not all is counted. */
export function errorsText(run: RunStatus): string {
  const errors = errorsOf(run);
  const isWhole = (run.records ?? run.levels).complete !== false;
  return `${count(errors)}${errors && !isWhole ? "+" : ""}`;
}

/** `3 runs`, `Newest 50 of 1,234 runs`. */
export function shownText(shown: number, { total }: RunsPage, offset: number): string {
  if (shown + offset >= total && !offset) return countOf(total, "run");
  if (!offset) return `Newest ${count(shown)} of ${count(total)} runs`;
  return `${count(offset + 1)} to ${count(offset + shown)} of ${count(total)} runs`;
}

/** A sentence about a filter without matches; undefined: there is no filter. */
export function nothingText({ q, status, module_id, offset }: RunsQuery): string | undefined {
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
