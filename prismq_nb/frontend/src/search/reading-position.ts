/**
 * Keep the reading position while a filter is applied or removed: the selected, marked or current
 * line, else the first line in view.
 *
 * If the filter hides that line, its nearest neighbour takes its place; removing the filter returns
 * to the original position unless the user has moved since. Knows no DOM.
 */

import type { RowFilter } from "./hit-rows.js";
import type { QueryResults } from "./query-results.js";

/** A line, and the px from the upper edge of the list to its row. */
export interface Anchor {
  readonly line: number;
  readonly top: number;
}

/** The part of the list that is needed to keep its position. */
export interface PositionedList {
  readonly follow: boolean;
  filter: RowFilter | undefined;
  /** Incremented whenever the user scrolls or navigates. */
  readonly moves: number;
  /** Return the reading position; undefined: no line is in view. */
  anchor(): Anchor | undefined;
  /** Move a line, or its nearest neighbour, to the anchor, unless the user is about to navigate. */
  moveTo(anchor: Anchor): void;
}

export class ReadingPosition {
  readonly #list: PositionedList;
  /** Position before anything was filtered. */
  #origin: Anchor | undefined;
  /** `moves` of the list at that time. */
  #moves = -1;
  /** Whether the search has yet to reach the position. */
  #isPending = false;

  constructor(list: PositionedList) {
    this.#list = list;
  }

  /** Record that the user navigated to a hit. */
  moved(): void {
    this.#moves = -1;
  }

  /** Set the filter of the list; undefined: none. */
  filter(filter: RowFilter | undefined): void {
    const list = this.#list;
    if (filter === list.filter) return;
    if (list.follow) this.#origin = undefined;
    else if (!this.#origin || list.moves !== this.#moves)
      this.#origin = list.anchor() ?? this.#origin;
    this.#moves = list.moves;
    list.filter = filter;
    this.#isPending = filter !== undefined && this.#origin !== undefined;
    if (filter || !this.#origin) return;
    list.moveTo(this.#origin);
    this.#origin = undefined;
  }

  /**
   * Restore the position once the search has reached it; call this before each render.
   *
   * @param shown results that the list is restricted to.
   */
  restore(shown: QueryResults | undefined): void {
    const [list, origin] = [this.#list, this.#origin];
    if (!this.#isPending || !origin) return;
    if (list.follow || list.moves !== this.#moves) this.#isPending = false;
    else if (shown && shown.search.searched > origin.line) {
      this.#isPending = false;
      const go = (): void => {
        if (list.filter === shown.rows && !list.follow && list.moves === this.#moves)
          list.moveTo(origin);
      };
      // loads the rows around it, so that the list can position it
      void shown.jump.indexOf(origin.line).then(go, go);
    }
  }
}
