/**
 * A search's hits as the rows of the list: only the lines that match, however many.
 *
 * While a long log is being looked through, its newest matches stand at the end already, so that whoever follows sees them at once and nothing moves.
 * Lines that come while somebody follows are shown when they are here, not before. Pure but for what `Hits` fetches.
 */

import { pageLines } from "../text/carried.js";
import type { Hits } from "./hits.js";
import type { Line, LogPage } from "../base/protocol.js";
import type { Row, RowSource } from "../base/rows.js";

/** The newest matches that are asked for before the search is through. */
export const EARLY_LINES = 100;
/** So many new hits are awaited, so that no placeholder flickers at the end; more are shown as they are. */
const AWAITED_HITS = 400;

/** What the list shows instead of the whole log. */
export interface RowFilter {
  /** Whether all was looked through, so that no row means that there is none. */
  readonly ready: boolean;
  /** Parameters of the poll that give these lines. */
  readonly key: string;
  /** The lines after `first` and before `last`; undefined: not all are here, in full. */
  between(first: number, last: number): readonly Line[] | undefined;
  /** @param tail what stands after the last line. */
  source(tail: readonly Row[], follow: boolean): RowSource;
}

export class HitRows implements RowFilter {
  readonly hits: Hits;
  /** The newest matches, while the search is not through; undefined: asked for. */
  #early: readonly Line[] | undefined;
  /** Lines of the log when they were asked for. */
  #earlyTotal = 0;
  #shown = 0;

  constructor(hits: Hits, fetchEarly: (query: string) => Promise<LogPage>) {
    this.hits = hits;
    const { search } = hits;
    // A search that is through before this answer comes has no use for it.
    void fetchEarly(`tail=${EARLY_LINES}&${search.key}`).then(
      (page) => {
        this.#early = search.ready ? [] : pageLines(page);
        this.#earlyTotal = page.total_lines;
      },
      () => void (this.#early = []), // the search says why
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
    const early = (this.#early ?? []).filter(({ n }) => n >= search.searched);
    const between: Row[] = early.length ? [{ kind: "notice", text: `Searching the log: ${Math.floor(search.progress * 100)}%` }] : [];
    const shown = this.#shown;
    const after = shown + early.length ? tail : []; // else the list is empty, and says so
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
        if (follow && !search.ready) return; // what is above the newest matches is another thing in each frame
        if (first < shown) this.hits.want(first, Math.min(last, shown - 1));
      },
    };
  }

  #row(index: number): Row {
    const line = this.hits.get(index);
    if (line) return this.#line(line, this.hits.get(index - 1)?.n);
    const { samples } = this.hits.search;
    const n = samples.exact(index);
    return n === undefined ? { kind: "hole", n: samples.least(index), about: true } : { kind: "hole", n };
  }

  /** @param before the line above, if it is known. */
  #line(line: Line, before: number | undefined): Row {
    const apart = this.hits.search.query.around !== undefined && before !== undefined && before < line.n - 1;
    return apart ? { kind: "line", line, apart } : { kind: "line", line };
  }

  #advance(follow: boolean): void {
    const { search } = this.hits;
    if (follow && !search.ready && !this.#early) return;
    if (search.ready && this.#early?.length) {
      this.hits.seed(this.#early, this.#earlyTotal);
      this.#early = [];
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
