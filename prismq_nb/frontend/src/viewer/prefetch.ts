/** Which lines to fetch around those in view, and ahead of them while a person scrolls. Pure. */

/** Lines fetched ahead of those in view. */
const AHEAD_LINES = 512;

export class Prefetch {
  #first = 0;
  #isUp = false;

  /**
   * The lines to fetch when lines `first` to `last` are in view.
   *
   * @param isFollowing fetch nothing ahead: in a flood, what was skipped is of no use yet.
   */
  around(first: number, last: number, isFollowing: boolean): readonly [number, number] {
    if (first !== this.#first) this.#isUp = first < this.#first;
    this.#first = first;
    const ahead = isFollowing ? 0 : AHEAD_LINES;
    return this.#isUp ? [first - ahead, last] : [first, last + ahead];
  }
}
