import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LogPage } from "../src/base/protocol.js";
import { LineBuffer, PAGE_LINES, type Range } from "../src/stream/buffer.js";
import { LineFetcher, type WantedLines } from "../src/stream/fetch.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const wish = (first: number, last: number, around: Range = [first, last]): WantedLines => ({
  shown: [first, last],
  around,
});

/** A server with an endless log that answers on command. */
class Server {
  readonly asked: string[] = [];
  readonly aborted: string[] = [];
  readonly buffer = new LineBuffer();
  readonly fetcher: LineFetcher;
  readonly #answers: (() => void)[] = [];

  constructor() {
    this.buffer.grow(1_000_000);
    this.fetcher = new LineFetcher(
      this.buffer,
      (query, signal) => this.#ask(query, signal),
      (lines) => {
        for (const line of lines) this.buffer.put(line);
      },
    );
  }

  async answer(): Promise<void> {
    for (const answer of this.#answers.splice(0)) answer();
    await vi.advanceTimersByTimeAsync(60);
  }

  #ask(query: string, signal: AbortSignal): Promise<LogPage> {
    const parameters = new URLSearchParams(query);
    const first = Number(parameters.get("after")) + 1;
    const lines = Array.from(
      { length: Number(parameters.get("limit")) },
      (_, index) => first + index,
    );
    const range = `${first}-${lines.at(-1)}`;
    this.asked.push(range);
    return new Promise((resolve, reject) => {
      const logs = lines.map(
        (line) =>
          ({
            line,
            timestamp: "2025-10-31T12:00:01Z",
            level: "INFO",
            message: "",
            stream: "stdout",
          }) as const,
      );
      this.#answers.push(() =>
        resolve({ logs, total_lines: 1_000_000, truncated: false, next_after: lines.at(-1) ?? -1 }),
      );
      signal.addEventListener("abort", () => {
        this.aborted.push(range);
        reject(new Error("aborted"));
      });
    });
  }
}

test("whole pages are fetched, those in view first", async () => {
  const server = new Server();
  server.fetcher.want([wish(600, 640, [600, 1_500])]);
  expect(server.asked).toEqual(["512-767"]);
  for (let round = 0; round < 3; round++) await server.answer();
  expect(server.asked).toEqual(["512-767", "768-1279", "1280-1535"]);
  expect(server.buffer.missing([512, 1_535], PAGE_LINES)).toBeUndefined();
});

test("the newest request goes first, two at a time", async () => {
  const server = new Server();
  server.fetcher.want([wish(100_000, 100_010), wish(50, 60), wish(200_000, 200_010)]);
  await vi.advanceTimersByTimeAsync(500);
  expect(server.asked).toEqual(["99840-100095", "0-255"]);
  await server.answer();
  await server.answer();
  expect(server.asked.at(-1)).toBe("199936-200191");
});

test("obsolete requests are aborted, and a drag makes few", async () => {
  const server = new Server();
  for (let frame = 0; frame < 60; frame++) {
    server.fetcher.want([wish(frame * 10_000, frame * 10_000 + 40)]);
    await vi.advanceTimersByTimeAsync(16);
  }
  expect(server.asked.length).toBeGreaterThan(5);
  expect(server.asked.length).toBeLessThan(22);
  expect(server.aborted).toEqual(server.asked.slice(0, -1));
});

test("lines that are buffered or requested are not requested again", async () => {
  const server = new Server();
  server.fetcher.want([wish(0, 40)]);
  server.fetcher.want([wish(10, 50)]);
  await server.answer();
  server.fetcher.want([wish(20, 60)]);
  await vi.advanceTimersByTimeAsync(500);
  expect(server.asked).toEqual(["0-255"]);
});

test("failed requests are repeated with back-off", async () => {
  const buffer = new LineBuffer();
  buffer.grow(100);
  const fetch = vi.fn(() => Promise.reject(new Error("away")));
  const fetcher = new LineFetcher(buffer, fetch, () => fetcher.want([wish(0, 9)]));
  fetcher.want([wish(0, 9)]);
  await vi.advanceTimersByTimeAsync(900);
  expect(fetch).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(fetch.mock.calls.length).toBeGreaterThan(20);
  expect(fetch.mock.calls.length).toBeLessThan(35);
});
