/**
 * What the page knows of one run, shared by all its viewers: lines, status, gaps, pending text, and the state of the connection.
 *
 * A `Sink` of the hub. Missing lines are fetched by number, one request at a time, for what was asked for last. Knows no DOM.
 */

import { LineBuffer, type Range } from "./buffer.js";
import { mergeGaps } from "./gaps.js";
import type { Connection, Sink } from "./hub.js";
import { type Batch, type Complete, type Gap, fromPage, fromWire, type LogPage, type Pending, type Progress, type RunStatus } from "./protocol.js";

/** Lines of one request for what is missing. */
const FETCH_LINES = 500;
/** Wait (ms) before a request for missing lines, so that a drag of the scroll bar makes few, and before the next try when one failed. */
const FETCH_DELAY_MS = 40;
const FETCH_RETRY_MS = 2_000;

const NOTHING: Pending = { stdout: "", stderr: "" };

export type FetchPage = (run: string, query: string) => Promise<LogPage>;

export class RunStore implements Sink {
  readonly run: string;
  readonly buffer = new LineBuffer();
  /** What viewers show now; these lines are never dropped. */
  readonly kept = new Map<object, Range>();
  status: RunStatus | undefined;
  /** When `status` came, in ms of `performance.now()`: its duration goes on from there. */
  statusAt = 0;
  progress: Progress | undefined;
  pending: Pending = NOTHING;
  gaps: readonly Gap[] = [];
  complete: Complete | undefined;
  link: Connection = { state: "connecting" };
  /** Lines of stderr were seen, so that streams have to be told apart. */
  hasStderr = false;

  readonly #fetchPage: FetchPage;
  readonly #listeners = new Set<() => void>();
  #cursor: number | undefined;
  #wanted: Range | undefined;
  #fetching = false;

  constructor(run: string, fetchPage: FetchPage) {
    this.run = run;
    this.#fetchPage = fetchPage;
  }

  /** Calls `listener` after each change; returns how to stop that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  cursor(): number | undefined {
    return this.#cursor;
  }

  connection(connection: Connection): void {
    this.link = connection;
    this.#changed();
  }

  batch(batch: Batch, fresh: boolean): void {
    const lines = batch.lines ?? [];
    for (const wire of lines) this.#put(fromWire(wire));
    const last = lines.at(-1);
    if (last) this.#cursor = Math.max(this.#cursor ?? 0, last[0] + 1);
    else this.#cursor ??= batch.first;
    this.buffer.grow(batch.total);
    this.buffer.trim([...this.kept.values()]);
    if (batch.status) {
      this.status = batch.status;
      this.statusAt = performance.now();
    }
    if (batch.progress) this.progress = batch.progress;
    if (batch.pending || fresh) this.pending = batch.pending ?? NOTHING;
    if (batch.gaps) this.gaps = mergeGaps(this.gaps, batch.gaps);
    if (batch.complete) {
      this.complete = batch.complete;
      this.pending = NOTHING;
    }
    this.#changed();
  }

  /** Asks for what is missing of a range. Cheap when nothing is; the answer comes as a change. */
  want(range: Range): void {
    this.#wanted = this.buffer.missing(range);
    if (!this.#wanted || this.#fetching) return;
    this.#fetching = true;
    setTimeout(() => void this.#fetch(), FETCH_DELAY_MS);
  }

  async #fetch(): Promise<void> {
    const [first, last] = this.#wanted ?? [0, -1];
    const limit = Math.min(FETCH_LINES, last - first + 1);
    let failed = false;
    if (limit > 0) {
      try {
        const page = await this.#fetchPage(this.run, `after=${first - 1}&limit=${limit}`);
        for (const log of page.logs) this.#put(fromPage(log));
        failed = !page.logs.length;
      } catch {
        failed = true; // the connection's state says why; what is missing is asked for again
      }
    }
    if (failed) await new Promise((resolve) => setTimeout(resolve, FETCH_RETRY_MS));
    this.#fetching = false;
    this.#changed();
  }

  #put(line: ReturnType<typeof fromWire>): void {
    this.buffer.put(line);
    this.hasStderr ||= line.stream === "stderr";
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
