/** The selected lines of a log: one range of numbers, whether or not the lines are loaded. Pure. */

export type Lines = readonly [first: number, last: number];

export class LineSelection {
  #anchor: number | undefined;
  #focus = 0;

  /** The selected range; undefined: nothing is selected. */
  get lines(): Lines | undefined {
    if (this.#anchor === undefined) return undefined;
    return [Math.min(this.#anchor, this.#focus), Math.max(this.#anchor, this.#focus)];
  }

  /** The moving end of the selection; undefined: nothing is selected. */
  get focus(): number | undefined {
    return this.#anchor === undefined ? undefined : this.#focus;
  }

  has(n: number): boolean {
    const lines = this.lines;
    return lines !== undefined && n >= lines[0] && n <= lines[1];
  }

  /** Select one line. */
  start(n: number): void {
    this.#anchor = this.#focus = n;
  }

  /** Move the end of the selection to line `n`; start a selection there if there is none. */
  extend(n: number): void {
    this.#anchor ??= n;
    this.#focus = n;
  }

  set(first: number, last: number): void {
    [this.#anchor, this.#focus] = [first, last];
  }

  clear(): void {
    this.#anchor = undefined;
  }
}
