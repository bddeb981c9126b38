/**
 * Wire formats of the endpoints that the viewer reads, and the internal form of a line.
 *
 * Separate module, so that a change of the protocol is a change of this file. Pure; imports
 * nothing.
 */

export const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const;
export type Level = (typeof LEVELS)[number];
export type Stream = "stdout" | "stderr";

/** Run ids as the server generates them; nothing else is put into a URL. */
const RUN_ID = /^run_\d{8}_\d{6}_[A-Za-z0-9_-]{1,40}_[0-9a-f]{6}$/;

/** Characters of a message that are kept and shown; longer messages are truncated and marked so. */
export const MESSAGE_CHARS = 16_384;

/** One line of a log. */
export interface Line {
  /** Number in the journal, from 0 and contiguous: `line` in the API. */
  readonly n: number;
  /** Microseconds since the epoch. */
  readonly stamp: number;
  readonly level: Level;
  readonly stream: Stream;
  /** At most `MESSAGE_CHARS` characters; escape sequences included. */
  readonly text: string;
  /** Length of the whole message in characters; greater than `text.length` if it was truncated. */
  readonly length: number;
  /** `sgrOf` the style left by earlier lines; absent: unknown. */
  readonly pen?: string;
  /** Absent: printed once, in the row in which it began. */
  readonly drawn?: Drawn;
  /** It was answered at its end: the next line on stdout is shown in the same row. */
  readonly prompt?: boolean;
}

/**
 * How a line was drawn: how often its text was overwritten, the row of its text, the row of the
 * cursor at its end, and the rows that it erased. Rows count from the one in which the line began
 * (-1: the row above).
 */
export type Drawn = readonly [updates: number, row: number, end: number, ...emptied: number[]];

/** SGR sequences that set the style in force at a line, per stream; absent: none. */
export type Carried = Readonly<Partial<Record<Stream, string>>>;

/**
 * Response of `GET /api/runs/{id}/logs/frames`: the successive drawings of a line, the newest of
 * `total`.
 */
export interface Frames {
  readonly line: number;
  readonly frames: readonly string[];
  readonly total: number;
}

/**
 * A line in a batch: number, timestamp in µs, level, stream, text, and the full length in
 * characters if the text was truncated.
 */
export type WireLine = [
  n: number,
  stamp: number,
  level: Level,
  stream: Stream,
  text: string,
  length?: number,
];

/**
 * Output that could not be stored. It belongs before line `before` and has no line number. Times
 * are ISO 8601.
 */
export interface Gap {
  readonly before: number;
  readonly lines: number;
  readonly bytes: number;
  readonly begin: string;
  readonly end: string;
  readonly reason: string;
}

export const RUN_STATES = ["queued", "running", "completed", "failed", "cancelled"] as const;
export type RunState = (typeof RUN_STATES)[number];

/** Why a run ended; `signal`: one not sent by prismq_nb. */
export type EndReason =
  | "exit"
  | "signal"
  | "stopped"
  | "timeout"
  | "shutdown"
  | "supervisor_lost"
  | "given_up"
  | "kernel_lost";

export interface RunStatus {
  readonly status: RunState;
  readonly stopping: boolean;
  /** Negative: minus the signal number; null: running, or unknown. */
  readonly exit_code: number | null;
  readonly error_message: string | null;
  /** Null: the run has not ended. */
  readonly end_reason?: EndReason | null;
  /** `error_message` without a leading exit code. */
  readonly error_detail?: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly duration_seconds: number | null;
  /** It was started on another machine (`host`), so whether it is still running is unknown. */
  readonly unreachable?: boolean;
  readonly host?: string | null;
  /** Size of its terminals in columns and rows; null: it has pipes. */
  readonly terminal?: readonly [columns: number, rows: number] | null;
  readonly takes_input?: boolean;
  readonly waiting_for_input?: boolean;
  /** The terminal's echo is off, as for a password. */
  readonly hides_input?: boolean;
  /** The run has ended, but background processes still hold its output open. */
  readonly output_open?: boolean;
  /** Number of lines when the module ended; null: still running, or not recorded. */
  readonly lines_at_end?: number | null;
  readonly background?: readonly { readonly pid: number; readonly name: string }[];
  readonly notes?: readonly string[];
  /** Encoding of its output, by its Python name. */
  readonly encoding?: string;
  readonly bytes: number;
  readonly levels: Readonly<Record<string, number | boolean>>;
  /** As `levels`, but a traceback counts once. */
  readonly records?: Readonly<Record<string, number | boolean>>;
  readonly module_name: string;
  /** The run that this one restarted. */
  readonly restart_of?: string | null;
  /** Number of this attempt in a chain of restarts, from 1. */
  readonly attempt?: number;
  /** Targets that get a notice when it ends, and what became of that; null: not known yet. */
  readonly notify?: readonly string[];
  readonly notified?: "sent" | "failed" | "unknown" | null;
  readonly notify_problem?: string | null;
  /** `cell`: it runs in a kernel, which is interrupted and never killed. */
  readonly kind?: "launch" | "cell";
  /** Of a cell: where it runs; null: unknown. */
  readonly kernel_id?: string | null;
  readonly notebook?: string | null;
}

export interface Progress {
  readonly percent: number | null;
  readonly items_processed: number | null;
  readonly items_total: number | null;
}

export interface Usage {
  readonly cpu_percent: number | null;
  readonly memory_bytes: number | null;
}

export interface Complete {
  readonly status: RunState;
  readonly exit_code: number | null;
  readonly total_lines: number;
}

/** Unfinished line per stream, such as a prompt or a progress bar; empty: none. */
export type Pending = Readonly<Record<Stream, string>>;

/**
 * One event of the multiplexed stream. Absent fields are unchanged since the last batch of that run
 * on the same connection.
 */
export interface Batch {
  readonly run: string;
  /** Number of the first line in `lines`; without lines, the position of this connection. */
  readonly first: number;
  /** Lines in the journal. */
  readonly total: number;
  readonly lines?: readonly WireLine[];
  /** Style in force at the first line. */
  readonly sgr?: Carried;
  /** By line number; only lines that were overwritten or moved the cursor to another row. */
  readonly drawn?: Readonly<Record<string, Drawn>>;
  /** Numbers of lines that were answered at their end. */
  readonly prompts?: readonly number[];
  /**
   * Lines between the last position and `first` that were not sent; the viewer fetches them by
   * number on demand.
   */
  readonly skipped?: number;
  readonly pending?: Pending;
  readonly status?: RunStatus;
  readonly progress?: Progress | null;
  readonly usage?: Usage | null;
  readonly gaps?: readonly Gap[];
  readonly complete?: Complete;
  readonly error?: string;
}

/** Response of `GET /api/runs/{id}/logs`. */
export interface LogPage {
  readonly logs: readonly {
    line: number;
    timestamp: string;
    level: Level;
    message: string;
    stream: Stream;
    prompt?: boolean;
  }[];
  /** As in a batch. */
  readonly sgr?: Carried;
  readonly drawn?: Readonly<Record<string, Drawn>>;
  readonly total_lines: number;
  readonly truncated: boolean;
  readonly next_after: number;
}

export function isRunId(value: unknown): value is string {
  return typeof value === "string" && RUN_ID.test(value);
}

export function isRunState(value: unknown): value is RunState {
  return (RUN_STATES as readonly unknown[]).includes(value);
}

export function hasEnded(status: RunState): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** Whether the run is recorded as running on a machine that cannot be reached. */
export function isUnreachable(run: RunStatus | undefined): boolean {
  return run?.unreachable === true && !hasEnded(run.status);
}

/**
 * Parse the data of an event; return undefined if it is not a batch (a newer server may send other
 * data).
 */
export function parseBatch(data: string): Batch | undefined {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return undefined;
  }
  const batch = value as Partial<Batch> | null;
  const sound =
    typeof batch?.run === "string" &&
    Number.isInteger(batch.first) &&
    Number.isInteger(batch.total);
  return sound ? (batch as Batch) : undefined;
}

export function fromWire([n, stamp, level, stream, text, length]: WireLine): Line {
  const kept = text.length > MESSAGE_CHARS ? copyOf(text.slice(0, MESSAGE_CHARS)) : text;
  return { n, stamp, level, stream, text: kept, length: Math.max(length ?? 0, text.length) };
}

/** Copy a string: JavaScript engines keep the whole original alive behind a slice of it. */
function copyOf(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

export function fromPage(log: LogPage["logs"][number]): Line {
  const line = fromWire([log.line, stampOf(log.timestamp), log.level, log.stream, log.message]);
  return log.prompt ? { ...line, prompt: true } : line;
}

/**
 * Convert an ISO 8601 time to microseconds since the epoch (`Date.parse` has milliseconds only);
 * NaN if it is invalid.
 */
export function stampOf(iso: string): number {
  const digits = /\.(\d{1,6})/.exec(iso)?.[1] ?? "";
  return Date.parse(iso.replace(/\.\d+/, "")) * 1000 + Number(digits.padEnd(6, "0"));
}
