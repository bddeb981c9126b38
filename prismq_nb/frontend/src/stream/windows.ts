/**
 * One stream for all windows of a browser: the one that holds a Web Lock leads and has the connection, the others ask it by a BroadcastChannel.
 *
 * A browser allows six HTTP/1.1 connections per origin for all its windows, so a stream in each of six would freeze JupyterLab in all of them. A
 * window leads only while something of its own is wanted; the next in the queue of the lock takes over, when it closes or crashes too, and the
 * cursors that the others announce say where to go on. Web Locks need a secure context (https or localhost): without, each window has its own stream.
 */

import type { LinkEnvironment } from "./link.js";
import { type News, Relay, type Want } from "./relay.js";

/** What windows tell each other. */
type Message =
  | { readonly kind: "want"; readonly from: string; readonly wants: readonly Want[] }
  | { readonly kind: "retry" }
  | { readonly kind: "suspect"; readonly run: string }
  | { readonly kind: "leads" }
  | { readonly kind: "news"; readonly news: News; readonly to: string | null };

/** What is used here of `navigator.locks`. */
export interface Locks {
  request(name: string, options: { signal: AbortSignal }, holding: () => Promise<void>): Promise<void>;
}

/** What is used here of a `BroadcastChannel`. */
export interface Channel {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

export interface Meeting {
  readonly locks: Locks;
  readonly channel: Channel;
  /** Of this window; no other has it. */
  readonly id: string;
}

const FOREVER = new Promise<void>(() => undefined);

/** Where this window's wants go to: the leader, wherever it is. */
export class WindowShare {
  readonly #environment: LinkEnvironment;
  readonly #take: (news: News) => void;
  readonly #meeting: Meeting | undefined;
  #wants: () => readonly Want[] = () => [];
  #relay: Relay | undefined;
  /** Ends the leading, or the waiting for it. */
  #candidacy: AbortController | undefined;
  /** Windows whose end the leader waits for. */
  readonly #attended = new Set<string>();
  /** Windows that want something now: to copy a flood for nobody takes milliseconds a batch. */
  readonly #followers = new Set<string>();

  /** @param meeting undefined: this window is alone. */
  constructor(environment: LinkEnvironment, take: (news: News) => void, meeting: Meeting | undefined) {
    this.#environment = environment;
    this.#take = take;
    this.#meeting = meeting;
    if (!meeting) {
      this.#relay = new Relay(environment, take);
      return;
    }
    meeting.channel.addEventListener("message", ({ data }) => this.#hear(data as Message));
    void meeting.locks.request(lifeOf(meeting.id), { signal: new AbortController().signal }, () => FOREVER);
  }

  /** @param wants all that is wanted in this window until the next call; asked again when another window comes to lead, because cursors go on. */
  want(wants: () => readonly Want[]): void {
    this.#wants = wants;
    this.#tell();
    if (wants().length) this.#stand();
    else this.#stepDown();
  }

  retryNow(): void {
    if (this.#relay) this.#relay.retryNow();
    else this.#post({ kind: "retry" });
  }

  /** A request about that run failed here: whoever leads looks after its stream. */
  suspect(run: string): void {
    if (this.#relay) this.#relay.suspect(run);
    else this.#post({ kind: "suspect", run });
  }

  #tell(): void {
    if (this.#relay) this.#relay.want(this.#meeting?.id ?? "", this.#wants());
    else if (this.#meeting) this.#post({ kind: "want", from: this.#meeting.id, wants: this.#wants() });
  }

  #post(message: Message): void {
    this.#meeting?.channel.postMessage(message);
  }

  #stand(): void {
    if (!this.#meeting || this.#candidacy) return;
    const candidacy = new AbortController();
    this.#candidacy = candidacy;
    const { signal } = candidacy;
    const lead = async (): Promise<void> => {
      if (signal.aborted) return;
      this.#lead();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      this.#relay?.stop();
      this.#relay = undefined;
      this.#attended.clear();
      this.#followers.clear();
    };
    this.#meeting.locks.request("prismq:leader", { signal }, lead).catch(() => undefined); // aborted: nothing is wanted any more
  }

  #stepDown(): void {
    this.#candidacy?.abort();
    this.#candidacy = undefined;
  }

  #lead(): void {
    const { id = "" } = this.#meeting ?? {};
    this.#relay = new Relay(this.#environment, (news, to) => {
      if (to === undefined || to === id) this.#take(news);
      if (to !== id && this.#followers.size) this.#post({ kind: "news", news, to: to ?? null });
    });
    this.#relay.want(id, this.#wants());
    this.#post({ kind: "leads" });
  }

  #hear(message: Message): void {
    if (message.kind === "leads") this.#tell();
    else if (message.kind === "news") {
      if (message.to === null || message.to === this.#meeting?.id) this.#take(message.news);
    } else if (this.#relay) {
      if (message.kind === "retry") this.#relay.retryNow();
      else if (message.kind === "suspect") this.#relay.suspect(message.run);
      else {
        if (message.wants.length) this.#followers.add(message.from);
        else this.#followers.delete(message.from);
        this.#relay.want(message.from, message.wants);
        this.#attend(message.from);
      }
    }
  }

  /** Waits for the end of a window, however it comes: its lock becomes free. */
  #attend(window: string): void {
    const { signal } = this.#candidacy ?? {};
    if (!signal || this.#attended.has(window)) return;
    this.#attended.add(window);
    const ended = async (): Promise<void> => {
      this.#attended.delete(window);
      this.#followers.delete(window);
      this.#relay?.gone(window);
    };
    this.#meeting?.locks.request(lifeOf(window), { signal }, ended).catch(() => undefined); // aborted: it no longer leads
  }
}

function lifeOf(window: string): string {
  return `prismq:window:${window}`;
}
