/**
 * Lines full of control characters: the parts of them that are drawn. The same rule as Python's
 * `common/base/terminal/dense.py` (one table of cases tests both). Pure.
 *
 * A line with more than `MAX_CONTROLS` is drawn in part: what stands before its first move, and its
 * end with the newest controls. Of what is left out between, only colours count.
 */

/** So many are followed, the last ones, and a quarter more before the first move; a run of backspaces is one. */
const MAX_CONTROLS = 700;
/** So many parameters of colours cost as much as a control. */
const PARAMETERS = 4;
const PIECE_CHARS = 1_024;

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /\x08+|[\x00-\x1f\x7f-\x9f]/g;

/** The moves of a line. */
export interface Moves {
  /** Where the last one begins. */
  readonly last: number;
  /** Where the first one begins, from a place on; the text's length if there is none. */
  move(place: number): number;
  /** The first place from a place on that is not inside a sequence. */
  between(place: number): number;
}

/** Places that divide a line. */
export interface Parts {
  /** Before it stands text that is shown as it is; up to `first`, the first move, the line is drawn. */
  readonly drawn: number;
  readonly first: number;
  /** From here to `rest` it is drawn again; behind that stands text that is shown as it is. */
  readonly tail: number;
  readonly rest: number;
}

/** Whether a line has so many controls that only parts of it are drawn. */
export function isDense(text: string): boolean {
  return text.length > MAX_CONTROLS && new Controls(text).newest(0, text.length, MAX_CONTROLS).at > 0;
}

/** The parts of a dense line in which the cursor moves. */
export function partsOf(text: string, moves: Moves): Parts {
  const controls = new Controls(text);
  const first = moves.move(0);
  const behind = controls.oldest(moves.last, MAX_CONTROLS / 2);
  const before = controls.newest(first, moves.last, MAX_CONTROLS - behind.used);
  const left = Math.max(MAX_CONTROLS / 4, MAX_CONTROLS - behind.used - before.used);
  const { at } = controls.newest(0, first, left);
  // Where what is left out between ended is not known: it goes on with a move.
  return { drawn: at && moves.between(at), first, tail: moves.move(moves.between(before.at)), rest: moves.between(behind.at) };
}

interface Found {
  readonly at: number;
  readonly used: number;
}

class Controls {
  readonly #text: string;
  readonly #places: readonly number[];

  constructor(text: string) {
    this.#text = text;
    this.#places = Array.from(text.matchAll(CONTROL), ({ index }) => index);
  }

  /** Where the last `most` of them before `high` begin. */
  newest(low: number, high: number, most: number): Found {
    let [used, at] = [0, high];
    while (at > low) {
      const start = Math.max(low, at - PIECE_CHARS);
      const { places, cost } = this.#piece(start, at);
      if (used + cost > most) return { at: [...places, at].at(-1 - Math.min(places.length, most - used)) ?? at, used: most };
      used += cost;
      at = start;
    }
    return { at, used };
  }

  /** Where the first `most` of them from `start` on end. */
  oldest(start: number, most: number): Found {
    let [used, at] = [0, start];
    while (at < this.#text.length) {
      const end = Math.min(this.#text.length, at + PIECE_CHARS);
      const { places, cost } = this.#piece(at, end);
      if (used + cost > most) return { at: [...places, end][Math.min(places.length, most - used)] ?? end, used: most };
      used += cost;
      at = end;
    }
    return { at, used };
  }

  #piece(start: number, end: number): { readonly places: readonly number[]; readonly cost: number } {
    const places = this.#places.slice(this.#index(start), this.#index(end));
    const parameters = this.#text.slice(start, end).split(";").length - 1;
    return { places, cost: places.length + Math.floor(parameters / PARAMETERS) };
  }

  /** How many stand before a place. */
  #index(place: number): number {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#places[middle] as number) < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
