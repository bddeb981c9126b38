/**
 * Find the next or previous match of a line in the whole log, even before the search has reached
 * it. Knows no DOM.
 */

import type { LogPage } from "../base/protocol.js";
import type { FetchLines, HitLines } from "./hit-lines.js";
import type { HitSearch } from "./hit-search.js";

/**
 * Backward searches first scan all lines at once, from the newest on; if the server runs out of
 * time, this many at a time, and if it still does, fewer.
 */
const CHUNK_LINES = 4_000_000;

/** A hit: its line and its index among the hits, from 0; undefined: not counted yet. */
export interface Place {
  readonly line: number;
  readonly index: number | undefined;
}

/** Return the next line after `line` that passes `filter` (URL parameters); undefined: none. */
export async function lineAfter(
  line: number,
  filter: string,
  fetch: FetchLines,
  signal: AbortSignal,
): Promise<number | undefined> {
  for (let after = line; ; ) {
    const page = await fetch(`after=${after}&limit=1&${filter}`, signal);
    if (page.logs[0]) return page.logs[0].line;
    if (!page.truncated || page.next_after <= after) return undefined;
    after = page.next_after;
  }
}

/** Return the last line before `line`, and not before `least`, that passes `filter`. */
export async function lineBefore(
  line: number,
  least: number,
  filter: string,
  fetch: FetchLines,
  signal: AbortSignal,
): Promise<number | undefined> {
  let chunk = Infinity;
  for (let end = line; end > least; ) {
    const begin = Math.max(least, end - chunk);
    const page: LogPage = await fetch(`after=${begin - 1}&before=${end}&tail=1&${filter}`, signal);
    if (page.logs[0]) return page.logs[0].line;
    if (!page.truncated) end = begin;
    else if (chunk === 1) return undefined;
    else chunk = Math.max(1, Math.min(CHUNK_LINES, chunk / 4) | 0); // the server ran out of time
  }
  return undefined;
}

/** Find neighbours of a line among the hits of a search; wraps around at the ends of the log. */
export class HitJump {
  readonly #hits: HitLines;
  readonly #fetch: FetchLines;

  constructor(hits: HitLines, fetch: FetchLines) {
    this.#hits = hits;
    this.#fetch = fetch;
  }

  /** Return the next hit; undefined if there are no hits. */
  async next(line: number, signal: AbortSignal): Promise<Place | undefined> {
    const hit =
      this.#knownAfter(line) ?? (await lineAfter(line, this.#search.key, this.#fetch, signal));
    return hit === undefined && line >= 0 ? this.next(-1, signal) : this.#place(hit);
  }

  async previous(line: number, signal: AbortSignal): Promise<Place | undefined> {
    const { samples, key } = this.#search;
    const position = samples.floorLine(line - 1);
    const least = position < 0 ? 0 : samples.lineAt(position);
    const next = position + 1 < samples.size ? samples.indexAt(position + 1) : Infinity;
    const isNeighbour = position >= 0 && next === samples.indexAt(position) + 1;
    const hit = isNeighbour ? least : await lineBefore(line, least, key, this.#fetch, signal);
    return hit === undefined && line !== Infinity ? this.last(signal) : this.#place(hit);
  }

  /** The newest hit. */
  async last(signal: AbortSignal): Promise<Place | undefined> {
    const page = await this.#fetch(`tail=1&${this.#search.key}`, signal);
    const line =
      page.logs[0]?.line ??
      (page.truncated ? await this.#lastBefore(page.total_lines, signal) : undefined);
    return this.#place(line);
  }

  /**
   * Return the index of a line among all hits, from 0; undefined if the search has not reached it,
   * or it is no hit.
   */
  async indexOf(line: number): Promise<number | undefined> {
    const { samples, searched } = this.#search;
    if (line >= searched) return undefined;
    const position = samples.floorLine(line);
    if (position < 0) return undefined;
    const first = samples.indexAt(position);
    if (samples.lineAt(position) === line) return first;
    const next = position + 1 < samples.size ? samples.indexAt(position + 1) : this.#search.hits;
    for (let from = first + 1; from < next; from += 200) {
      await this.#hits.load(from, Math.min(next, from + 200) - 1);
      const index = this.#hits.indexOf(line);
      if (this.#hits.get(index)?.n === line) return index;
    }
    return undefined;
  }

  get #search(): HitSearch {
    return this.#hits.search;
  }

  /** Return the next hit after a line if its line number is known without a request. */
  #knownAfter(line: number): number | undefined {
    const { samples } = this.#search;
    const position = samples.floorLine(line);
    const before = position < 0 ? -1 : samples.indexAt(position);
    return position + 1 < samples.size && samples.indexAt(position + 1) === before + 1
      ? samples.lineAt(position + 1)
      : undefined;
  }

  async #lastBefore(total: number, signal: AbortSignal): Promise<number | undefined> {
    const { samples, key } = this.#search;
    const least = samples.size ? samples.lineAt(samples.size - 1) : 0;
    return lineBefore(total, least, key, this.#fetch, signal);
  }

  async #place(line: number | undefined): Promise<Place | undefined> {
    return line === undefined ? undefined : { line, index: await this.indexOf(line) };
  }
}
