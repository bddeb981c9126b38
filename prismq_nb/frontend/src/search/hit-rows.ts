/**
 * The hits of a search as rows of the list: only the matching lines, however many.
 *
 * While a long log is being searched, its newest matches are already shown at the end, so that a
 * following viewer shows them at once and nothing moves. While following, new matches are shown
 * once their lines are loaded. Pure except for the fetches of `HitLines`.
 */

import type { Line, LogPage } from "../base/protocol.js";
import type { Row, RowSource } from "../base/rows.js";
import type { HitLines } from "./hit-lines.js";

/** Number of first and of newest matches whose lines are sent with the search. */
export const EARLY_LINES = 100;
/**
 * Up to this many new hits are loaded before they are shown, so that no placeholder flickers at the
 * end; more are shown immediately.
 */
const AWAITED_HITS = 400;

/** Rows that the list shows instead of the whole log. */
export interface RowFilter {
  /** Whether the whole log was searched, so that no rows means no matches. */
  readonly ready: boolean;
  /** URL parameters that select these lines. */
  readonly key: string;
  /** Return the lines after `first` and before `last`; undefined: not all are loaded in full. */
  between(first: number, last: number): readonly Line[] | undefined;
  /** @param tail rows after the last line. */
  source(tail: readonly Row[], follow: boolean): RowSource;
}

export class HitRows implements RowFilter {
  readonly hits: HitLines;
  #shown = 0;

  constructor(hits: HitLines, fetchEarly: (query: string) => Promise<LogPage>) {
    this.hits = hits;
    const { search } = hits;
    if (!search.hasBegun) search.withLines = EARLY_LINES;
    else if (!search.ready)
      void fetchEarly(`tail=${EARLY_LINES}&${search.key}`).then(
        (page) => {
          if (!search.ready) hits.takeNewest(page);
        },
        () => undefined, // the search reports the error
      );
  }

  get key(): string {
    return this.hits.search.key;
  }

  between(first: number, last: number): readonly Line[] | undefined {
    const found: Line[] = [];
    const end = this.hits.indexOf(last);
    for (let index = this.hits.indexOf(first + 1); index < end; index++) {
      const line = this.hits.get(index);
      if (!line || line.length > line.text.length) return undefined;
      found.push(line);
    }
    return found;
  }

  get ready(): boolean {
    return this.hits.search.ready;
  }

  source(tail: readonly Row[], follow: boolean): RowSource {
    this.#advance(follow);
    const { search } = this.hits;
    const early = (this.hits.newest ?? []).filter(({ n }) => n >= search.searched);
    const between: Row[] = early.length
      ? [{ kind: "notice", text: `Searching the log: ${Math.floor(search.progress * 100)}%` }]
      : [];
    const shown = this.#shown;
    const after = shown + early.length ? tail : []; // an empty list shows a message instead
    const last = early.map((line, i): Row => this.#line(line, early[i - 1]?.n));
    const rest: readonly Row[] = [...between, ...last, ...after];
    return {
      count: shown + rest.length,
      at: (index) => (index < shown ? this.#row(index) : (rest[index - shown] as Row)),
      indexOf: (line) => {
        const first = early[0];
        if (!first || line < first.n) return Math.min(shown, this.hits.indexOf(line));
        const place = early.findIndex(({ n }) => n >= line);
        return shown + 1 + (place < 0 ? early.length : place);
      },
      want: (first, last) => {
        // the rows above the newest matches change with each frame
        if (follow && !search.ready) return;
        if (first < shown) this.hits.want(first, Math.min(last, shown - 1));
      },
    };
  }

  #row(index: number): Row {
    const line = this.hits.get(index);
    if (line) return this.#line(line, this.hits.get(index - 1)?.n);
    const { samples } = this.hits.search;
    const n = samples.exact(index);
    return n === undefined
      ? { kind: "hole", n: samples.least(index), isApproximate: true }
      : { kind: "hole", n };
  }

  /** @param before number of the line above, if known. */
  #line(line: Line, before: number | undefined): Row {
    const startsGroup =
      this.hits.search.query.around !== undefined && before !== undefined && before < line.n - 1;
    return startsGroup ? { kind: "line", line, startsGroup } : { kind: "line", line };
  }

  #advance(follow: boolean): void {
    const { search } = this.hits;
    if (follow && !search.ready && !this.hits.newest && search.error === undefined) return;
    if (search.ready && this.hits.newest?.length) {
      this.hits.numberNewest();
      this.#shown = search.hits;
    }
    const more = search.hits - this.#shown;
    const wait = follow && search.ready && more > 0 && more < AWAITED_HITS && this.#shown > 0;
    if (!wait) {
      this.#shown = search.hits;
      return;
    }
    while (this.#shown < search.hits && this.hits.get(this.#shown)) this.#shown++;
    if (this.#shown < search.hits) this.hits.want(this.#shown, search.hits - 1);
  }
}
