/**
 * Pass the batches of one connection to all tabs that want them. Runs in the leading tab, and in
 * every tab if tabs cannot communicate.
 *
 * A tab that joins while a run is already on the stream gets a snapshot: the state of the run as a
 * batch without lines. Lines that it lacks are fetched by number when they are shown, so no tab
 * needs a stream position of its own.
 */

import type { Batch } from "../base/protocol.js";
import { type ConnectionEnvironment, MAX_RUNS, StreamConnection } from "./connection.js";
import type { ConnectionProblem } from "./connection-problem.js";
import { Conversation } from "./conversation.js";
import type { ListEvent } from "./list-event.js";
import { ListFanOut, type ListWant } from "./list-fan-out.js";

/**
 * A run that a tab wants: its next line there (null: the newest), and a key that changes each time
 * the tab starts to want it.
 */
export type Want = readonly [run: string, cursor: number | null, key: number];

/** What a tab wants. */
export interface Wants {
  readonly runs: readonly Want[];
  /** null: no changes of the list of runs. */
  readonly list: ListWant | null;
  /** Whether somebody sees the tab; absent: not. */
  readonly isVisible?: boolean;
}

/** Messages of the leading tab, to one tab or to all. */
export type StreamUpdate =
  | { readonly kind: "batch"; readonly batch: Batch; readonly isFirst: boolean }
  | { readonly kind: "list"; readonly event: ListEvent }
  | { readonly kind: "trouble"; readonly trouble: ConnectionProblem | null };

/** @param tab undefined: all of them. */
export type Send = (update: StreamUpdate, tab?: string) => void;

export class FanOut {
  readonly #send: Send;
  readonly #connection: StreamConnection;
  readonly #conversations = new Map<string, Conversation>();
  readonly #tabs = new Map<string, ReadonlyMap<string, Want>>();
  readonly #list: ListFanOut;
  #trouble: ConnectionProblem | null = null;

  constructor(environment: ConnectionEnvironment, send: Send) {
    this.#send = send;
    this.#list = new ListFanOut((event, tab) => send({ kind: "list", event }, tab));
    this.#connection = new StreamConnection(environment, {
      wanted: () => this.#wanted(),
      list: () => this.#list.position,
      change: (event) => this.#list.take(event),
      batch: (batch, isFirst) => send({ kind: "batch", batch, isFirst }),
      trouble: (trouble) => {
        this.#trouble = trouble ?? null;
        send({ kind: "trouble", trouble: this.#trouble });
      },
    });
  }

  /** Replace what a tab wants. */
  want(tab: string, { runs, list }: Wants): void {
    const before = this.#tabs.get(tab);
    this.#tabs.set(tab, new Map(runs.map((want) => [want[0], want])));
    if ((runs.length || list) && !before)
      this.#send({ kind: "trouble", trouble: this.#trouble }, tab);
    this.#list.want(tab, list);
    for (const [run, cursor, key] of runs) {
      const known = this.#conversations.get(run);
      if (!known) this.#conversations.set(run, new Conversation(run, cursor ?? undefined));
      else if (!known.hasBegun) {
        if (cursor !== null) known.skipTo(cursor);
      } else if (before?.get(run)?.[2] !== key)
        this.#send({ kind: "batch", batch: known.snapshot(), isFirst: true }, tab);
    }
    this.#review();
  }

  /** Remove a closed tab. */
  remove(tab: string): void {
    this.#list.want(tab, null);
    if (this.#tabs.delete(tab)) this.#review();
  }

  retryNow(): void {
    this.#connection.retryNow();
  }

  /** Report that a request about a run failed in some tab. */
  suspect(run: string): void {
    this.#connection.suspect(run);
  }

  stop(): void {
    this.#tabs.clear();
    this.#list.stop();
    this.#review();
  }

  #review(): void {
    const wanted = new Set([...this.#tabs.values()].flatMap((wants) => [...wants.keys()]));
    for (const run of [...this.#conversations.keys()])
      if (!wanted.has(run)) this.#conversations.delete(run);
    this.#connection.review();
  }

  /** Interleave: the first wanted run of each tab comes before the last of any. */
  #wanted(): Conversation[] {
    const tabs = [...this.#tabs.values()].map((wants) => [...wants.keys()]);
    const ranks = Array.from(
      { length: Math.max(0, ...tabs.map((runs) => runs.length)) },
      (_, rank) => tabs.map((runs) => runs[rank]),
    );
    const wanted = new Set(ranks.flat().map((run) => this.#conversations.get(run ?? "")));
    return [...wanted]
      .filter((each) => each !== undefined && !each.isOver)
      .slice(0, MAX_RUNS) as Conversation[];
  }
}
