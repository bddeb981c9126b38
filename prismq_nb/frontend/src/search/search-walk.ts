/**
 * Going through a log by keys and buttons: from hit to hit, from error to error, one step after the other, however quickly they are asked for.
 *
 * A step begins at the current hit, as long as it is in sight; else at the first line in sight, or the last, going back.
 */

import type { Found } from "./found.js";
import { type ErrorStop, ErrorSteps } from "./error-steps.js";
import type { Place } from "./hit-jump.js";
import type { SearchHost } from "./search-host.js";
import type { SearchQuery } from "./search-query.js";
import { fetchLines } from "./search-requests.js";

/** Steps that wait, at most: a key that is held down must not go on when it is let go. */
const MOST_WAITING = 2;
/** How often (ms) is looked whether the search has come to a line. */
const REACHED_MS = 40;
/** A frame comes within this time (ms), or the page is hidden. */
const FRAME_MS = 100;

export class Walk {
  readonly #host: SearchHost;
  readonly #arrive: (place: Place) => void;
  readonly #say: (text: string) => void;
  readonly #end = new AbortController();
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** Where the last step led, until somebody scrolls away. */
  #at: number | undefined;

  /**
   * @param arrive a line was gone to.
   * @param say there is nothing to go to.
   */
  constructor(host: SearchHost, arrive: (place: Place) => void, say: (text: string) => void) {
    this.#host = host;
    this.#arrive = arrive;
    this.#say = say;
  }

  dispose(): void {
    this.#end.abort();
  }

  /** @param rows what the list is restricted to. */
  toHit(found: Found, direction: 1 | -1, current: number | undefined, rows: Found | undefined): void {
    this.#step(async () => {
      const { signal } = this.#end;
      const from = this.#from(direction, current);
      const place = direction > 0 ? await found.jump.next(from === Infinity ? -1 : from, signal) : await this.#before(found, from);
      if (!place) return this.#say("No matches in this log");
      await this.#show(place, rows, rows === found ? place.index : undefined);
    });
  }

  /**
   * @param query what passes; undefined: nothing can.
   * @param rows what the list is restricted to.
   * @param arrive that is where it led.
   */
  toError(
    query: SearchQuery | undefined,
    direction: 1 | -1,
    current: number | undefined,
    rows: Found | undefined,
    arrive: (stop: ErrorStop) => void,
  ): void {
    const { run, list, store } = this.#host;
    this.#step(async () => {
      const { signal } = this.#end;
      const foldOf = (record: number, way: 1 | -1): ReturnType<SearchHost["list"]["foldOf"]> => list.foldOf(record, way, signal);
      const line = this.#from(direction, current);
      const isStop = line === this.#at || line === current;
      const stop = query && (await new ErrorSteps(fetchLines(run), query, foldOf, signal).step({ line, isStop }, direction, store.buffer.total));
      if (!stop) return this.#say(rows ? "No errors in these lines" : "No errors in this log");
      if (stop.line === line) this.#say("No other errors");
      else if (stop.wrapped) this.#say(direction > 0 ? "Wrapped around to the first error" : "Wrapped around to the last error");
      arrive(stop);
      await this.#show({ line: stop.line, index: undefined }, rows);
    });
  }

  async #before(found: Found, from: number): Promise<Place | undefined> {
    const { signal } = this.#end;
    return from === Infinity ? found.jump.last(signal) : found.jump.previous(from, signal);
  }

  #from(direction: 1 | -1, current: number | undefined): number {
    const { list } = this.#host;
    const seen = list.visible();
    const isSeen = (line: number): boolean => seen !== undefined && line >= seen[0] && line <= seen[1];
    const at = [this.#at, current].find((line) => line !== undefined && isSeen(line));
    if (at !== undefined) return at;
    if (list.follow || !seen) return direction > 0 && !list.follow ? -1 : Infinity;
    return direction > 0 ? seen[0] - 1 : seen[1] + 1;
  }

  /** @param row in which row the line is, if that is known. */
  async #show(place: Place, rows: Found | undefined, row?: number): Promise<void> {
    while (rows && rows.search.searched <= place.line) {
      if (rows.search.isOver) return;
      await this.#pause(); // before that the list has no row for it
    }
    const at = row ?? (rows && (await rows.jump.indexOf(place.line)));
    if (rows && at !== undefined) await rows.hits.load(at - 40, at + 40); // so that the list knows in which row it is
    if (this.#end.signal.aborted) return;
    const { list } = this.#host;
    const seen = list.visible();
    const isSeen = !list.follow && seen && place.line >= seen[0] && place.line <= seen[1];
    if (!isSeen) list.goTo(place.line, { center: true, mark: false });
    this.#at = place.line;
    this.#arrive(place);
    await nextFrame();
  }

  /** @throws when the viewer goes. */
  async #pause(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, REACHED_MS));
    this.#end.signal.throwIfAborted();
  }

  #step(work: () => Promise<void>): void {
    if (this.#waiting >= MOST_WAITING) return;
    this.#waiting++;
    this.#last = this.#last
      .then(work)
      .catch((error: unknown) => {
        if (!this.#end.signal.aborted) this.#say(error instanceof Error ? error.message : String(error));
      })
      .finally(() => this.#waiting--);
  }
}

/** After the list was drawn. */
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
