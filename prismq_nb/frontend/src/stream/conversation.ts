/**
 * State of the conversation with the server about one run: the next line wanted, whether a
 * connection has sent its first batch, whether the last batch arrived, and everything reported
 * besides lines.
 *
 * The only place that tracks this; the connection, the fan-out to other tabs, the hub and the store
 * query it. Pure.
 */

import type { Batch, Gap } from "../base/protocol.js";

/** Everything that batches report besides lines. */
export type RunFacts = Readonly<
  Pick<Batch, "total" | "pending" | "status" | "progress" | "usage" | "gaps" | "complete" | "error">
>;

const NO_FACTS: RunFacts = { total: 0 };

export class Conversation {
  readonly run: string;
  #cursor: number | undefined;
  #facts: RunFacts = NO_FACTS;
  /** The next batch is the first of a connection. */
  #awaitsFirst = true;

  /** @param cursor number of the next line wanted; undefined: the newest and what follows. */
  constructor(run: string, cursor?: number) {
    this.run = run;
    this.#cursor = cursor;
  }

  /** Number of the next line wanted; undefined: the newest and what follows. */
  get cursor(): number | undefined {
    return this.#cursor;
  }

  get facts(): RunFacts {
    return this.#facts;
  }

  /** Whether anything was received. */
  get hasBegun(): boolean {
    return this.#facts !== NO_FACTS;
  }

  /** Whether the last batch was received. */
  get isOver(): boolean {
    return isLast(this.#facts);
  }

  /** Start a connection: fields absent from its first batch are empty, not unchanged. */
  open(): void {
    this.#awaitsFirst = true;
  }

  /** Record that the lines before `cursor` are known. */
  skipTo(cursor: number): void {
    this.#cursor = Math.max(this.#cursor ?? 0, cursor);
  }

  /**
   * Apply the next batch.
   *
   * @param isFirst whether it is the first of a connection, if another tab knows that.
   * @returns whether it is the first; undefined: the batch does not belong to this conversation and
   *   is ignored.
   */
  take(batch: Batch, isFirst = this.#awaitsFirst): boolean | undefined {
    if (this.isOver || (this.#awaitsFirst && !isFirst)) return undefined;
    this.#awaitsFirst = false;
    const last = batch.lines?.at(-1);
    this.skipTo(last ? last[0] + 1 : batch.first);
    this.#facts = merge(this.#facts, batch, isFirst);
    return isFirst;
  }

  /** Return everything reported, as a first batch without lines. */
  snapshot(): Batch {
    const { total } = this.#facts;
    return { ...this.#facts, run: this.run, first: total };
  }
}

function isLast({ complete, error }: RunFacts): boolean {
  return complete !== undefined || error !== undefined;
}

/** Keep the status if a first batch has none, which happens only for an error. */
function merge(known: RunFacts, batch: Batch, isFirst: boolean): RunFacts {
  const {
    run: _,
    first: _f,
    lines: _l,
    sgr: _s,
    drawn: _d,
    prompts: _p,
    skipped: _k,
    ...news
  } = batch;
  const { total, status, gaps } = known;
  const kept: RunFacts = isFirst ? { total, ...(status && { status }) } : known;
  const merged = mergeGaps(gaps ?? [], news.gaps ?? []);
  return { ...kept, ...news, ...(merged.length > 0 && { gaps: merged }) };
}

/** Merge gaps by position; the newer report of a growing gap wins. */
export function mergeGaps(old: readonly Gap[], fresh: readonly Gap[]): readonly Gap[] {
  if (!fresh.length) return old;
  const byPlace = new Map([...old, ...fresh].map((gap) => [`${gap.before} ${gap.begin}`, gap]));
  return [...byPlace.values()].sort(
    (a, b) => a.before - b.before || a.begin.localeCompare(b.begin),
  );
}
