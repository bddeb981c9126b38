/**
 * The rows of unfinished text, steady: several bars at once are redrawn by lines, and between two drawings the last bar is in neither place. Pure.
 *
 * Such a row stays for a moment after its text is gone; without that it would flicker ten times a second.
 */

import { barName } from "./fold-redraws.js";
import type { Carried, Pending, Stream } from "../base/protocol.js";
import type { Row } from "../base/rows.js";
import { screenRows } from "../text/terminal-text.js";

type PendingRow = Extract<Row, { readonly kind: "pending" }>;

const STREAMS = ["stdout", "stderr"] as const;
/** How long (ms) bars stay after they are gone. */
const HOLD_MS = 700;

export class Unfinished {
  readonly #known = new Map<Stream, { readonly text: string; readonly pen: string; readonly rows: readonly PendingRow[] }>();
  #held: readonly PendingRow[] = [];
  #seen = Number.NEGATIVE_INFINITY;

  /**
   * @param pens `sgrOf` the colours in force before it.
   * @param drawnOver the log ends with bars that are drawn over and over.
   * @param now ms of any clock that does not go back.
   */
  rows(pending: Pending, pens: Carried, drawnOver: boolean, now: number): readonly PendingRow[] {
    const rows = STREAMS.flatMap((stream) => this.#rowsOf(stream, pending[stream], pens[stream] ?? ""));
    if (rows.length) {
      this.#held = rows.filter(({ text }) => barName(text) !== undefined);
      this.#seen = now;
      return rows;
    }
    return drawnOver && now - this.#seen < HOLD_MS ? this.#held : [];
  }

  /** Rows of a text; made once, as they are asked for at each drawing of the list. */
  #rowsOf(stream: Stream, text: string, pen: string): readonly PendingRow[] {
    const known = this.#known.get(stream);
    if (known?.text === text && known.pen === pen) return known.rows;
    const rows = screenRows(text, pen).map((row, place): PendingRow => ({ kind: "pending", stream, text: row, place }));
    this.#known.set(stream, { text, pen, rows });
    return rows;
  }
}
