/**
 * The connection to the stream of runs: opened, replaced when other runs are wanted, and reopened
 * with backoff when it breaks.
 *
 * Each run has a cursor (the next line wanted); a change of the set of runs is a new request with
 * all cursors, so nothing is lost or repeated. The changes of the list of runs travel in the same
 * connection, from a position. Knows neither who wants the runs nor the contents of
 * batches, which are handled by each run's `Conversation`.
 */

import { Failure, failureOf } from "../api/failure.js";
import type { Batch } from "../base/protocol.js";
import { type ConnectionProblem, problemOf } from "./connection-problem.js";
import type { Conversation } from "./conversation.js";
import type { ListEvent } from "./list-event.js";
import { readPageEvents } from "./page-events.js";

/**
 * The server sends something every 15 s. A proxy may keep a stream open after the server behind it
 * is gone, so after this silence (ms), and again after as long, a separate request checks the
 * server.
 */
export const QUIET_MS = 20_000;
/** After this silence (ms) the connection counts as dead whatever the check reports. */
export const SILENCE_MS = 45_000;
const SILENT = `no data for ${SILENCE_MS / 1000} s`;
/**
 * A stream that was silent for this long (ms) when the user returns is reopened: the server sends
 * something every 15 s, so the stream broke unnoticed while the machine slept or changed its
 * network.
 */
const MISSED_MS = 17_000;
/** A stream that was silent for less than this (ms) is alive; in between, the server is checked. */
const FRESH_MS = 3_000;
/**
 * Timeout (ms) of an attempt without any response, because a lost SYN is resent at growing
 * intervals; every third attempt allows for a slow server.
 */
const ANSWER_MS = [4_000, 4_000, 20_000] as const;
const NO_ANSWER = "the Jupyter server does not answer";
/** Maximum runs per stream that the server accepts. */
export const MAX_RUNS = 50;

export interface ConnectionEnvironment {
  open(query: string, signal: AbortSignal): Promise<Response>;
  /** Check one run; resolves with undefined if reading works, else with the failure. */
  probe(run: string, signal: AbortSignal): Promise<Failure | undefined>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** 0 to 1. */
  random(): number;
}

export interface ConnectionEvents {
  /** Runs that should be on the stream now: none that is complete, at most `MAX_RUNS`. */
  wanted(): readonly Conversation[];
  /**
   * The position from which changes of the list of runs are wanted; empty: from now on; undefined:
   * none are.
   */
  list(): string | undefined;
  change(event: ListEvent): void;
  /** @param isFirst it is the first batch of this run on a connection. */
  batch(batch: Batch, isFirst: boolean): void;
  /** The connection broke and will be retried; undefined: it works again. */
  trouble(trouble: ConnectionProblem | undefined): void;
}

interface Connected {
  readonly abort: AbortController;
  readonly runs: ReadonlyMap<string, Conversation>;
  /** Whether it carries the changes of the list. */
  readonly hasList: boolean;
  /** Reason for giving up a connection that nobody closed. */
  failure: Failure | undefined;
  /** Whether a check of the server is in progress. */
  probing: boolean;
  /** Whether the response has begun. */
  answered: boolean;
  /** Time of the last data, or of the request: ms since the epoch. */
  heardAt: number;
}

export class StreamConnection {
  readonly #environment: ConnectionEnvironment;
  readonly #events: ConnectionEvents;
  #connected: Connected | undefined;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(environment: ConnectionEnvironment, events: ConnectionEvents) {
    this.#environment = environment;
    this.#events = events;
  }

  /** Update the connection to what is wanted now. */
  review(): void {
    const wanted = this.#events.wanted();
    const open = [...(this.#connected?.runs.values() ?? [])].filter((run) => !run.isOver);
    const hasList = this.#connected?.hasList ?? false;
    if (!this.#isWanted) {
      this.close();
    } else if (
      this.#retry === undefined &&
      !(
        open.length === wanted.length &&
        wanted.every((run) => open.includes(run)) &&
        hasList === (this.#events.list() !== undefined)
      )
    ) {
      this.#disconnect();
      void this.#open(wanted);
    }
  }

  /**
   * Retry at once if a retry is scheduled or an attempt hangs. A stream that may have broken
   * unnoticed is checked or reopened; based on the clock, because timers do not run while a machine
   * sleeps.
   */
  retryNow(): void {
    if (this.#retry !== undefined) {
      this.#stopWaiting();
      this.review();
      return;
    }
    const connected = this.#connected;
    if (!connected) return;
    const silent = this.#environment.now() - connected.heardAt;
    if (silent < FRESH_MS) return;
    const [first] = connected.runs.keys();
    if (connected.answered && silent < MISSED_MS) return void this.#probe(connected, first ?? "");
    this.#disconnect();
    this.review();
  }

  /** Report that a request about a run failed: the connection may be dead although it is open. */
  suspect(run: string): void {
    if (this.#connected) void this.#probe(this.#connected, run);
  }

  close(): void {
    this.#disconnect();
    this.#stopWaiting();
  }

  get #isWanted(): boolean {
    return this.#events.wanted().length > 0 || this.#events.list() !== undefined;
  }

  #disconnect(): void {
    const connected = this.#connected;
    this.#connected = undefined;
    connected?.abort.abort();
  }

  #stopWaiting(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  async #open(wanted: readonly Conversation[]): Promise<void> {
    const runs = new Map(wanted.map((run) => [run.run, run]));
    const list = this.#events.list();
    const connected: Connected = {
      abort: new AbortController(),
      runs,
      hasList: list !== undefined,
      failure: undefined,
      probing: false,
      answered: false,
      heardAt: this.#environment.now(),
    };
    this.#connected = connected;
    for (const run of wanted) run.open();
    const failure = await this.#follow(connected, query(wanted, list)).catch(failureOf);
    if (this.#connected !== connected) return; // closed or replaced on purpose
    this.#disconnect();
    if (this.#isWanted) this.#wait(failure);
  }

  /** Read one response to its end; resolve with the reason it ended. */
  async #follow(connected: Connected, asked: string): Promise<Failure> {
    let quiet: ReturnType<typeof setInterval> | undefined;
    let dead: ReturnType<typeof setTimeout> | undefined;
    const [first] = connected.runs.keys();
    const patience = this.#failures && ANSWER_MS[(this.#failures - 1) % ANSWER_MS.length];
    const unanswered = patience
      ? setTimeout(() => giveUp(connected, new Failure("unreachable", NO_ANSWER)), patience)
      : undefined;
    const stopWatching = (): void => {
      clearInterval(quiet);
      clearTimeout(dead);
    };
    const alive = (): void => {
      stopWatching();
      connected.heardAt = this.#environment.now();
      quiet = setInterval(() => void this.#probe(connected, first ?? ""), QUIET_MS);
      dead = setTimeout(() => giveUp(connected, new Failure("unreachable", SILENT)), SILENCE_MS);
    };
    alive();
    try {
      const response = await this.#environment.open(asked, connected.abort.signal);
      connected.answered = true;
      clearTimeout(unanswered);
      await readPageEvents(response, {
        batch: (batch) => this.#take(connected, batch),
        list: (event) => this.#takeChange(connected, event),
        bytes: alive,
      });
      return new Failure("unreachable", "the server closed the connection");
    } catch (error) {
      throw connected.failure ?? error;
    } finally {
      stopWatching();
      clearTimeout(unanswered);
    }
  }

  /** Check the server; drop the connection if it does not respond, or refuses us. */
  async #probe(connected: Connected, run: string): Promise<void> {
    if (connected.probing) return;
    connected.probing = true;
    const failure = await this.#environment.probe(run, connected.abort.signal);
    connected.probing = false;
    if (failure && this.#connected === connected) giveUp(connected, failure);
  }

  #take(connected: Connected, batch: Batch): void {
    const run = connected.runs.get(batch.run);
    if (this.#connected !== connected || !run || run.isOver) return;
    this.#recover();
    const isFirst = run.take(batch);
    if (isFirst !== undefined) this.#events.batch(batch, isFirst);
  }

  #takeChange(connected: Connected, event: ListEvent): void {
    if (this.#connected !== connected || !connected.hasList) return;
    this.#recover();
    this.#events.change(event);
  }

  #recover(): void {
    if (!this.#failures) return;
    this.#failures = 0;
    this.#events.trouble(undefined);
  }

  #wait(failure: Failure): void {
    const { now, random } = this.#environment;
    const trouble = problemOf(failure, ++this.#failures, now(), random());
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.review();
    }, trouble.retryAt - now());
    this.#events.trouble(trouble);
  }
}

function giveUp(connected: Pick<Connected, "abort" | "failure">, failure: Failure): void {
  connected.failure = failure;
  connected.abort.abort();
}

function query(runs: Iterable<Conversation>, list: string | undefined): string {
  const parts = Array.from(runs, ({ run, cursor }) => {
    return `run=${run}${cursor === undefined ? "" : `@${cursor}`}`;
  });
  if (list !== undefined) parts.push(`runs=${list}`);
  return parts.join("&");
}
