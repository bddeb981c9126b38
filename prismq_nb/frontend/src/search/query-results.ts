/**
 * The results of one query: the search, its lines, navigation between them, and its rows if the
 * list shows only those.
 */

import type { Line } from "../base/protocol.js";
import { HitJump } from "./hit-jump.js";
import { HitLines } from "./hit-lines.js";
import { HitRows } from "./hit-rows.js";
import { HitSearch } from "./hit-search.js";
import type { SearchQuery } from "./search-query.js";
import { fetchLines, openSearch } from "./search-requests.js";

export class QueryResults {
  readonly search: HitSearch;
  readonly hits: HitLines;
  readonly jump: HitJump;
  /** Whether the index of a line among the hits is being determined. */
  numbering = false;
  readonly #run: string;
  readonly #end = new AbortController();
  #rows: HitRows | undefined;

  /**
   * @param held returns a line by number if the page has it.
   * @param changed called when a redraw is needed.
   * @param intervalMs minimum interval between two searches of a growing log, in ms.
   */
  constructor(
    run: string,
    query: SearchQuery,
    held: (line: number) => Line | undefined,
    changed: () => void,
    intervalMs?: number,
  ) {
    this.#run = run;
    this.search = new HitSearch(query, openSearch(run), changed, intervalMs);
    this.hits = new HitLines(this.search, fetchLines(run), held, changed);
    this.jump = new HitJump(this.hits, fetchLines(run));
  }

  /** Rows of these lines only. */
  get rows(): HitRows {
    this.#rows ??= new HitRows(this.hits, (query) =>
      fetchLines(this.#run)(query, this.#end.signal),
    );
    return this.#rows;
  }

  dispose(): void {
    this.#end.abort();
    this.search.dispose();
    this.hits.dispose();
  }
}
