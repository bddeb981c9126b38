/**
 * A fake server with a log in which some lines match. Answers as the real server does, in several
 * steps.
 */

import type { LogPage } from "../../src/base/protocol.js";
import type { FetchLines } from "../../src/search/hit-lines.js";
import type { OpenSearch } from "../../src/search/hit-search.js";

export class FakeLog {
  total: number;
  /** Every request, in order. */
  readonly asked: string[] = [];
  /** Maximum number of lines that one poll searches. */
  look = Infinity;
  /** Searches break after this many events. */
  breakAfter = Infinity;
  /** Awaited before each event of a search except the first two. */
  gate: Promise<void> = Promise.resolve();
  readonly isHit: (line: number) => boolean;

  constructor(total: number, isHit: (line: number) => boolean) {
    this.total = total;
    this.isHit = isHit;
  }

  /** Numbers of all hits. */
  get hits(): number[] {
    return Array.from({ length: this.total }, (_, line) => line).filter(this.isHit);
  }

  readonly open: OpenSearch = async (query, signal) => {
    this.asked.push(query);
    const parameters = new URLSearchParams(query);
    const [after = 0, every = 0, exact = 0, lines = 0] = [
      "after",
      "every",
      "exact",
      "with_lines",
    ].map((name) => Number(parameters.get(name) ?? 0));
    const events = [...this.#events(after + 1, every, exact, lines)].slice(0, this.breakAfter);
    const encoder = new TextEncoder();
    let sent = 0;
    return new Response(
      new ReadableStream({
        pull: async (controller) => {
          const event = events.shift();
          if (sent++ >= 2) await this.gate;
          if (signal.aborted) controller.error(new DOMException("aborted", "AbortError"));
          else if (event) controller.enqueue(encoder.encode(event));
          else controller.close();
        },
      }),
      { headers: { "Content-Type": "text/event-stream" } },
    );
  };

  readonly fetch: FetchLines = async (query) => {
    this.asked.push(query);
    const parameters = new URLSearchParams(query);
    const number = (name: string, otherwise: number): number =>
      Number(parameters.get(name) ?? otherwise);
    const picked = parameters.get("lines")?.split(",").map(Number);
    if (picked) return this.#page(picked, false, -1);
    const [low, high] = [number("after", -1) + 1, Math.min(this.total, number("before", Infinity))];
    if (parameters.has("tail")) {
      const start = Math.max(low, high - this.look);
      const found = this.#between(start, high).slice(-number("tail", 1));
      return this.#page(found, start > low && found.length < number("tail", 1), high - 1);
    }
    const end = Math.min(high, low + this.look);
    const found = this.#between(low, end);
    const lines = found.slice(0, number("limit", 10_000));
    const isCut = found.length > lines.length;
    return this.#page(lines, isCut || end < high, isCut ? (lines.at(-1) ?? -1) : end - 1);
  };

  *#events(first: number, every: number, exact: number, withLines: number): Generator<string> {
    const snapshot = this.total;
    yield `event: snapshot\ndata: ${JSON.stringify({ lines: snapshot, bytes: 0 })}\n\n`;
    let hits = 0;
    const page = (name: string, lines: readonly number[]): string =>
      `event: ${name}\ndata: ${JSON.stringify(this.#page(lines, false, -1))}\n\n`;
    if (withLines) yield page("newest", this.#between(first, snapshot).slice(-withLines));
    for (let line = first; line < snapshot; line += 5_000) {
      const end = Math.min(snapshot, line + 5_000);
      const lines: number[] = [];
      const before = hits;
      for (const hit of this.#between(line, end)) {
        if (hits < exact || hits % every === 0) lines.push(hit);
        hits++;
      }
      const found = { lines, hits, lines_done: end, bytes_done: 0 };
      yield `event: hits\ndata: ${JSON.stringify(found)}\n\n`;
      if (before < withLines) yield page("lines", lines.slice(0, withLines - before));
    }
    const total = { hits, lines: snapshot, bytes: 0, seconds: 0 };
    yield `event: complete\nid: ${snapshot}\ndata: ${JSON.stringify(total)}\n\n`;
  }

  #between(low: number, high: number): number[] {
    const lines: number[] = [];
    for (let line = low; line < high; line++) if (this.isHit(line)) lines.push(line);
    return lines;
  }

  #page(lines: readonly number[], truncated: boolean, next: number): LogPage {
    const logs = lines.map(
      (line) =>
        ({
          line,
          timestamp: "2025-10-31T12:00:00Z",
          level: "INFO",
          message: `line ${line}`,
          stream: "stdout",
        }) as const,
    );
    return { logs, total_lines: this.total, truncated, next_after: next };
  }
}

export const QUERY = { text: "x", regex: false, case: false, word: false, level: "" };
