/**
 * The one connection to the stream of runs: opened, replaced when other runs are wanted, opened anew after a wait when it broke.
 *
 * Each run has a cursor (the next line wanted); a change of the set of runs is a new request with all cursors, and so nothing is lost or repeated.
 * Knows neither who wants the runs nor what a batch says beyond whose it is and whether it is the last.
 */

import { Failure, failureOf } from "../api/failure.js";
import type { Batch } from "../base/protocol.js";
import { readBatches } from "./stream.js";
import { type Trouble, troubleOf } from "./trouble.js";

/**
 * The server says something every 15 s. A proxy may keep a stream open when the server behind it is
 * gone, so after this silence (ms), and again after as long, the server is asked something else.
 */
export const QUIET_MS = 20_000;
/** After this silence (ms) the connection counts as dead whatever the answer. */
export const SILENCE_MS = 45_000;
const SILENT = `no data for ${SILENCE_MS / 1000} s`;
/**
 * A stream that was silent for so long (ms) when the person comes back is opened anew: the server
 * says something every 15 s, so its end was lost while the machine slept or changed its network.
 */
const MISSED_MS = 17_000;
/** A stream that was silent for less than this (ms) is alive; one in between is asked after. */
const FRESH_MS = 3_000;
/**
 * A try that gets no answer at all is given up after so long (ms), because the packet that opens a
 * connection is sent again at growing intervals; each third try is patient with a slow server.
 */
const ANSWER_MS = [4_000, 4_000, 20_000] as const;
const NO_ANSWER = "the Jupyter server does not answer";
/** Runs that the server takes in one stream. */
export const MAX_RUNS = 50;

/** A run that is wanted. The same object stands for the same conversation: another one for the same run starts from its own cursor. */
export interface Wanted {
  readonly run: string;
  /** Number of the next line wanted; undefined: the newest and what follows. */
  cursor(): number | undefined;
}

export interface LinkEnvironment {
  open(query: string, signal: AbortSignal): Promise<Response>;
  /** Asks for one run: undefined where reading works, else why it does not. */
  probe(run: string, signal: AbortSignal): Promise<Failure | undefined>;
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
  /** Why it was given up, though nobody closed it. */
  failure: Failure | undefined;
  /** The server is being asked whether it is there. */
  probing: boolean;
  /** The answer has begun. */
  answered: boolean;
  /** When something came last, or the request was made: ms since the epoch. */
  heardAt: number;
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

  /**
   * Tries again at once, if a try is waited for or hangs. A stream that may have died unnoticed is
   * asked after, or opened anew: timers do not run while a machine sleeps, so the clock decides.
   */
  retryNow(): void {
    if (this.#retry !== undefined) {
      this.#stopWaiting();
      return this.review();
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

  /** A request about that run failed: the connection may be dead though it is open. */
  suspect(run: string): void {
    if (this.#connected) void this.#probe(this.#connected, run);
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
    const connected: Connected<W> = {
      abort: new AbortController(),
      runs,
      heard: new Set(),
      done: new Set(),
      failure: undefined,
      probing: false,
      answered: false,
      heardAt: this.#environment.now(),
    };
    this.#connected = connected;
    const failure = await this.#follow(connected).catch(failureOf);
    if (this.#connected !== connected) return; // closed or replaced on purpose
    this.#disconnect();
    if (this.#events.wanted().length) this.#wait(failure);
  }

  /** Reads one response to its end; resolves with why it ended. */
  async #follow(connected: Connected<W>): Promise<Failure> {
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
      const response = await this.#environment.open(query(connected.runs.values()), connected.abort.signal);
      connected.answered = true;
      clearTimeout(unanswered);
      await readBatches(response, (batch) => this.#take(connected, batch), alive);
      return new Failure("unreachable", "the server closed the connection");
    } catch (error) {
      throw connected.failure ?? error;
    } finally {
      stopWatching();
      clearTimeout(unanswered);
    }
  }

  /** Gives the connection up if the server does not answer, or not to us. */
  async #probe(connected: Connected<W>, run: string): Promise<void> {
    if (connected.probing) return;
    connected.probing = true;
    const failure = await this.#environment.probe(run, connected.abort.signal);
    connected.probing = false;
    if (failure && this.#connected === connected) giveUp(connected, failure);
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

  #wait(failure: Failure): void {
    const { now, random } = this.#environment;
    const trouble = troubleOf(failure, ++this.#failures, now(), random());
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.review();
    }, trouble.retryAt - now());
    this.#events.trouble(trouble);
  }
}

function giveUp(connected: Pick<Connected<unknown>, "abort" | "failure">, failure: Failure): void {
  connected.failure = failure;
  connected.abort.abort();
}

function query(runs: Iterable<Wanted>): string {
  const parts = Array.from(runs, (wanted) => {
    const cursor = wanted.cursor();
    return `run=${wanted.run}${cursor === undefined ? "" : `@${cursor}`}`;
  });
  return parts.join("&");
}
