/** All that belongs to what one query finds: the search, its lines, the way through them, and, where the list shows only those, its rows. */

import { HitJump } from "./hit-jump.js";
import { HitRows } from "./hit-rows.js";
import { HitSearch } from "./hit-search.js";
import { Hits } from "./hits.js";
import type { Line } from "../base/protocol.js";
import type { SearchQuery } from "./search-query.js";
import { fetchLines, openSearch } from "./search-requests.js";

export class Found {
  readonly search: HitSearch;
  readonly hits: Hits;
  readonly jump: HitJump;
  /** It is being found out which one of all hits a line is. */
  numbering = false;
  readonly #run: string;
  readonly #end = new AbortController();
  #rows: HitRows | undefined;

  /**
   * @param held the line with a number, if the page has it.
   * @param changed there is news.
   * @param pace ms between two looks at a log that grows, where that is not urgent.
   */
  constructor(run: string, query: SearchQuery, held: (line: number) => Line | undefined, changed: () => void, pace?: number) {
    this.#run = run;
    this.search = new HitSearch(query, openSearch(run), changed, pace);
    this.hits = new Hits(this.search, fetchLines(run), held, changed);
    this.jump = new HitJump(this.hits, fetchLines(run));
  }

  /** These lines and no others, as rows. */
  get rows(): HitRows {
    return (this.#rows ??= new HitRows(this.hits, (query) => fetchLines(this.#run)(query, this.#end.signal)));
  }

  dispose(): void {
    this.#end.abort();
    this.search.dispose();
    this.hits.dispose();
  }
}
