/**
 * The one connection to the stream of runs: opened, replaced when other runs are wanted, opened anew after a wait when it broke.
 *
 * Each run has a cursor (the next line wanted); a change of the set of runs is a new request with all cursors, and so nothing is lost or repeated.
 * Knows neither who wants the runs nor what a batch says beyond whose it is and whether it is the last.
 */

import type { Batch } from "./protocol.js";
import { readBatches } from "./stream.js";

/** Shortest and longest wait before a new try, in ms. */
export const BACKOFF_MS = [1_000, 30_000] as const;
/** Failed tries in a row after which "reconnecting" becomes "disconnected". */
export const PATIENCE = 4;
/** The server says something every 15 s; after this silence (ms) the connection counts as dead. */
export const SILENCE_MS = 45_000;
/** Runs that the server takes in one stream. */
export const MAX_RUNS = 50;

export interface Trouble {
  readonly state: "reconnecting" | "disconnected";
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly retryAt: number;
}

/** A run that is wanted. The same object stands for the same conversation: another one for the same run starts from its own cursor. */
export interface Wanted {
  readonly run: string;
  /** Number of the next line wanted; undefined: the newest and what follows. */
  cursor(): number | undefined;
}

export interface LinkEnvironment {
  open(query: string, signal: AbortSignal): Promise<Response>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** 0 to 1. */
  random(): number;
}

export interface LinkEvents<W extends Wanted> {
  /** What should be on the stream now: none that has ended, `MAX_RUNS` at most. */
  wanted(): readonly W[];
  /** @param fresh it is the first of this run on a connection: what it leaves out is empty, not unchanged. */
  batch(wanted: W, batch: Batch, fresh: boolean): void;
  /** The connection broke and is tried again at a time; undefined: it works again. */
  trouble(trouble: Trouble | undefined): void;
}

interface Connected<W> {
  readonly abort: AbortController;
  readonly runs: ReadonlyMap<string, W>;
  readonly heard: Set<W>;
  readonly done: Set<W>;
}

/** Wait before try `attempt` (from 1), in ms: doubles, and is spread so that many pages do not come back at once. */
export function backoff(attempt: number, random: number): number {
  const [least, most] = BACKOFF_MS;
  const full = Math.min(most, least * 2 ** (attempt - 1));
  return Math.max(least, Math.round(full * (0.75 + random / 4)));
}

export function isLast(batch: Batch): boolean {
  return batch.complete !== undefined || batch.error !== undefined;
}

export class StreamLink<W extends Wanted> {
  readonly #environment: LinkEnvironment;
  readonly #events: LinkEvents<W>;
  #connected: Connected<W> | undefined;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(environment: LinkEnvironment, events: LinkEvents<W>) {
    this.#environment = environment;
    this.#events = events;
  }

  /** Brings the connection in line with what is wanted now. */
  review(): void {
    const wanted = this.#events.wanted();
    const { runs, done } = this.#connected ?? { runs: new Map<string, W>(), done: new Set<W>() };
    const open = [...runs.values()].filter((run) => !done.has(run));
    if (!wanted.length) {
      this.close();
    } else if (this.#retry === undefined && !(open.length === wanted.length && wanted.every((run) => open.includes(run)))) {
      this.#disconnect();
      void this.#open(wanted);
    }
  }

  /** Tries again at once, if a try is waited for. */
  retryNow(): void {
    if (this.#retry === undefined) return;
    this.#stopWaiting();
    this.review();
  }

  close(): void {
    this.#disconnect();
    this.#stopWaiting();
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

  async #open(wanted: readonly W[]): Promise<void> {
    const runs = new Map(wanted.map((run) => [run.run, run]));
    const connected = { abort: new AbortController(), runs, heard: new Set<W>(), done: new Set<W>() };
    this.#connected = connected;
    const reason = await this.#follow(connected).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (this.#connected !== connected) return; // closed or replaced on purpose
    this.#disconnect();
    if (this.#events.wanted().length) this.#wait(reason);
  }

  /** Reads one response to its end; resolves with why it ended. */
  async #follow(connected: Connected<W>): Promise<string> {
    let silent = false;
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    const alive = (): void => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        silent = true;
        connected.abort.abort();
      }, SILENCE_MS);
    };
    alive();
    try {
      const response = await this.#environment.open(query(connected.runs.values()), connected.abort.signal);
      await readBatches(response, (batch) => this.#take(connected, batch), alive);
      return "the server closed the connection";
    } catch (error) {
      if (silent) return `nothing came for ${SILENCE_MS / 1000} s`;
      throw error;
    } finally {
      clearTimeout(watchdog);
    }
  }

  #take(connected: Connected<W>, batch: Batch): void {
    const run = connected.runs.get(batch.run);
    if (this.#connected !== connected || !run || connected.done.has(run)) return;
    if (this.#failures) {
      this.#failures = 0;
      this.#events.trouble(undefined);
    }
    const fresh = !connected.heard.has(run);
    connected.heard.add(run);
    if (isLast(batch)) connected.done.add(run);
    this.#events.batch(run, batch, fresh);
  }

  #wait(reason: string): void {
    this.#failures++;
    const delay = backoff(this.#failures, this.#environment.random());
    const state = this.#failures < PATIENCE ? "reconnecting" : "disconnected";
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.review();
    }, delay);
    this.#events.trouble({ state, reason, retryAt: this.#environment.now() + delay });
  }
}

function query(runs: Iterable<Wanted>): string {
  const parts = Array.from(runs, (wanted) => {
    const cursor = wanted.cursor();
    return `run=${wanted.run}${cursor === undefined ? "" : `@${cursor}`}`;
  });
  return parts.join("&");
}
