/**
 * Runs that the viewers of this page want, and delivery of their batches.
 *
 * A run is wanted while one of its viewers is visible and it has not ended. Wanted runs are passed
 * to the connection shared by all tabs (`tab-leader.ts`), and batches come back from there. So do
 * the changes of the list of runs, for those who follow it (`list-followers.ts`). Knows
 * no DOM and no lines: runs are `Sink`s, the page is an `Environment`.
 */

import type { Batch } from "../base/protocol.js";
import type { ConnectionEnvironment } from "./connection.js";
import type { ConnectionProblem } from "./connection-problem.js";
import type { Conversation } from "./conversation.js";
import type { StreamUpdate, Want } from "./fan-out.js";
import { HealthCheck } from "./health-check.js";
import {
  ListFollowers,
  type ListOptions,
  type ListSink,
  type ListSubscription,
} from "./list-followers.js";
import { type TabChannel, TabGroup } from "./tab-leader.js";

/** Delay (ms) after a new viewer, so that ten cells cause one request. */
export const GATHER_MS = 25;
/**
 * How long (ms) a viewer that was scrolled out of view keeps its place in the stream, so that
 * scrolling does not reopen it.
 */
export const LINGER_MS = 3_000;

export type ConnectionState =
  | { readonly state: "connecting" | "live" | "ended" }
  | ConnectionProblem
  | { readonly state: "error"; readonly reason: string };

/** Receives the batches of a run. */
export interface Sink {
  readonly conversation: Conversation;
  /**
   * Receive a batch that the conversation accepted.
   *
   * @param isFirst it is the first of this run on a connection: absent fields are empty, not
   *   unchanged.
   */
  batch(batch: Batch, isFirst: boolean): void;
  connectionChanged(state: ConnectionState): void;
}

export interface Subscription {
  /** Set whether the run is visible; nothing is streamed for it otherwise. */
  watch(on: boolean): void;
  end(): void;
}

export interface Environment extends ConnectionEnvironment {
  /** Whether the page is visible. */
  visible(): boolean;
  /** Called when the connection works again after a problem. */
  recovered?(): void;
}

interface Subscriber {
  readonly sink: Sink;
  /** When it stops being wanted, in ms since the epoch; Infinity while it is watched. */
  until: number;
  /** Changes each time the run starts to be wanted; 0: it is not. */
  key: number;
  /** The state before the connection problem. */
  settled: ConnectionState;
  /**
   * A request about the run failed, so it is notified of connection problems although it has ended.
   */
  isSuspect: boolean;
}

export class StreamHub {
  readonly #environment: Environment;
  readonly #tabs: TabGroup;
  readonly #subscribers = new Map<string, Subscriber>();
  readonly #healthCheck: HealthCheck;
  readonly #list: ListFollowers;
  #keys = 0;
  #trouble: ConnectionProblem | undefined;
  /** Keys of wanted runs, as sent to the tabs. */
  #announced = "";
  #review: ReturnType<typeof setTimeout> | undefined;
  #reviewAt = Infinity;

  /**
   * @param tabs communication between the browser's tabs; undefined: this page has its own stream.
   */
  constructor(environment: Environment, tabs?: TabChannel) {
    this.#environment = environment;
    this.#tabs = new TabGroup(environment, (update) => this.#take(update), tabs);
    this.#healthCheck = new HealthCheck(environment, (trouble) => {
      this.#take({ kind: "trouble", trouble: trouble ?? null });
    });
    this.#list = new ListFollowers({
      now: () => environment.now(),
      lingerMs: LINGER_MS,
      changed: (on) => this.#reviewIn(on ? GATHER_MS : LINGER_MS),
    });
  }

  /** Subscribe to the changes of the list of runs. Nothing is received until it is watched. */
  followList(sink: ListSink, options?: ListOptions): ListSubscription {
    if (this.#trouble) sink.trouble(this.#trouble);
    return this.#list.follow(sink, options);
  }

  /** Subscribe to a run; one sink per run. It receives nothing until it is watched. */
  subscribe(sink: Sink): Subscription {
    const settled: ConnectionState = { state: "connecting" };
    const subscriber: Subscriber = { sink, until: 0, key: 0, settled, isSuspect: false };
    const { run } = sink.conversation;
    this.#subscribers.set(run, subscriber);
    sink.connectionChanged(this.#trouble ?? { state: "connecting" });
    return {
      watch: (on) => {
        if (on === (subscriber.until === Infinity)) return;
        subscriber.until = on ? Infinity : this.#environment.now() + LINGER_MS;
        this.#reviewIn(on ? GATHER_MS : LINGER_MS);
      },
      end: () => {
        if (this.#subscribers.get(run) === subscriber) this.#subscribers.delete(run);
        this.#reviewIn(LINGER_MS);
      },
    };
  }

  /** Report that the page was shown or hidden. */
  visibilityChanged(): void {
    this.#reviewIn(this.#environment.visible() ? 0 : LINGER_MS);
    if (this.#environment.visible()) this.retryNow();
  }

  /**
   * Retry at once if a retry is scheduled, and check a stream that was silent for long: the user is
   * back, perhaps from signing in elsewhere, or the network returned, or the machine woke up.
   */
  retryNow(): void {
    this.#tabs.retryNow();
    this.#healthCheck.retryNow();
  }

  /** Report that a request about a run failed as if the connection were lost. */
  suspect(run: string): void {
    const subscriber = this.#subscribers.get(run);
    if (subscriber) {
      subscriber.isSuspect = true;
      if (this.#trouble) subscriber.sink.connectionChanged(this.#trouble);
    }
    if (this.#announced) this.#tabs.suspect(run);
    else this.#healthCheck.start(run);
  }

  /** Return the runs that should be on the stream now; visible ones first. */
  #wanted(): Subscriber[] {
    if (!this.#environment.visible()) return [];
    const now = this.#environment.now();
    const wanted = [...this.#subscribers.values()].filter(
      ({ sink, until }) => until > now && !sink.conversation.isOver,
    );
    return wanted.sort((a, b) => Number(b.until === Infinity) - Number(a.until === Infinity));
  }

  /** Review what is wanted in `delay` ms, or earlier if that is already scheduled. */
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
    for (const each of this.#subscribers.values()) if (!wanted.includes(each)) each.key = 0;
    for (const each of wanted) {
      if (each.key) continue;
      each.key = ++this.#keys;
      each.sink.conversation.open();
    }
    const isVisible = this.#environment.visible();
    this.#list.decide(isVisible, () => ++this.#keys);
    const list = this.#list.want;
    const keys = [...wanted.map(({ key }) => key), ...(list ? [`list ${list[1]}`] : [])];
    const announced = keys.length ? [isVisible, ...keys].join(" ") : "";
    if (announced !== this.#announced) {
      this.#announced = announced;
      if (announced) this.#healthCheck.stop(); // the stream finds out
      this.#tabs.want(() => {
        const { visible } = this.#environment;
        return { runs: wanted.map(wantOf), list: this.#list.want, isVisible: visible() };
      });
    }
    const next = Math.min(...wanted.map(({ until }) => until), list ? this.#list.until : Infinity);
    if (next < Infinity) this.#reviewIn(next - this.#environment.now());
  }

  #take(update: StreamUpdate): void {
    if (update.kind === "batch") this.#takeBatch(update.batch, update.isFirst);
    else if (update.kind === "list") this.#list.take(update.event);
    else if (update.trouble) {
      this.#trouble = update.trouble;
      this.#list.trouble(update.trouble);
      for (const { sink, isSuspect } of this.#subscribers.values()) {
        if (!sink.conversation.isOver || isSuspect) sink.connectionChanged(update.trouble);
      }
    } else this.#recover();
  }

  /** Handle a recovery: runs that have ended show it at once, the others with their first batch. */
  #recover(): void {
    if (!this.#trouble) return;
    this.#trouble = undefined;
    this.#healthCheck.stop();
    this.#list.trouble(undefined);
    for (const subscriber of this.#subscribers.values()) {
      const { sink, settled, isSuspect } = subscriber;
      if (!sink.conversation.isOver) sink.connectionChanged({ state: "connecting" });
      else if (isSuspect) sink.connectionChanged(settled);
      subscriber.isSuspect = false;
    }
    this.#environment.recovered?.();
  }

  #takeBatch(batch: Batch, isFirstSent: boolean): void {
    const subscriber = this.#subscribers.get(batch.run);
    if (!subscriber?.key) return;
    const { sink } = subscriber;
    const isFirst = sink.conversation.take(batch, isFirstSent);
    if (isFirst === undefined) return;
    const { isOver, facts } = sink.conversation;
    if (isFirst && !isOver) sink.connectionChanged({ state: "live" });
    sink.batch(batch, isFirst);
    if (!isOver) return;
    const { error: reason } = facts;
    subscriber.settled = reason === undefined ? { state: "ended" } : { state: "error", reason };
    sink.connectionChanged(subscriber.settled);
    this.#reviewIn(0);
  }
}

function wantOf({ sink, key }: Subscriber): Want {
  const { run, cursor } = sink.conversation;
  return [run, cursor ?? null, key];
}
