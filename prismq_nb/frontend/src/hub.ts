/**
 * One stream per page for all viewers, and the policy of opening, closing and reopening it.
 *
 * A browser allows six HTTP/1.1 connections per origin for all its tabs, so a stream per viewer would freeze JupyterLab. Each run has a cursor
 * (the next line wanted), a change of the set of runs is a new request with all cursors, and so nothing is lost or repeated. The stream is open only
 * while somebody can see a run that has not ended. Knows no DOM and no line: runs are `Sink`s, the page is an `Environment`.
 */

import type { Batch } from "./protocol.js";
import { readBatches } from "./stream.js";

/** Shortest and longest wait before a new try, in ms. */
export const BACKOFF_MS = [1_000, 30_000] as const;
/** Failed tries in a row after which "reconnecting" becomes "disconnected". */
export const PATIENCE = 4;
/** A viewer that comes waits this long (ms) for others, so that ten cells make one request. */
export const GATHER_MS = 25;
/** A viewer that goes out of sight keeps its place in the stream this long (ms), so that scrolling does not reopen it. */
export const LINGER_MS = 3_000;
/** The server says something every 15 s; after this silence (ms) the connection counts as dead. */
export const SILENCE_MS = 45_000;
/** Runs that the server takes in one stream. */
export const MAX_RUNS = 50;

export type Connection =
  | { readonly state: "connecting" | "live" | "ended" }
  | { readonly state: "reconnecting" | "disconnected"; readonly reason: string; readonly retryAt: number }
  | { readonly state: "error"; readonly reason: string };

/** A run that wants batches. */
export interface Sink {
  readonly run: string;
  /** Number of the next line wanted; undefined: the newest and what follows. */
  cursor(): number | undefined;
  /** @param fresh it is the first of this run on a connection: what it leaves out is empty, not unchanged. */
  batch(batch: Batch, fresh: boolean): void;
  connection(connection: Connection): void;
}

/** A sink's place in the hub. */
export interface Seat {
  /** Whether somebody can see the run; nothing is streamed for it otherwise. */
  watch(on: boolean): void;
  leave(): void;
}

export interface Environment {
  open(query: string, signal: AbortSignal): Promise<Response>;
  /** Whether the page can be seen. */
  visible(): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** 0 to 1. */
  random(): number;
}

interface Entry {
  readonly sink: Sink;
  /** When it stops being wanted, in ms since the epoch; Infinity while it is watched. */
  until: number;
  /** Its last batch came. */
  done: boolean;
}

interface Link {
  readonly abort: AbortController;
  readonly entries: ReadonlySet<Entry>;
  readonly heard: Set<Entry>;
}

/** Wait before try `attempt` (from 1), in ms: doubles, and is spread so that many pages do not come back at once. */
export function backoff(attempt: number, random: number): number {
  const [least, most] = BACKOFF_MS;
  const full = Math.min(most, least * 2 ** (attempt - 1));
  return Math.max(least, Math.round(full * (0.75 + random / 4)));
}

export class StreamHub {
  readonly #environment: Environment;
  readonly #entries = new Map<string, Entry>();
  #link: Link | undefined;
  #failures = 0;
  #trouble: Connection | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #review: ReturnType<typeof setTimeout> | undefined;
  #reviewAt = Infinity;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Takes a run in; one sink per run. It gets nothing until it is watched. */
  join(sink: Sink): Seat {
    const entry: Entry = { sink, until: 0, done: false };
    this.#entries.set(sink.run, entry);
    sink.connection(this.#trouble ?? { state: "connecting" });
    return {
      watch: (on) => {
        if (on === (entry.until === Infinity)) return;
        entry.until = on ? Infinity : this.#environment.now() + LINGER_MS;
        this.#reviewIn(on ? GATHER_MS : LINGER_MS);
      },
      leave: () => {
        if (this.#entries.get(sink.run) === entry) this.#entries.delete(sink.run);
        this.#reviewIn(LINGER_MS);
      },
    };
  }

  /** The page was shown or hidden. */
  visibilityChanged(): void {
    this.#reviewIn(this.#environment.visible() ? 0 : LINGER_MS);
  }

  /** Tries again at once, if a try is waited for. */
  retryNow(): void {
    if (this.#retry === undefined) return;
    this.#stopWaiting();
    this.#decide();
  }

  /** What should be on the stream now. */
  #wanted(): Entry[] {
    if (!this.#environment.visible()) return [];
    const now = this.#environment.now();
    const wanted = [...this.#entries.values()].filter((entry) => entry.until > now && !entry.done);
    return wanted.sort((a, b) => Number(b.until === Infinity) - Number(a.until === Infinity)).slice(0, MAX_RUNS);
  }

  /** Decides anew in `delay` ms, or sooner if that was asked for before. */
  #reviewIn(delay: number): void {
    const at = this.#environment.now() + delay;
    if (at >= this.#reviewAt) return;
    clearTimeout(this.#review);
    this.#reviewAt = at;
    this.#review = setTimeout(() => {
      this.#reviewAt = Infinity;
      this.#decide();
    }, delay);
  }

  #decide(): void {
    const wanted = this.#wanted();
    const open = [...(this.#link?.entries ?? [])].filter((entry) => !entry.done);
    if (!wanted.length) {
      this.#close();
      this.#stopWaiting();
    } else if (this.#retry === undefined && !(open.length === wanted.length && wanted.every((entry) => open.includes(entry)))) {
      this.#close();
      void this.#open(wanted);
    }
    const next = Math.min(...wanted.map((entry) => entry.until));
    if (next < Infinity) this.#reviewIn(next - this.#environment.now());
  }

  #close(): void {
    const link = this.#link;
    this.#link = undefined;
    link?.abort.abort();
  }

  #stopWaiting(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  async #open(entries: readonly Entry[]): Promise<void> {
    const link: Link = { abort: new AbortController(), entries: new Set(entries), heard: new Set() };
    this.#link = link;
    const reason = await this.#follow(link).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (this.#link !== link) return; // closed or replaced on purpose
    this.#close();
    if (this.#wanted().length) this.#wait(reason);
  }

  /** Reads one response to its end; resolves with why it ended. */
  async #follow(link: Link): Promise<string> {
    let silent = false;
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    const alive = (): void => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        silent = true;
        link.abort.abort();
      }, SILENCE_MS);
    };
    alive();
    try {
      const response = await this.#environment.open(query(link.entries), link.abort.signal);
      await readBatches(response, (batch) => this.#take(link, batch), alive);
      return "the server closed the connection";
    } catch (error) {
      if (silent) return `nothing came for ${SILENCE_MS / 1000} s`;
      throw error;
    } finally {
      clearTimeout(watchdog);
    }
  }

  #take(link: Link, batch: Batch): void {
    const entry = this.#entries.get(batch.run);
    if (this.#link !== link || !entry || !link.entries.has(entry) || entry.done) return;
    this.#failures = 0;
    this.#trouble = undefined;
    const fresh = !link.heard.has(entry);
    link.heard.add(entry);
    entry.done = batch.complete !== undefined || batch.error !== undefined;
    if (fresh && !entry.done) entry.sink.connection({ state: "live" });
    entry.sink.batch(batch, fresh);
    if (batch.error !== undefined) entry.sink.connection({ state: "error", reason: batch.error });
    else if (batch.complete) entry.sink.connection({ state: "ended" });
    if (entry.done && !this.#wanted().length) this.#reviewIn(0);
  }

  #wait(reason: string): void {
    this.#failures++;
    const delay = backoff(this.#failures, this.#environment.random());
    const state = this.#failures < PATIENCE ? "reconnecting" : "disconnected";
    this.#trouble = { state, reason, retryAt: this.#environment.now() + delay };
    for (const entry of this.#entries.values()) if (!entry.done) entry.sink.connection(this.#trouble);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#decide();
    }, delay);
  }
}

function query(entries: Iterable<Entry>): string {
  const runs = Array.from(entries, ({ sink }) => {
    const cursor = sink.cursor();
    return `run=${sink.run}${cursor === undefined ? "" : `@${cursor}`}`;
  });
  return runs.join("&");
}
