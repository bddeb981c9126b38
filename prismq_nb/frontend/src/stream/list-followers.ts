/**
 * Who follows the list of runs in this page, and the position up to which they know its changes.
 * Wanted while one of them is visible, or wants it while the page is hidden. Knows no connection.
 */

import type { ConnectionProblem } from "./connection-problem.js";
import type { ListEvent, RunChange } from "./list-event.js";
import type { ListWant } from "./list-fan-out.js";

/** Receives the changes of the list of runs. */
export interface ListSink {
  /** Earlier changes are not known: list the runs. Changes after that follow. */
  reset(): void;
  changed(change: RunChange): void;
  /** The connection broke and will be retried; undefined: it works. */
  trouble(trouble: ConnectionProblem | undefined): void;
}

export interface ListSubscription {
  /** Set whether the list is visible; nothing is received otherwise, apart from a short while. */
  watch(on: boolean): void;
  end(): void;
}

export interface ListOptions {
  /** Follow the list also while the page is hidden, because it does not show the runs. */
  readonly whileHidden?: boolean;
}

interface Follower {
  readonly sink: ListSink;
  readonly whileHidden: boolean;
  /** When it stops following, in ms since the epoch; Infinity while it is watched. */
  until: number;
  /** The position that it knows; undefined: none. */
  position: string | undefined;
}

export interface ListEnvironment {
  /** Milliseconds since the epoch. */
  now(): number;
  /** How long (ms) one that was scrolled out of view goes on following. */
  readonly lingerMs: number;
  /** What is wanted may have changed. */
  changed(on: boolean): void;
}

export class ListFollowers {
  readonly #environment: ListEnvironment;
  readonly #followers = new Set<Follower>();
  #position = "";
  #key = 0;
  /** Whether the first event since changes are wanted is here. */
  #isLive = false;

  constructor(environment: ListEnvironment) {
    this.#environment = environment;
  }

  /** Subscribe; it receives nothing until it is watched. */
  follow(sink: ListSink, { whileHidden = false }: ListOptions = {}): ListSubscription {
    const follower: Follower = { sink, whileHidden, until: 0, position: undefined };
    this.#followers.add(follower);
    return {
      watch: (on) => {
        if (on === (follower.until === Infinity)) return;
        const { now, lingerMs } = this.#environment;
        follower.until = on ? Infinity : now() + lingerMs;
        if (on && this.#isLive) this.#catchUp(follower);
        this.#environment.changed(on);
      },
      end: () => {
        this.#followers.delete(follower);
        this.#environment.changed(false);
      },
    };
  }

  /** When the last of them stops following, in ms since the epoch; Infinity: not by itself. */
  get until(): number {
    return Math.max(0, ...[...this.#followers].map(({ until }) => until));
  }

  /** What is announced to the connection; null: nothing is wanted. */
  get want(): ListWant | null {
    return this.#key ? [this.#position, this.#key] : null;
  }

  /** Want changes, or do not. @param key number of a new want. */
  decide(isVisible: boolean, key: () => number): void {
    const now = this.#environment.now();
    const wants = ({ until, whileHidden }: Follower): boolean =>
      until > now && (isVisible || whileHidden);
    if ([...this.#followers].some(wants)) this.#key ||= key();
    else {
      this.#key = 0;
      this.#isLive = false;
    }
  }

  take(event: ListEvent): void {
    if (!this.#key) return;
    const isKnown = this.#isLive || event.kind === "resumed";
    const isGap = event.kind === "reset" || (event.kind === "resumed" && this.#lacks(event));
    if (!isKnown && !isGap) return; // it belongs to an earlier want
    this.#isLive = true;
    const before = this.#position;
    this.#position = event.position;
    for (const follower of this.#following()) {
      if (isGap || follower.position !== before) this.#reset(follower);
      else this.#pass(follower, event);
    }
  }

  trouble(trouble: ConnectionProblem | undefined): void {
    for (const { sink } of this.#followers) sink.trouble(trouble);
  }

  #lacks({ position }: ListEvent): boolean {
    return position !== this.#position;
  }

  #following(): Follower[] {
    const now = this.#environment.now();
    return [...this.#followers].filter(({ until }) => until > now);
  }

  #pass(follower: Follower, event: ListEvent): void {
    follower.position = event.position;
    if (event.kind === "run" || event.kind === "removed") follower.sink.changed(event);
  }

  /** A follower that comes back may have missed changes that others received. */
  #catchUp(follower: Follower): void {
    if (follower.position !== this.#position) this.#reset(follower);
  }

  #reset(follower: Follower): void {
    follower.position = this.#position;
    follower.sink.reset();
  }
}
