/**
 * Which lines the list spans: the newest ones while it follows; while somebody reads, a part whose beginning stays where it is. Pure.
 */

import { WINDOW_LINES } from "./buffer.js";

export interface Part {
  readonly base: number;
  /** First line after the part. */
  readonly end: number;
  /** Lines that came since following stopped. */
  readonly fresh: number;
}

export class Tail {
  follow: boolean;
  #base: number | undefined;
  #seen = 0;

  constructor(follow: boolean) {
    this.follow = follow;
  }

  /** The part of a log of `total` lines. */
  part(total: number): Part {
    if (this.follow || this.#base === undefined) {
      this.#base = total ? Math.max(0, total - WINDOW_LINES) : undefined;
      this.#seen = total;
    }
    const base = this.#base ?? 0;
    return { base, end: Math.min(total, base + WINDOW_LINES), fresh: total - this.#seen };
  }
}
