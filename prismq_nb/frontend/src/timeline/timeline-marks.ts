/** The lines that the timeline marks: the hits of a search. Pure. */

/** More marks than a screen has columns show nothing more. */
const MAX_MARKS = 4_000;

/** What a search has found. */
export interface Hits {
  readonly hits: number;
  /** Numbers of matching lines, chosen evenly. */
  readonly samples: { readonly size: number; lineAt(position: number): number };
}

export class TimelineMarks {
  #lines: readonly number[] = [];
  #version = 0;
  #search: Hits | undefined;
  #hits = 0;
  /** The places, and what they were computed for. */
  #places: readonly [key: string, places: readonly number[]] = ["", []];

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /**
   * Mark what a search has found so far; of very many hits, evenly chosen ones.
   *
   * @returns whether that is a change.
   */
  update(search: Hits | undefined): boolean {
    const count = search?.hits ?? 0;
    if (search === this.#search && count === this.#hits) return false;
    [this.#search, this.#hits] = [search, count];
    const size = search?.samples.size ?? 0;
    const every = Math.ceil(size / MAX_MARKS) || 1;
    this.#lines = Array.from(
      { length: Math.ceil(size / every) },
      (_, i) => search?.samples.lineAt(i * every) ?? 0,
    );
    this.#version++;
    return true;
  }

  /**
   * The places of the marks. Cached: there may be thousands, and a list that scrolls draws often.
   *
   * @param key changes when `placeOf` gives other places.
   */
  places(placeOf: (line: number) => number, key: string): readonly number[] {
    const now = `${this.#version},${key}`;
    if (this.#places[0] !== now) this.#places = [now, this.#lines.map(placeOf)];
    return this.#places[1];
  }
}
