/**
 * State of one run, shared by all its viewers: lines, status, gaps, pending text, and the state of
 * the connection.
 *
 * A `Sink` of the hub. Lines in view that the stream did not deliver are fetched by number. Knows
 * no DOM.
 */

import {
  type Batch,
  type Carried,
  type Complete,
  type Gap,
  type Line,
  type Pending,
  type Progress,
  type RunStatus,
  stampOf,
  type Usage,
} from "../base/protocol.js";
import { pensOf, wireLines } from "../text/line-pens.js";
import { LineBuffer } from "./buffer.js";
import { Conversation } from "./conversation.js";
import { type FetchPage, LineFetcher, type WantedLines } from "./fetch.js";
import type { ConnectionState, Sink } from "./hub.js";

const NOTHING: Pending = { stdout: "", stderr: "" };
const NO_GAPS: readonly Gap[] = [];

/** Fields of a batch that only updates CPU and memory. */
const USAGE_FIELDS: ReadonlySet<string> = new Set(["run", "first", "total", "usage"]);

export class RunStore implements Sink {
  readonly conversation: Conversation;
  readonly buffer = new LineBuffer();
  /** Lines wanted by viewers, the latest last; these lines are not evicted. */
  readonly kept = new Map<object, WantedLines>();
  status: RunStatus | undefined;
  /** When `status` arrived, in ms of `performance.now()`: the duration counts on from there. */
  statusAt = 0;
  /** Style in force at the beginning of `pending`. */
  pens: Carried = {};
  connection: ConnectionState = { state: "connecting" };

  readonly #fetcher: LineFetcher;
  readonly #listeners = new Set<(calm: boolean) => void>();

  constructor(run: string, fetchPage: FetchPage) {
    this.conversation = new Conversation(run);
    this.#fetcher = new LineFetcher(
      this.buffer,
      (query, signal) => fetchPage(run, query, signal),
      (fetched) => {
        this.#take(fetched);
        this.#changed();
      },
    );
  }

  get run(): string {
    return this.conversation.run;
  }

  get progress(): Progress | undefined {
    return this.conversation.facts.progress ?? undefined;
  }

  get usage(): Usage | undefined {
    return this.conversation.facts.usage ?? undefined;
  }

  get gaps(): readonly Gap[] {
    return this.conversation.facts.gaps ?? NO_GAPS;
  }

  get complete(): Complete | undefined {
    return this.conversation.facts.complete;
  }

  get pending(): Pending {
    const { complete, pending } = this.conversation.facts;
    return complete ? NOTHING : (pending ?? NOTHING);
  }

  /** Number of the first line after the end of the module; the total if there is none. */
  get moduleEnd(): number {
    return Math.min(this.status?.lines_at_end ?? this.buffer.total, this.buffer.total);
  }

  /** Start of the run, µs since the epoch; undefined: unknown. */
  get start(): number | undefined {
    const started = this.status?.started_at;
    return started ? stampOf(started) : undefined;
  }

  /**
   * Call `listener` after each change; return a function that stops it.
   *
   * @param listener receives whether the change can wait for the next second: only CPU and memory
   *   changed.
   */
  listen(listener: (calm: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connectionChanged(state: ConnectionState): void {
    this.connection = state;
    this.#changed();
  }

  batch(batch: Batch, isFirst: boolean): void {
    const calm =
      !isFirst &&
      batch.total === this.buffer.total &&
      Object.keys(batch).every((name) => USAGE_FIELDS.has(name));
    const lines = batch.lines ?? [];
    const carried = wireLines(lines, batch);
    this.#take(carried.lines);
    if (lines.length) this.pens = carried.after;
    else if (isFirst || batch.sgr) this.pens = pensOf(batch.sgr);
    this.buffer.grow(batch.total);
    if (batch.status) this.#setStatus(batch.status);
    this.#changed(calm);
  }

  /** Set a status that was fetched outside the stream. */
  updateStatus(status: RunStatus): void {
    this.#setStatus(status);
    this.#changed();
  }

  #setStatus(status: RunStatus): void {
    this.status = status;
    this.statusAt = performance.now();
  }

  /**
   * Set the lines that a viewer wants. Cheap if none is missing; fetched lines arrive as a change.
   */
  want(viewer: object, wanted: WantedLines): void {
    this.kept.delete(viewer);
    this.kept.set(viewer, wanted);
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
