/**
 * One stream for all tabs of a browser: the tab that holds a Web Lock leads and has the connection;
 * the others ask it through a BroadcastChannel.
 *
 * A browser allows six HTTP/1.1 connections per origin in all its tabs, so six streams would freeze
 * JupyterLab in all of them. A tab leads only while it wants something itself. When it stops, or
 * closes, or crashes, the next tab in the queue of the lock takes over and resumes at the cursors
 * that the others announce. A hidden tab gives way to a visible one: browsers slow the timers of
 * hidden tabs down, so it would reconnect late. Web Locks need a secure context (https or
 * localhost); without them, each tab has its own stream.
 */

import type { ConnectionEnvironment } from "./connection.js";
import { FanOut, type StreamUpdate, type Wants } from "./fan-out.js";

/** Messages between tabs. */
type Message =
  | { readonly kind: "want"; readonly from: string; readonly wants: Wants }
  | { readonly kind: "retry" }
  | { readonly kind: "suspect"; readonly run: string }
  | { readonly kind: "leads" }
  | { readonly kind: "update"; readonly update: StreamUpdate; readonly to: string | null };

/** The subset of `navigator.locks` in use. */
export interface Locks {
  request(
    name: string,
    options: { signal: AbortSignal },
    holding: () => Promise<void>,
  ): Promise<void>;
}

/** The subset of `BroadcastChannel` in use. */
export interface Channel {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** Communication between the tabs of a browser. */
export interface TabChannel {
  readonly locks: Locks;
  readonly channel: Channel;
  /** Unique id of this tab. */
  readonly id: string;
}

const NOTHING: Wants = { runs: [], list: null };
const FOREVER = new Promise<void>(() => undefined);

/** Send the runs that this tab wants to the leader, whichever tab that is. */
export class TabGroup {
  readonly #environment: ConnectionEnvironment;
  readonly #take: (update: StreamUpdate) => void;
  readonly #tabs: TabChannel | undefined;
  #wants: () => Wants = () => NOTHING;
  #fanOut: FanOut | undefined;
  /** End this tab's leadership, or its place in the queue. */
  #candidacy: AbortController | undefined;
  /** Tabs whose closing the leader awaits. */
  readonly #watched = new Set<string>();
  /** Tabs that want runs now: copying every batch to tabs that want none costs milliseconds. */
  readonly #followers = new Set<string>();

  /** @param tabs undefined: this tab is alone. */
  constructor(
    environment: ConnectionEnvironment,
    take: (update: StreamUpdate) => void,
    tabs: TabChannel | undefined,
  ) {
    this.#environment = environment;
    this.#take = take;
    this.#tabs = tabs;
    if (!tabs) {
      this.#fanOut = new FanOut(environment, take);
      return;
    }
    tabs.channel.addEventListener("message", ({ data }) => this.#receive(data as Message));
    void tabs.locks.request(
      lifeOf(tabs.id),
      { signal: new AbortController().signal },
      () => FOREVER,
    );
  }

  /**
   * Set what this tab wants.
   *
   * @param wants everything wanted until the next call; called again when another tab becomes the
   *   leader, because cursors advance.
   */
  want(wants: () => Wants): void {
    this.#wants = wants;
    this.#announce();
    if (isAnything(wants())) this.#runForLeader();
    else this.#stepDown();
  }

  retryNow(): void {
    if (this.#fanOut) this.#fanOut.retryNow();
    else this.#post({ kind: "retry" });
  }

  /** Report that a request about a run failed here: the leading tab checks its stream. */
  suspect(run: string): void {
    if (this.#fanOut) this.#fanOut.suspect(run);
    else this.#post({ kind: "suspect", run });
  }

  #announce(): void {
    if (this.#fanOut) this.#fanOut.want(this.#tabs?.id ?? "", this.#wants());
    else if (this.#tabs) this.#post({ kind: "want", from: this.#tabs.id, wants: this.#wants() });
  }

  #post(message: Message): void {
    this.#tabs?.channel.postMessage(message);
  }

  #runForLeader(): void {
    if (!this.#tabs || this.#candidacy) return;
    const candidacy = new AbortController();
    this.#candidacy = candidacy;
    const { signal } = candidacy;
    const lead = async (): Promise<void> => {
      if (signal.aborted) return;
      this.#lead();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      this.#fanOut?.stop();
      this.#fanOut = undefined;
      this.#watched.clear();
      this.#followers.clear();
    };
    // aborted: nothing is wanted now
    this.#tabs.locks.request("prismq:tab-leader", { signal }, lead).catch(() => undefined);
  }

  #stepDown(): void {
    this.#candidacy?.abort();
    this.#candidacy = undefined;
  }

  /** Queue again, behind the others. */
  #giveWay(): void {
    this.#stepDown();
    this.#runForLeader();
  }

  #lead(): void {
    const { id = "" } = this.#tabs ?? {};
    this.#fanOut = new FanOut(this.#environment, (update, to) => {
      if (to === undefined || to === id) this.#take(update);
      if (to !== id && this.#followers.size) this.#post({ kind: "update", update, to: to ?? null });
    });
    this.#fanOut.want(id, this.#wants());
    this.#post({ kind: "leads" });
  }

  #receive(message: Message): void {
    if (message.kind === "leads") this.#announce();
    else if (message.kind === "update") {
      if (message.to === null || message.to === this.#tabs?.id) this.#take(message.update);
    } else if (this.#fanOut) {
      if (message.kind === "retry") this.#fanOut.retryNow();
      else if (message.kind === "suspect") this.#fanOut.suspect(message.run);
      else {
        if (isAnything(message.wants)) this.#followers.add(message.from);
        else this.#followers.delete(message.from);
        this.#fanOut.want(message.from, message.wants);
        this.#watchLife(message.from);
        if (message.wants.isVisible && !this.#wants().isVisible) this.#giveWay();
      }
    }
  }

  /** Wait until a tab ends, even by a crash: its lock is released. */
  #watchLife(tab: string): void {
    const { signal } = this.#candidacy ?? {};
    if (!signal || this.#watched.has(tab)) return;
    this.#watched.add(tab);
    const ended = async (): Promise<void> => {
      this.#watched.delete(tab);
      this.#followers.delete(tab);
      this.#fanOut?.remove(tab);
    };
    // aborted: it no longer leads
    this.#tabs?.locks.request(lifeOf(tab), { signal }, ended).catch(() => undefined);
  }
}

function isAnything({ runs, list }: Wants): boolean {
  return runs.length > 0 || list !== null;
}

/** Name of the lock that a tab holds for its lifetime. */
function lifeOf(tab: string): string {
  return `prismq:tab:${tab}`;
}
