/**
 * Hands the batches of one connection to all windows that want them: lives in the window that leads, and in each where windows cannot meet.
 *
 * Whoever comes when a run is already on the stream gets what is known of it as a batch without lines; lines that it has not seen are holes to it,
 * and fetched by number when somebody looks. So no window needs a position of its own on the stream.
 */

import { type LinkEnvironment, MAX_RUNS, StreamLink, type Wanted } from "./link.js";
import { mergeGaps } from "./gaps.js";
import type { Batch } from "../base/protocol.js";
import type { Trouble } from "./trouble.js";

/** A run that a window wants: its next line there (null: the newest), and a number that is another for each time it begins to want it. */
export type Want = readonly [run: string, cursor: number | null, key: number];

/** What the leader says; to one window, or to all. */
export type News =
  | { readonly kind: "batch"; readonly batch: Batch; readonly fresh: boolean }
  | { readonly kind: "trouble"; readonly trouble: Trouble | null };

export type Send = (news: News, to?: string) => void;

export class Relay {
  readonly #send: Send;
  readonly #link: StreamLink<Mirror>;
  readonly #mirrors = new Map<string, Mirror>();
  readonly #windows = new Map<string, ReadonlyMap<string, Want>>();
  #trouble: Trouble | null = null;

  constructor(environment: LinkEnvironment, send: Send) {
    this.#send = send;
    this.#link = new StreamLink(environment, {
      wanted: () => this.#wanted(),
      batch: (mirror, batch, fresh) => {
        mirror.take(batch, fresh);
        send({ kind: "batch", batch, fresh });
      },
      trouble: (trouble) => {
        this.#trouble = trouble ?? null;
        send({ kind: "trouble", trouble: this.#trouble });
      },
    });
  }

  /** All that a window wants now. */
  want(window: string, wants: readonly Want[]): void {
    const before = this.#windows.get(window);
    this.#windows.set(window, new Map(wants.map((want) => [want[0], want])));
    if (wants.length && !before) this.#send({ kind: "trouble", trouble: this.#trouble }, window);
    for (const [run, cursor, key] of wants) {
      const mirror = this.#mirrors.get(run);
      if (!mirror) this.#mirrors.set(run, new Mirror(run, cursor ?? undefined));
      else if (!mirror.heard) mirror.atLeast(cursor);
      else if (before?.get(run)?.[2] !== key) this.#send({ kind: "batch", batch: mirror.snapshot(), fresh: true }, window);
    }
    this.#review();
  }

  /** The window was closed, or nothing can be seen in it. */
  gone(window: string): void {
    if (this.#windows.delete(window)) this.#review();
  }

  retryNow(): void {
    this.#link.retryNow();
  }

  /** A request about that run failed in some window. */
  suspect(run: string): void {
    this.#link.suspect(run);
  }

  stop(): void {
    this.#windows.clear();
    this.#review();
  }

  #review(): void {
    const wanted = new Set([...this.#windows.values()].flatMap((wants) => [...wants.keys()]));
    for (const run of [...this.#mirrors.keys()]) if (!wanted.has(run)) this.#mirrors.delete(run);
    this.#link.review();
  }

  /** What each window wants first comes before what any wants last. */
  #wanted(): Mirror[] {
    const windows = [...this.#windows.values()].map((wants) => [...wants.keys()]);
    const ranks = Array.from({ length: Math.max(0, ...windows.map((runs) => runs.length)) }, (_, rank) => windows.map((runs) => runs[rank]));
    const mirrors = new Set(ranks.flat().map((run) => this.#mirrors.get(run ?? "")));
    return [...mirrors].filter((mirror) => mirror !== undefined && !mirror.done).slice(0, MAX_RUNS) as Mirror[];
  }
}

type State = { -readonly [Field in keyof Batch]: Batch[Field] };

/** What was heard of a run, but for its lines. */
class Mirror implements Wanted {
  readonly run: string;
  #next: number | undefined;
  #state: State | undefined;

  constructor(run: string, cursor: number | undefined) {
    this.run = run;
    this.#next = cursor;
  }

  get heard(): boolean {
    return this.#state !== undefined;
  }

  get done(): boolean {
    return this.#state?.complete !== undefined || this.#state?.error !== undefined;
  }

  cursor(): number | undefined {
    return this.#next;
  }

  /** Another window has seen the run up to `cursor`. */
  atLeast(cursor: number | null): void {
    if (cursor !== null) this.#next = Math.max(this.#next ?? 0, cursor);
  }

  take({ lines, skipped: _, sgr: _sgr, drawn: _drawn, ...state }: Batch, fresh: boolean): void {
    const last = lines?.at(-1);
    this.#next = Math.max(this.#next ?? 0, last ? last[0] + 1 : state.first);
    const gaps = mergeGaps(this.#state?.gaps ?? [], state.gaps ?? []);
    this.#state = { ...(fresh && this.#state ? forget(this.#state) : this.#state), ...state, gaps };
  }

  snapshot(): Batch {
    const total = this.#state?.total ?? 0;
    return { ...this.#state, run: this.run, first: total, total };
  }
}

/** What a fresh batch leaves out is empty; the gaps that are known stay. */
function forget({ run, first, total, gaps }: State): State {
  return { run, first, total, ...(gaps ? { gaps } : {}) };
}
