import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Batch, Gap, LogPage, WireLine } from "../src/base/protocol.js";
import { mergeGaps } from "../src/stream/conversation.js";
import { RunStore } from "../src/stream/store.js";

const RUN = "run_20251031_120000_collect_abc123";
const wire = (n: number): WireLine => [n, n, "INFO", "stdout", `line ${n}`];
const batch = (parts: Partial<Batch>): Batch => ({ run: RUN, first: 0, total: 0, ...parts });
const page = (
  numbers: readonly number[],
  total: number,
  next = total - 1,
  truncated = false,
): LogPage => ({
  logs: numbers.map((line) => ({
    line,
    timestamp: "2025-10-31T12:00:01Z",
    level: "INFO",
    message: `line ${line}`,
    stream: "stdout",
  })),
  total_lines: total,
  truncated,
  next_after: next,
});
const gap = (before: number, lines: number): Gap => ({
  before,
  lines,
  bytes: 1,
  begin: "2025",
  end: "2026",
  reason: "disk-full",
});
const span = (first: number, end: number): number[] =>
  Array.from({ length: end - first }, (_, index) => first + index);

const take = (store: RunStore, news: Batch, isFirst: boolean): void => {
  if (isFirst) store.conversation.open();
  store.conversation.take(news);
  store.batch(news, isFirst);
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("unfinished text is removed if a new connection does not repeat it", () => {
  const store = new RunStore(RUN, vi.fn());
  take(store, batch({ pending: { stdout: "50%", stderr: "" } }), true);
  take(store, batch({}), false);
  expect(store.pending.stdout).toBe("50%");
  take(store, batch({}), true);
  expect(store.pending.stdout).toBe("");
});

test("lines in view that the stream skipped are fetched", async () => {
  const fetchPage = vi.fn(async (_: string, query: string) => {
    const parameters = new URLSearchParams(query);
    const first = Number(parameters.get("after")) + 1;
    return page(span(first, first + Number(parameters.get("limit"))), 10_000);
  });
  const store = new RunStore(RUN, fetchPage);
  take(store, batch({ first: 9_999, total: 10_000, lines: [wire(9_999)] }), true);
  const changed = vi.fn();
  store.listen(changed);
  store.want({}, { shown: [5_000, 5_009], around: [5_000, 5_009] });
  await vi.advanceTimersByTimeAsync(100);
  expect(fetchPage.mock.calls.map((call) => call.slice(0, 2))).toEqual([
    [RUN, "after=4863&limit=256"],
  ]);
  expect(store.buffer.get(5_005)?.text).toBe("line 5005");
  expect(changed).toHaveBeenCalled();
});

test("a gap that is sent twice is one gap", () => {
  expect(mergeGaps([gap(9, 1), gap(2, 1)], [gap(9, 5)])).toEqual([gap(2, 1), gap(9, 5)]);
});
