/**
 * What is read stays in sight while the list is filtered, and when it is not any more: the line that
 * is selected, marked or gone to, else the first one. Where it is filtered out, its nearest neighbour
 * stands in its place, and who has not moved since comes back to where they were. Knows no DOM.
 */

import type { Found } from "./found.js";
import type { RowFilter } from "./hit-rows.js";

/** A line, and the px from the upper edge of the list to its row. */
export interface Anchor {
  readonly line: number;
  readonly top: number;
}

/** The list, as far as its place is kept. */
export interface PlacedList {
  readonly follow: boolean;
  filter: RowFilter | undefined;
  /** Grows whenever the person moves the list, or goes somewhere. */
  readonly moves: number;
  /** What is read now; undefined: nothing is in sight. */
  anchor(): Anchor | undefined;
  /** Puts a line, or the nearest that there is, where it was, unless the person is about to go somewhere. */
  moveTo(anchor: Anchor): void;
}

export class KeptPlace {
  readonly #list: PlacedList;
  /** Where the person was before anything was filtered. */
  #origin: Anchor | undefined;
  /** `PlacedList.moves` at that time. */
  #moves = -1;
  /** The search has not come there yet. */
  #waits = false;

  constructor(list: PlacedList) {
    this.#list = list;
  }

  /** The person went somewhere within what is in sight. */
  moved(): void {
    this.#moves = -1;
  }

  /** Gives the list another filter; undefined: none. */
  filter(filter: RowFilter | undefined): void {
    const list = this.#list;
    if (filter === list.filter) return;
    if (list.follow) this.#origin = undefined;
    else if (!this.#origin || list.moves !== this.#moves) this.#origin = list.anchor() ?? this.#origin;
    this.#moves = list.moves;
    list.filter = filter;
    this.#waits = filter !== undefined && this.#origin !== undefined;
    if (filter || !this.#origin) return;
    list.moveTo(this.#origin);
    this.#origin = undefined;
  }

  /** Before each drawing. @param shown what the list is restricted to. */
  keep(shown: Found | undefined): void {
    const [list, origin] = [this.#list, this.#origin];
    if (!this.#waits || !origin) return;
    if (list.follow || list.moves !== this.#moves) this.#waits = false;
    else if (shown && shown.search.searched > origin.line) {
      this.#waits = false;
      const go = (): void => {
        if (list.filter === shown.rows && !list.follow && list.moves === this.#moves) list.moveTo(origin);
      };
      void shown.jump.indexOf(origin.line).then(go, go); // then the rows around it are here, and it is known which one it is
    }
  }
}
