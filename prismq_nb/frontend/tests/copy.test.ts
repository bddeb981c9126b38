import { describe, expect, test } from "vitest";
import { LineSelection } from "../src/base/line-selection.js";
import type { Line, LogPage } from "../src/base/protocol.js";
import {
  COPY_CHARS,
  COPY_LINES,
  type CopyStyle,
  copiedLine,
  copyRange,
} from "../src/selection/copy.js";
import { linesBetween } from "../src/selection/lines-between.js";
import type { FetchPage } from "../src/stream/fetch.js";

const PLAIN: CopyStyle = { timestamps: "off", utc: true, start: undefined };
const line = (n: number, text = `line ${n}`, length = text.length): Line => ({
  n,
  stamp: n,
  level: "INFO",
  stream: "stdout",
  text,
  length,
});
const never = new AbortController().signal;

/** A log of `total` lines, of which a page has at most `most`. */
function server(
  total: number,
  message: (n: number) => string,
  most = 10_000,
): { fetchPage: FetchPage; asked: string[] } {
  const asked: string[] = [];
  const fetchPage = (_: string, query: string): Promise<LogPage> => {
    asked.push(query);
    const parameters = new URLSearchParams(query);
    const [after, before, limit] = ["after", "before", "limit"].map((name) =>
      Number(parameters.get(name)),
    ) as [number, number, number];
    const last = Math.min(after + Math.min(limit, most), before - 1, total - 1);
    const logs = Array.from({ length: Math.max(0, last - after) }, (_value, index) => {
      const n = after + 1 + index;
      return {
        line: n,
        timestamp: "2025-10-31T12:00:01.123456Z",
        level: "INFO",
        message: message(n),
        stream: "stdout",
      } as const;
    });
    return Promise.resolve({
      logs,
      total_lines: total,
      truncated: false,
      next_after: Math.max(after, last),
    });
  };
  return { fetchPage, asked };
}

describe("copying a range", () => {
  test("fetches page by page and returns plain text", async () => {
    const { fetchPage, asked } = server(12_000, (n) => `\x1b[31m${n}\x1b[0m`);
    const steps: number[] = [];
    const copied = await copyRange(
      fetchPage,
      "run",
      [10, 11_009],
      PLAIN,
      "",
      (lines) => steps.push(lines),
      never,
    );
    expect(copied).toEqual({
      text: Array.from({ length: 11_000 }, (_, index) => index + 10).join("\n"),
      lines: 11_000,
      cut: false,
    });
    expect(steps).toEqual([5_000, 10_000, 11_000]);
    expect(asked[0]).toBe("after=9&before=11010&limit=5000");
  });
  test("passes the filter on", async () => {
    const { fetchPage, asked } = server(3, String);
    await copyRange(fetchPage, "run", [0, 2], PLAIN, "level=ERROR&q=a+b", () => undefined, never);
    expect(asked[0]).toBe("after=-1&before=3&limit=5000&level=ERROR&q=a+b");
  });
  test("is cut at the maximum number of lines", async () => {
    const { fetchPage } = server(2 * COPY_LINES, () => "");
    expect(
      await copyRange(fetchPage, "run", [0, 2 * COPY_LINES - 1], PLAIN, "", () => undefined, never),
    ).toMatchObject({ lines: COPY_LINES, cut: true });
  });
  test("is cut at the maximum number of characters", async () => {
    const { fetchPage } = server(40, () => "x".repeat(COPY_CHARS / 20));
    const copied = await copyRange(fetchPage, "run", [0, 39], PLAIN, "", () => undefined, never);
    expect(copied.cut).toBe(true);
    expect(copied.text.length).toBeLessThanOrEqual(COPY_CHARS);
  });
  test("ends early if the log is shorter than expected", async () => {
    expect(
      await copyRange(
        server(3, String).fetchPage,
        "run",
        [0, 99],
        PLAIN,
        "",
        () => undefined,
        never,
      ),
    ).toMatchObject({ text: "0\n1\n2", cut: false });
  });
  test("can be aborted", async () => {
    await expect(
      copyRange(
        server(3, String).fetchPage,
        "run",
        [0, 2],
        PLAIN,
        "",
        () => undefined,
        AbortSignal.abort(),
      ),
    ).rejects.toThrow();
  });
  test("reports nothing after it was aborted during a request", async () => {
    const job = new AbortController();
    const { fetchPage } = server(3, String);
    const slow: FetchPage = async (...asked) => {
      const page = await fetchPage(...asked);
      job.abort();
      return page;
    };
    const steps: number[] = [];
    const copied = copyRange(
      slow,
      "run",
      [0, 2],
      PLAIN,
      "",
      (lines) => steps.push(lines),
      job.signal,
    );
    await expect(copied).rejects.toThrow();
    expect(steps).toEqual([]);
  });
});

test("a line with its timestamp", () => {
  const stamp = 1_761_912_001_123_456;
  expect(
    copiedLine({ text: "a\x1b[1mb", stamp }, { ...PLAIN, timestamps: "datetime" }, undefined),
  ).toBe("2025-10-31 12:00:01.123 ab");
  expect(copiedLine({ text: "a", stamp }, { ...PLAIN, timestamps: "delta" }, undefined)).toBe("a");
});

describe("lines on the page need no request", () => {
  const get = (n: number): Line | undefined =>
    n < 10 ? line(n, "x", n === 8 ? 99 : 1) : undefined;
  test("lines between two rows", () =>
    expect(linesBetween(get, 2, 5)?.map(({ n }) => n)).toEqual([3, 4]));
  test("adjacent lines have none between them", () => expect(linesBetween(get, 2, 3)).toEqual([]));
  test("unless one is missing or cut, or there are too many", () => {
    expect([
      linesBetween(get, 5, 20),
      linesBetween(get, 6, 9),
      linesBetween((n) => line(n), 0, 90_000),
    ]).toEqual([undefined, undefined, undefined]);
  });
});

describe("a selection of lines", () => {
  test("extends in both directions from its anchor", () => {
    const selection = new LineSelection();
    expect([selection.lines, selection.has(0)]).toEqual([undefined, false]);
    selection.start(7);
    selection.extend(9);
    expect(selection.lines).toEqual([7, 9]);
    selection.extend(4);
    expect(selection.lines).toEqual([4, 7]);
    expect([3, 4, 7, 8].map((n) => selection.has(n))).toEqual([false, true, true, false]);
    selection.clear();
    expect(selection.lines).toBeUndefined();
  });
});
