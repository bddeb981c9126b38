/**
 * Which parts of a line full of control characters are drawn. Pure. Same rule as Python's
 * `common/base/terminal/dense.py`; one table of cases tests both.
 *
 * Of a line with more than `MAX_CONTROLS`, the text before its first move and the end with the
 * newest controls are drawn. What is left out between them only changes colours.
 */

import { bisect } from "../base/bisect.js";

/**
 * Control characters that are followed at the end of a line, and a quarter more before its first
 * move. Adjacent backspaces count as one.
 */
const MAX_CONTROLS = 700;
/** Colour parameters that cost as much as one control character. */
const PARAMETERS = 4;
const PIECE_CHARS = 1_024;

const CONTROL = /\x08+|[\x00-\x1f\x7f-\x9f]/g;

/** The cursor moves of a line. */
export interface Moves {
  /** Index of the last move. */
  readonly last: number;
  /** Index of the first move at `place` or later; the length of the text if there is none. */
  move(place: number): number;
  /** The first index at `place` or later that is not inside a sequence. */
  between(place: number): number;
}

/** Indices that divide a line. */
export interface Parts {
  /** Text before it is shown as it is; from here to `first`, the first move, the line is drawn. */
  readonly drawn: number;
  readonly first: number;
  /** From here to `rest` the line is drawn again; text behind that is shown as it is. */
  readonly tail: number;
  readonly rest: number;
}

/** Whether a line has so many controls that only parts of it are drawn. */
export function isDense(text: string): boolean {
  return (
    text.length > MAX_CONTROLS && new Controls(text).newest(0, text.length, MAX_CONTROLS).at > 0
  );
}

/** The parts of a dense line in which the cursor moves. */
export function partsOf(text: string, moves: Moves): Parts {
  const controls = new Controls(text);
  const first = moves.move(0);
  const behind = controls.oldest(moves.last, MAX_CONTROLS / 2);
  const before = controls.newest(first, moves.last, MAX_CONTROLS - behind.used);
  const left = Math.max(MAX_CONTROLS / 4, MAX_CONTROLS - behind.used - before.used);
  const { at } = controls.newest(0, first, left);
  // It is unknown where the omitted part left the cursor, so continue with a move.
  return {
    drawn: at && moves.between(at),
    first,
    tail: moves.move(moves.between(before.at)),
    rest: moves.between(behind.at),
  };
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

  /** Where the last `most` controls before `high` begin. */
  newest(low: number, high: number, most: number): Found {
    let [used, at] = [0, high];
    while (at > low) {
      const start = Math.max(low, at - PIECE_CHARS);
      const { places, cost } = this.#piece(start, at);
      if (used + cost > most)
        return {
          at: [...places, at].at(-1 - Math.min(places.length, most - used)) ?? at,
          used: most,
        };
      used += cost;
      at = start;
    }
    return { at, used };
  }

  /** Where the first `most` controls from `start` on end. */
  oldest(start: number, most: number): Found {
    let [used, at] = [0, start];
    while (at < this.#text.length) {
      const end = Math.min(this.#text.length, at + PIECE_CHARS);
      const { places, cost } = this.#piece(at, end);
      if (used + cost > most)
        return { at: [...places, end][Math.min(places.length, most - used)] ?? end, used: most };
      used += cost;
      at = end;
    }
    return { at, used };
  }

  #piece(
    start: number,
    end: number,
  ): { readonly places: readonly number[]; readonly cost: number } {
    const places = this.#places.slice(this.#index(start), this.#index(end));
    const parameters = this.#text.slice(start, end).split(";").length - 1;
    return { places, cost: places.length + Math.floor(parameters / PARAMETERS) };
  }

  /** Number of controls before an index. */
  #index(place: number): number {
    return bisect(this.#places.length, (i) => (this.#places[i] as number) >= place);
  }
}
