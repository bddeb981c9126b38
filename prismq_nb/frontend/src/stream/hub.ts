/**
 * Who in this page wants to see which runs, and what they hear of them.
 *
 * A run is wanted while a viewer of it can be seen and it has not ended. What is wanted goes to the one connection of all windows (`windows.ts`), and
 * its batches come back from there. Knows no DOM and no line: runs are `Sink`s, the page is an `Environment`.
 */

import { Doubt } from "./doubt.js";
import { isLast, type LinkEnvironment } from "./link.js";
import type { Batch } from "../base/protocol.js";
import type { News, Want } from "./relay.js";
import type { Trouble } from "./trouble.js";
import { type Meeting, WindowShare } from "./windows.js";

/** A viewer that comes waits this long (ms) for others, so that ten cells make one request. */
export const GATHER_MS = 25;
/** A viewer that goes out of sight keeps its place in the stream this long (ms), so that scrolling does not reopen it. */
export const LINGER_MS = 3_000;

export type Connection =
  | { readonly state: "connecting" | "live" | "ended" }
  | Trouble
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

export interface Environment extends LinkEnvironment {
  /** Whether the page can be seen. */
  visible(): boolean;
  /** The connection works again after trouble. */
  recovered?(): void;
}

interface Entry {
  readonly sink: Sink;
  /** When it stops being wanted, in ms since the epoch; Infinity while it is watched. */
  until: number;
  /** Another one for each time that it begins to be wanted; 0: it is not. */
  key: number;
  /** The first batch since then came. */
  heard: boolean;
  /** Its last batch came. */
  done: boolean;
  /** What its sink was told before the trouble. */
  settled: Connection;
  /** A request about it failed, so that it hears of trouble though it is done. */
  doubted: boolean;
}

export class StreamHub {
  readonly #environment: Environment;
  readonly #share: WindowShare;
  readonly #entries = new Map<string, Entry>();
  readonly #doubt: Doubt;
  #keys = 0;
  #trouble: Trouble | undefined;
  #told = "";
  #review: ReturnType<typeof setTimeout> | undefined;
  #reviewAt = Infinity;

  /** @param meeting where the windows of the browser meet; undefined: this page has a stream of its own. */
  constructor(environment: Environment, meeting?: Meeting) {
    this.#environment = environment;
    this.#share = new WindowShare(environment, (news) => this.#take(news), meeting);
    const tell = (trouble: Trouble | null): void => this.#take({ kind: "trouble", trouble });
    this.#doubt = new Doubt(environment, (trouble) => tell(trouble ?? null));
  }

  /** Takes a run in; one sink per run. It gets nothing until it is watched. */
  join(sink: Sink): Seat {
    const settled: Connection = { state: "connecting" };
    const entry: Entry = { sink, until: 0, key: 0, heard: false, done: false, settled, doubted: false };
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
    if (this.#environment.visible()) this.retryNow();
  }

  /**
   * The person came back, perhaps from signing in elsewhere, the network did, or the machine woke:
   * tries again at once, if a try is waited for, and looks after a stream that was long silent.
   */
  retryNow(): void {
    this.#share.retryNow();
    this.#doubt.retryNow();
  }

  /** A request about that run failed as if the connection were gone. */
  suspect(run: string): void {
    const entry = this.#entries.get(run);
    if (entry) {
      entry.doubted = true;
      if (this.#trouble) entry.sink.connection(this.#trouble);
    }
    if (this.#told) this.#share.suspect(run);
    else this.#doubt.about(run);
  }

  /** What should be on the stream now; what can be seen comes first. */
  #wanted(): Entry[] {
    if (!this.#environment.visible()) return [];
    const now = this.#environment.now();
    const wanted = [...this.#entries.values()].filter((entry) => entry.until > now && !entry.done);
    return wanted.sort((a, b) => Number(b.until === Infinity) - Number(a.until === Infinity));
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
    for (const entry of this.#entries.values()) if (!wanted.includes(entry)) entry.key = 0;
    for (const entry of wanted) {
      if (entry.key) continue;
      entry.key = ++this.#keys;
      entry.heard = false;
    }
    const told = wanted.map(({ key }) => key).join(" ");
    if (told !== this.#told) {
      this.#told = told;
      if (told) this.#doubt.stop(); // the stream finds out
      this.#share.want(() => wanted.map(({ sink, key }): Want => [sink.run, sink.cursor() ?? null, key]));
    }
    const next = Math.min(...wanted.map((entry) => entry.until));
    if (next < Infinity) this.#reviewIn(next - this.#environment.now());
  }

  #take(news: News): void {
    if (news.kind === "batch") this.#takeBatch(news.batch, news.fresh);
    else if (news.trouble) {
      this.#trouble = news.trouble;
      for (const { sink, done, doubted } of this.#entries.values()) {
        if (!done || doubted) sink.connection(news.trouble);
      }
    } else this.#recover();
  }

  /** The connection works again; runs of which something was heard say so at once, the others with their first batch. */
  #recover(): void {
    if (!this.#trouble) return;
    this.#trouble = undefined;
    this.#doubt.stop();
    for (const entry of this.#entries.values()) {
      if (!entry.done) entry.sink.connection({ state: "connecting" });
      else if (entry.doubted) entry.sink.connection(entry.settled);
      entry.doubted = false;
    }
    this.#environment.recovered?.();
  }

  #takeBatch(batch: Batch, fresh: boolean): void {
    const entry = this.#entries.get(batch.run);
    if (!entry?.key || entry.done || !(fresh || entry.heard)) return;
    entry.heard = true;
    entry.done = isLast(batch);
    if (fresh && !entry.done) entry.sink.connection({ state: "live" });
    entry.sink.batch(batch, fresh);
    if (!entry.done) return;
    const { error: reason } = batch;
    entry.settled = reason === undefined ? { state: "ended" } : { state: "error", reason };
    entry.sink.connection(entry.settled);
    this.#reviewIn(0);
  }
}
