/**
 * Pass the changes of the list of runs to all tabs that want them. A tab that joins later with the
 * position of the connection has missed nothing; any other tab lists the runs. Pure.
 */

import type { ListEvent } from "./list-event.js";

/**
 * That a tab wants changes: the position that it knows (empty: none), and a key that changes each
 * time it starts to want them.
 */
export type ListWant = readonly [position: string, key: number];

export class ListFanOut {
  readonly #send: (event: ListEvent, tab?: string) => void;
  readonly #tabs = new Map<string, ListWant>();
  #position = "";
  /** Whether the server has answered. */
  #hasBegun = false;

  /** @param send sends to one tab; without a tab, to all, also to those that do not want it. */
  constructor(send: (event: ListEvent, tab?: string) => void) {
    this.#send = send;
  }

  /** Position for the next request; undefined: no tab wants changes. */
  get position(): string | undefined {
    return this.#tabs.size ? this.#position : undefined;
  }

  /** @param want null: the tab wants no changes any more. */
  want(tab: string, want: ListWant | null): void {
    const before = this.#tabs.get(tab);
    if (!want) {
      this.#tabs.delete(tab);
      if (!this.#tabs.size) this.stop();
      return;
    }
    this.#tabs.set(tab, want);
    if (!this.#hasBegun) this.#position ||= want[0];
    else if (before?.[1] !== want[1]) this.#welcome(tab, want[0]);
  }

  stop(): void {
    this.#tabs.clear();
    this.#position = "";
    this.#hasBegun = false;
  }

  /** Pass an event on. */
  take(event: ListEvent): void {
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    this.#position = event.position;
    if (isFirst && event.kind === "resumed")
      for (const [tab, [position]] of this.#tabs) this.#welcome(tab, position);
    else this.#send(event);
  }

  #welcome(tab: string, known: string): void {
    const kind = known === this.#position ? "resumed" : "reset";
    this.#send({ kind, position: this.#position }, tab);
  }
}
