/**
 * Navigate a log from hit to hit or from error to error, by keys and buttons. Steps run one after
 * the other, however quickly they are requested.
 *
 * A step begins at the current hit while it is in view; otherwise at the first line in view, or at
 * the last when going back.
 */

import { messageOf } from "../base/format.js";
import { ErrorSteps, type ErrorStop } from "./error-steps.js";
import type { Place } from "./hit-jump.js";
import type { QueryResults } from "./query-results.js";
import type { SearchHost } from "./search-host.js";
import type { SearchQuery } from "./search-query.js";
import { fetchLines } from "./search-requests.js";

/** Maximum number of pending steps: holding a key down must not continue after its release. */
const MAX_PENDING = 2;
/** Interval (ms) of checks whether the search has reached a line. */
const POLL_MS = 40;
/** A frame is painted within this time (ms), unless the page is hidden. */
const FRAME_MS = 100;

export class HitNavigation {
  readonly #host: SearchHost;
  readonly #arrive: (place: Place) => void;
  readonly #say: (text: string) => void;
  readonly #end = new AbortController();
  #last: Promise<void> = Promise.resolve();
  #pending = 0;
  /** Target of the last step, until the user scrolls away. */
  #at: number | undefined;

  /**
   * @param arrive called after navigating to a line.
   * @param say shows a message, such as that there are no hits.
   */
  constructor(host: SearchHost, arrive: (place: Place) => void, say: (text: string) => void) {
    this.#host = host;
    this.#arrive = arrive;
    this.#say = say;
  }

  dispose(): void {
    this.#end.abort();
  }

  /**
   * Step to the next or previous hit.
   *
   * @param rows results that the list is restricted to.
   */
  toHit(
    results: QueryResults,
    direction: 1 | -1,
    current: number | undefined,
    rows: QueryResults | undefined,
  ): void {
    this.#step(async () => {
      const { signal } = this.#end;
      const from = this.#from(direction, current);
      const place =
        direction > 0
          ? await results.jump.next(from === Infinity ? -1 : from, signal)
          : await this.#before(results, from);
      if (!place) return this.#say("No matches in this log");
      await this.#show(place, rows, rows === results ? place.index : undefined);
    });
  }

  /**
   * Step to the next or previous error.
   *
   * @param query the errors; undefined: the filter excludes all errors.
   * @param rows results that the list is restricted to.
   * @param arrive called with the target.
   */
  toError(
    query: SearchQuery | undefined,
    direction: 1 | -1,
    current: number | undefined,
    rows: QueryResults | undefined,
    arrive: (stop: ErrorStop) => void,
  ): void {
    const { run, list, store } = this.#host;
    this.#step(async () => {
      const { signal } = this.#end;
      const foldOf = (record: number, way: 1 | -1): ReturnType<SearchHost["list"]["foldOf"]> =>
        list.foldOf(record, way, signal);
      const line = this.#from(direction, current);
      const isStop = line === this.#at || line === current;
      const stop =
        query &&
        (await new ErrorSteps(fetchLines(run), query, foldOf, signal).step(
          { line, isStop },
          direction,
          store.buffer.total,
        ));
      if (!stop) return this.#say(rows ? "No errors in these lines" : "No errors in this log");
      if (stop.line === line) this.#say("No other errors");
      else if (stop.wrapped)
        this.#say(
          direction > 0 ? "Wrapped around to the first error" : "Wrapped around to the last error",
        );
      arrive(stop);
      await this.#show({ line: stop.line, index: undefined }, rows);
    });
  }

  async #before(results: QueryResults, from: number): Promise<Place | undefined> {
    const { signal } = this.#end;
    return from === Infinity ? results.jump.last(signal) : results.jump.previous(from, signal);
  }

  #from(direction: 1 | -1, current: number | undefined): number {
    const { list } = this.#host;
    const seen = list.visible();
    const isSeen = (line: number): boolean =>
      seen !== undefined && line >= seen[0] && line <= seen[1];
    const at = [this.#at, current].find((line) => line !== undefined && isSeen(line));
    if (at !== undefined) return at;
    if (list.follow || !seen) return direction > 0 && !list.follow ? -1 : Infinity;
    return direction > 0 ? seen[0] - 1 : seen[1] + 1;
  }

  /** @param row index of the line's row, if known. */
  async #show(place: Place, rows: QueryResults | undefined, row?: number): Promise<void> {
    while (rows && rows.search.searched <= place.line) {
      if (rows.search.isOver) return;
      await this.#pause(); // until then, the list has no row for it
    }
    const at = row ?? (rows && (await rows.jump.indexOf(place.line)));
    // load the rows around it, so that the list can position it
    if (rows && at !== undefined) await rows.hits.load(at - 40, at + 40);
    if (this.#end.signal.aborted) return;
    const { list } = this.#host;
    const seen = list.visible();
    const isSeen = !list.follow && seen && place.line >= seen[0] && place.line <= seen[1];
    if (!isSeen) list.goTo(place.line, { center: true, mark: false });
    this.#at = place.line;
    this.#arrive(place);
    await nextFrame();
  }

  /** @throws when the viewer is disposed. */
  async #pause(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    this.#end.signal.throwIfAborted();
  }

  #step(work: () => Promise<void>): void {
    if (this.#pending >= MAX_PENDING) return;
    this.#pending++;
    this.#last = this.#last
      .then(work)
      .catch((error: unknown) => {
        if (!this.#end.signal.aborted) this.#say(messageOf(error));
      })
      .finally(() => this.#pending--);
  }
}

/** Resolve after the list was drawn. */
function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, FRAME_MS);
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        clearTimeout(timer);
        resolve();
      }),
    );
  });
}
