/**
 * What the page knows of one run, shared by all its viewers: lines, status, gaps, pending text, and the state of the connection.
 *
 * A `Sink` of the hub. Lines that viewers show and that the stream did not bring are fetched by number. Knows no DOM.
 */

import { LineBuffer } from "./buffer.js";
import { pensOf, wireLines } from "../text/carried.js";
import { type FetchPage, LineFetcher, type Wish } from "./fetch.js";
import { mergeGaps } from "./gaps.js";
import type { Connection, Sink } from "./hub.js";
import { type Batch, type Carried, type Complete, type Gap, type Line, type Pending, type Progress, type RunStatus, stampOf, type Usage } from "../base/protocol.js";

const NOTHING: Pending = { stdout: "", stderr: "" };

/** A batch with nothing else says only what the run takes. */
const CALM: ReadonlySet<string> = new Set(["run", "first", "total", "usage"]);

export class RunStore implements Sink {
  readonly run: string;
  readonly buffer = new LineBuffer();
  /** What viewers show now, the newest last; these lines are not dropped. */
  readonly kept = new Map<object, Wish>();
  status: RunStatus | undefined;
  /** When `status` came, in ms of `performance.now()`: its duration goes on from there. */
  statusAt = 0;
  progress: Progress | undefined;
  usage: Usage | undefined;
  pending: Pending = NOTHING;
  /** Colours in force at the beginning of `pending`. */
  pens: Carried = {};
  gaps: readonly Gap[] = [];
  complete: Complete | undefined;
  link: Connection = { state: "connecting" };

  readonly #fetcher: LineFetcher;
  readonly #listeners = new Set<(calm: boolean) => void>();
  #cursor: number | undefined;

  constructor(run: string, fetchPage: FetchPage) {
    this.run = run;
    this.#fetcher = new LineFetcher(
      this.buffer,
      (query, signal) => fetchPage(run, query, signal),
      (fetched) => {
        this.#take(fetched);
        this.#changed();
      },
    );
  }

  /** The number of the first line after the end of the module; the total where none came later. */
  get moduleEnd(): number {
    return Math.min(this.status?.lines_at_end ?? this.buffer.total, this.buffer.total);
  }

  /** Start of the run, µs since the epoch; undefined: not known. */
  get start(): number | undefined {
    const started = this.status?.started_at;
    return started ? stampOf(started) : undefined;
  }

  /**
   * Calls `listener` after each change; returns how to stop that.
   *
   * @param listener is told whether it can wait for the next second: only CPU and memory are others.
   */
  listen(listener: (calm: boolean) => void): () => void {
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
    const calm = !fresh && batch.total === this.buffer.total && Object.keys(batch).every((name) => CALM.has(name));
    const lines = batch.lines ?? [];
    const carried = wireLines(lines, batch);
    this.#take(carried.lines);
    if (lines.length) this.pens = carried.after;
    else if (fresh || batch.sgr) this.pens = pensOf(batch.sgr);
    const last = lines.at(-1);
    if (last) this.#cursor = Math.max(this.#cursor ?? 0, last[0] + 1);
    else this.#cursor ??= batch.first;
    this.buffer.grow(batch.total);
    if (batch.status) {
      this.status = batch.status;
      this.statusAt = performance.now();
    }
    if (batch.progress !== undefined) this.progress = batch.progress ?? undefined;
    if (batch.usage !== undefined) this.usage = batch.usage ?? undefined;
    if (batch.pending || fresh) this.pending = batch.pending ?? NOTHING;
    if (batch.gaps) this.gaps = mergeGaps(this.gaps, batch.gaps);
    if (batch.complete) {
      this.complete = batch.complete;
      this.pending = NOTHING;
    }
    this.#changed(calm);
  }

  /** The status was asked for, apart from the stream. */
  told(status: RunStatus): void {
    this.status = status;
    this.statusAt = performance.now();
    this.#changed();
  }

  /** A viewer shows other lines now. Cheap when none is missing; the answer comes as a change. */
  want(viewer: object, wish: Wish): void {
    this.kept.delete(viewer);
    this.kept.set(viewer, wish);
    this.#fetcher.want([...this.kept.values()].reverse());
  }

  #take(lines: readonly Line[]): void {
    for (const line of lines) this.buffer.put(line);
    this.buffer.trim(Array.from(this.kept.values(), ({ around }) => around));
  }

  #changed(calm = false): void {
    for (const listener of this.#listeners) listener(calm);
  }
}
