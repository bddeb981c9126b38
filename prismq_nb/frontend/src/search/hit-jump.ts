/**
 * From a line to the next line that matches, forward or back, through the whole log, also before the search has come there. Knows no DOM.
 */

import type { HitSearch } from "./hit-search.js";
import type { FetchLines, Hits } from "./hits.js";
import type { LogPage } from "../base/protocol.js";

/** Going back, all lines are looked at together at first, from the newest on; where that takes the server too long, so many; where that does, fewer. */
const CHUNK_LINES = 4_000_000;

/** A hit: its line and its number, from 0; undefined: not counted yet. */
export interface Place {
  readonly line: number;
  readonly index: number | undefined;
}

/** The next line behind `line` that passes `filter` (as in the URL); undefined: there is none. */
export async function lineAfter(line: number, filter: string, fetch: FetchLines, signal: AbortSignal): Promise<number | undefined> {
  for (let after = line; ; ) {
    const page = await fetch(`after=${after}&limit=1&${filter}`, signal);
    if (page.logs[0]) return page.logs[0].line;
    if (!page.truncated || page.next_after <= after) return undefined;
    after = page.next_after;
  }
}

/** The last line before `line`, and not before `least`, that passes. */
export async function lineBefore(line: number, least: number, filter: string, fetch: FetchLines, signal: AbortSignal): Promise<number | undefined> {
  let chunk = Infinity;
  for (let end = line; end > least; ) {
    const begin = Math.max(least, end - chunk);
    const page: LogPage = await fetch(`after=${begin - 1}&before=${end}&tail=1&${filter}`, signal);
    if (page.logs[0]) return page.logs[0].line;
    if (!page.truncated) end = begin;
    else if (chunk === 1) return undefined;
    else chunk = Math.max(1, Math.min(CHUNK_LINES, chunk / 4) | 0); // it was not looked through
  }
  return undefined;
}

/** The neighbour of a line among the hits of a search; goes round at the ends of the log. */
export class HitJump {
  readonly #hits: Hits;
  readonly #fetch: FetchLines;

  constructor(hits: Hits, fetch: FetchLines) {
    this.#hits = hits;
    this.#fetch = fetch;
  }

  /** @returns undefined where there is no hit at all. */
  async next(line: number, signal: AbortSignal): Promise<Place | undefined> {
    const found = this.#knownAfter(line) ?? (await lineAfter(line, this.#search.key, this.#fetch, signal));
    return found === undefined && line >= 0 ? this.next(-1, signal) : this.#place(found);
  }

  async previous(line: number, signal: AbortSignal): Promise<Place | undefined> {
    const { samples, key } = this.#search;
    const position = samples.floorLine(line - 1);
    const least = position < 0 ? 0 : samples.lineAt(position);
    const next = position + 1 < samples.size ? samples.indexAt(position + 1) : Infinity;
    const isNeighbour = position >= 0 && next === samples.indexAt(position) + 1;
    const found = isNeighbour ? least : await lineBefore(line, least, key, this.#fetch, signal);
    return found === undefined && line !== Infinity ? this.last(signal) : this.#place(found);
  }

  /** The newest hit. */
  async last(signal: AbortSignal): Promise<Place | undefined> {
    const page = await this.#fetch(`tail=1&${this.#search.key}`, signal);
    const line = page.logs[0]?.line ?? (page.truncated ? await this.#lastBefore(page.total_lines, signal) : undefined);
    return this.#place(line);
  }

  /** Which one among all hits a line is, counted from 0; undefined where the search has not come there yet, or it is none. */
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

  /** Where its number is known. */
  #knownAfter(line: number): number | undefined {
    const { samples } = this.#search;
    const position = samples.floorLine(line);
    const before = position < 0 ? -1 : samples.indexAt(position);
    return position + 1 < samples.size && samples.indexAt(position + 1) === before + 1 ? samples.lineAt(position + 1) : undefined;
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
