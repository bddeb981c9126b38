/**
 * The wire forms of the endpoints that the viewer reads, and the one internal form of a line.
 *
 * Apart from everything else, so that a change of the contract is a change of this file. Pure; imports nothing.
 */

export const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const;
export type Level = (typeof LEVELS)[number];
export type Stream = "stdout" | "stderr";

/** Ids that the server makes; anything else never gets into a URL. */
const RUN_ID = /^run_\d{8}_\d{6}_[A-Za-z0-9_-]{1,40}_[0-9a-f]{6}$/;

/** Characters of one message that are kept and shown; longer ones are cut and say so. */
export const MESSAGE_CHARS = 16_384;

/** One line of a log. */
export interface Line {
  /** Number in the journal, from 0, without holes: the `line` of the API. */
  readonly n: number;
  /** Microseconds since the epoch. */
  readonly stamp: number;
  readonly level: Level;
  readonly stream: Stream;
  /** At most `MESSAGE_CHARS` characters; escape sequences included. */
  readonly text: string;
  /** Characters of the whole message; more than `text.length` when it was cut. */
  readonly length: number;
  /** `sgrOf` the colours that the lines before it left; absent: none are known. */
  readonly pen?: string;
  /** Absent: in one go, in the row in which it began. */
  readonly drawn?: Drawn;
  /** It was answered where it ends: what follows on stdout stands in the same row. */
  readonly prompt?: boolean;
}

/**
 * How a line was drawn: how often its text was drawn over, in which row the text stands, in which
 * row the cursor is at its end, and the rows that it left empty; rows are counted from the one in
 * which the line began (-1: the one above).
 */
export type Drawn = readonly [updates: number, row: number, end: number, ...emptied: number[]];

/** SGR sequences: the colours in force at a line, per stream; absent: none. */
export type Carried = Readonly<Partial<Record<Stream, string>>>;

/** Answer of `GET /api/runs/{id}/logs/frames`: what was drawn of a line, one after the other, the newest of `total`. */
export interface Frames {
  readonly line: number;
  readonly frames: readonly string[];
  readonly total: number;
}

/** A line in a batch: number, stamp in µs, level, stream, text, and the full length in characters where the text was cut. */
export type WireLine = [n: number, stamp: number, level: Level, stream: Stream, text: string, length?: number];

/** Output that could not be stored; it stands before line `before` and takes no number. Times are ISO 8601. */
export interface Gap {
  readonly before: number;
  readonly lines: number;
  readonly bytes: number;
  readonly begin: string;
  readonly end: string;
  readonly reason: string;
}

export type RunState = "queued" | "running" | "completed" | "failed" | "cancelled";

export interface RunStatus {
  readonly status: RunState;
  readonly stopping: boolean;
  /** Negative: minus the signal; null: not ended, or unknown. */
  readonly exit_code: number | null;
  readonly error_message: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly duration_seconds: number | null;
  /** It was started on another machine (`host`), which cannot be asked whether it goes on. */
  readonly unreachable?: boolean;
  readonly host?: string | null;
  /** Columns and rows of its terminals; null: it has pipes. */
  readonly terminal?: readonly [columns: number, rows: number] | null;
  readonly takes_input?: boolean;
  readonly waiting_for_input?: boolean;
  /** The echo of its terminal is off, as for a password. */
  readonly hides_input?: boolean;
  /** It has ended, and processes that it left behind (`background`) still hold its output. */
  readonly output_open?: boolean;
  /** Lines at the module's end; null: it goes on, or nobody noted it. */
  readonly lines_at_end?: number | null;
  readonly background?: readonly { readonly pid: number; readonly name: string }[];
  readonly notes?: readonly string[];
  /** Of its output, by Python's name. */
  readonly encoding?: string;
  readonly bytes: number;
  readonly levels: Readonly<Record<string, number | boolean>>;
  /** As `levels`; a traceback counts once. */
  readonly records?: Readonly<Record<string, number | boolean>>;
  readonly module_name: string;
  /** The run that it was started again from. */
  readonly restart_of?: string | null;
  /** 1, or which of those that were started again from each other. */
  readonly attempt?: number;
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

/** Unfinished text per stream: a prompt, a progress bar. Empty when there is none. */
export type Pending = Readonly<Record<Stream, string>>;

/** One event of the multiplexed stream. What is absent has not changed since the last batch of that run on the same connection. */
export interface Batch {
  readonly run: string;
  /** Number of the first line in `lines`; with no lines, the position of this connection. */
  readonly first: number;
  /** Lines in the journal. */
  readonly total: number;
  readonly lines?: readonly WireLine[];
  /** Colours in force at the first line. */
  readonly sgr?: Carried;
  /** By line number; only lines that were drawn over, or moved the cursor to another row. */
  readonly drawn?: Readonly<Record<string, Drawn>>;
  /** Numbers of those that were answered where they end. */
  readonly prompts?: readonly number[];
  /** Lines between the last position and `first` that were not sent; they are fetched by number when somebody looks. */
  readonly skipped?: number;
  readonly pending?: Pending;
  readonly status?: RunStatus;
  readonly progress?: Progress | null;
  readonly usage?: Usage | null;
  readonly gaps?: readonly Gap[];
  readonly complete?: Complete;
  readonly error?: string;
}

/** Answer of `GET /api/runs/{id}/logs`. */
export interface LogPage {
  readonly logs: readonly { line: number; timestamp: string; level: Level; message: string; stream: Stream; prompt?: boolean }[];
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

export function hasEnded(status: RunState): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** Whether the run is said to go on, on a machine that cannot be asked. */
export function isUnreachable(run: RunStatus | undefined): boolean {
  return run?.unreachable === true && !hasEnded(run.status);
}

/** The batch in the data of an event; undefined when it is none (a newer server may send other things). */
export function parseBatch(data: string): Batch | undefined {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return undefined;
  }
  const batch = value as Partial<Batch> | null;
  const sound = typeof batch?.run === "string" && Number.isInteger(batch.first) && Number.isInteger(batch.total);
  return sound ? (batch as Batch) : undefined;
}

export function fromWire([n, stamp, level, stream, text, length]: WireLine): Line {
  const kept = text.length > MESSAGE_CHARS ? copyOf(text.slice(0, MESSAGE_CHARS)) : text;
  return { n, stamp, level, stream, text: kept, length: Math.max(length ?? 0, text.length) };
}

/** The same text in memory of its own: engines keep the whole string alive behind a slice of it. */
function copyOf(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

export function fromPage(log: LogPage["logs"][number]): Line {
  const line = fromWire([log.line, stampOf(log.timestamp), log.level, log.stream, log.message]);
  return log.prompt ? { ...line, prompt: true } : line;
}

/** Microseconds since the epoch of an ISO 8601 time; `Date.parse` knows milliseconds only. NaN when it is no time. */
export function stampOf(iso: string): number {
  const digits = /\.(\d{1,6})/.exec(iso)?.[1] ?? "";
  return Date.parse(iso.replace(/\.\d+/, "")) * 1000 + Number(digits.padEnd(6, "0"));
}
