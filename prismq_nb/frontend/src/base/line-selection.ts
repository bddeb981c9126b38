/** Which lines of a log are selected: one range of numbers, whether they are on the page or not. Pure. */

export type Lines = readonly [first: number, last: number];

export class LineSelection {
  #anchor: number | undefined;
  #focus = 0;

  /** Undefined: none. */
  get lines(): Lines | undefined {
    if (this.#anchor === undefined) return undefined;
    return [Math.min(this.#anchor, this.#focus), Math.max(this.#anchor, this.#focus)];
  }

  /** The end that moves; undefined: nothing is selected. */
  get focus(): number | undefined {
    return this.#anchor === undefined ? undefined : this.#focus;
  }

  has(n: number): boolean {
    const lines = this.lines;
    return lines !== undefined && n >= lines[0] && n <= lines[1];
  }

  /** Selects one line. */
  start(n: number): void {
    this.#anchor = this.#focus = n;
  }

  /** Moves the end of the selection to line `n`; without one, it starts there. */
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
