/**
 * Stable rows of unfinished text. Pure.
 *
 * Several progress bars at once are redrawn as lines, and between two drawings the last bar is in
 * neither place. Its row is kept for a moment, because it would otherwise flicker ten times a
 * second.
 */

import type { Carried, Pending, Stream } from "../base/protocol.js";
import type { Row } from "../base/rows.js";
import { screenRows } from "../text/terminal-text.js";
import { barName } from "./fold-redraws.js";

type PendingRow = Extract<Row, { readonly kind: "pending" }>;

const STREAMS = ["stdout", "stderr"] as const;
/** How long (ms) bars stay after their text is gone. */
const HOLD_MS = 700;

export class Unfinished {
  readonly #known = new Map<
    Stream,
    { readonly text: string; readonly pen: string; readonly rows: readonly PendingRow[] }
  >();
  #held: readonly PendingRow[] = [];
  #seen = Number.NEGATIVE_INFINITY;

  /**
   * Return the rows of the unfinished text.
   *
   * @param pens `sgrOf` the style in force before it.
   * @param drawnOver the log ends with progress bars that are being redrawn.
   * @param now ms of a monotonic clock.
   */
  rows(pending: Pending, pens: Carried, drawnOver: boolean, now: number): readonly PendingRow[] {
    const rows = STREAMS.flatMap((stream) =>
      this.#rowsOf(stream, pending[stream], pens[stream] ?? ""),
    );
    if (rows.length) {
      this.#held = rows.filter(({ text }) => barName(text) !== undefined);
      this.#seen = now;
      return rows;
    }
    return drawnOver && now - this.#seen < HOLD_MS ? this.#held : [];
  }

  /** Return the rows of a text; cached, as each render of the list needs them. */
  #rowsOf(stream: Stream, text: string, pen: string): readonly PendingRow[] {
    const known = this.#known.get(stream);
    if (known?.text === text && known.pen === pen) return known.rows;
    const rows = screenRows(text, pen).map(
      (row, place): PendingRow => ({ kind: "pending", stream, text: row, place }),
    );
    this.#known.set(stream, { text, pen, rows });
    return rows;
  }
}
