import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { notifyRecovery } from "../src/base/backoff.js";
import { HttpError } from "../src/base/page.js";
import { HitJump } from "../src/search/hit-jump.js";
import { HitLines } from "../src/search/hit-lines.js";
import { HitRows } from "../src/search/hit-rows.js";
import { HitSamples, MAX_SAMPLES } from "../src/search/hit-samples.js";
import { EXACT_HITS, HitSearch } from "../src/search/hit-search.js";
import { FakeLog, QUERY } from "./support/fake-log.js";

const { signal } = new AbortController();
const dense = (line: number): boolean => line % 3 === 0;
const sparse = (line: number): boolean => line % 1_009 === 5;
const mixed = (line: number): boolean => (line < 70_000 ? line % 3 === 0 : line % 401 === 0);

async function searched(log: FakeLog): Promise<HitSearch> {
  const search = new HitSearch(QUERY, log.open, () => undefined, 0);
  search.advance(log.total);
  await vi.waitFor(() => expect(search.searched).toBe(log.total), { timeout: 5_000, interval: 1 });
  return search;
}

async function found(log: FakeLog): Promise<HitLines> {
  return new HitLines(
    await searched(log),
    log.fetch,
    () => undefined,
    () => undefined,
  );
}

const LOGS: [string, (line: number) => boolean][] = [
  ["dense", dense],
  ["sparse", sparse],
  ["mixed", mixed],
  ["all", () => true],
];

describe("a search", () => {
  test.each(LOGS)(
    "counts exactly where hits are %s, and keeps some of their numbers",
    async (_, isHit) => {
      const log = new FakeLog(150_000, isHit);
      const { hits, samples, ready } = await searched(log);
      const all = log.hits;
      expect([hits, ready]).toEqual([all.length, true]);
      for (let position = 0; position < samples.size; position++)
        expect(samples.lineAt(position)).toBe(all[samples.indexAt(position)]);
      expect(samples.size).toBeLessThanOrEqual(EXACT_HITS + 5_000 + all.length / 256 + 1);
      expect(samples.size).toBeGreaterThanOrEqual(Math.min(all.length, EXACT_HITS));
    },
  );

  test("continues where it was when the log has grown", async () => {
    const log = new FakeLog(10_000, sparse);
    const search = await searched(log);
    log.total = 25_000;
    search.advance(25_000);
    await vi.waitFor(() => expect(search.searched).toBe(25_000));
    expect(log.asked).toEqual([
      "q=x&case=false&after=-1&every=256&exact=20000",
      "q=x&case=false&after=9999&every=256&exact=19990",
    ]);
    expect(search.hits).toBe(log.hits.length);
  });

  test("that broke resumes at its last step, and counts nothing twice", async () => {
    vi.useFakeTimers();
    const log = new FakeLog(100_000, mixed);
    log.breakAfter = 9;
    const search = new HitSearch(QUERY, log.open, () => undefined, 0);
    search.advance(log.total);
    await vi.waitFor(() => expect(search.error).toMatch(/connection was lost/));
    log.breakAfter = Infinity;
    await vi.advanceTimersByTimeAsync(5_000);
    vi.useRealTimers();
    await vi.waitFor(() => expect(search.ready).toBe(true));
    expect([search.hits, search.error]).toEqual([log.hits.length, undefined]);
  });

  test("with an invalid pattern fails, and is not retried", async () => {
    const open = vi.fn(async () =>
      Promise.reject(
        new HttpError(400, {
          message: "q='(' is not a valid pattern: missing ): (",
          reason: "InvalidRequest",
          detail: "missing ): (",
        }),
      ),
    );
    const search = new HitSearch(QUERY, open, () => undefined, 0);
    search.advance(10);
    await vi.waitFor(() => expect(search.error).toBe("missing ): ("));
    search.advance(20);
    expect(open).toHaveBeenCalledTimes(1);
  });
});

describe("lines of hits", () => {
  test.each(LOGS)("are the matching lines, if hits are %s", async (_, isHit) => {
    const log = new FakeLog(150_000, isHit);
    const hits = await found(log);
    const all = log.hits;
    for (const first of [0, 3, Math.floor(all.length / 2), all.length - 40]) {
      await hits.load(first, first + 39);
      const lines = Array.from({ length: 40 }, (_unused, i) => hits.get(first + i)?.n);
      expect(lines).toEqual(all.slice(first, first + 40));
      expect(lines.map((line) => hits.indexOf(line as number))).toEqual(
        lines.map((_unused, i) => first + i),
      );
    }
  });

  test("are found even if one answer of the server is not enough", async () => {
    const log = new FakeLog(150_000, (line) => line < 70_000 || line % 401 === 0);
    const hits = await found(log);
    log.look = 1_000;
    const { length } = log.hits;
    await hits.load(length - 150, length - 1);
    expect(hits.get(length - 1)?.n).toBe(log.hits.at(-1));
  });
});

describe("navigation between hits", () => {
  test.each(LOGS)("goes to the next and previous hit, if hits are %s", async (_, isHit) => {
    const log = new FakeLog(100_000, isHit);
    const hits = await found(log);
    const jump = new HitJump(hits, log.fetch);
    const all = log.hits;
    for (const line of [0, 7, 6_000, 69_998, 70_003, 88_888, 99_990]) {
      const after = all.findIndex((hit) => hit > line);
      const before = all.findLastIndex((hit) => hit < line);
      expect(await jump.next(line, signal)).toEqual(
        after < 0 ? { line: all[0], index: 0 } : { line: all[after], index: after },
      );
      expect(await jump.previous(line, signal)).toEqual(
        before < 0
          ? { line: all.at(-1), index: all.length - 1 }
          : { line: all[before], index: before },
      );
    }
  });

  test("works ahead of the search, whatever the server's answers cover", async () => {
    const log = new FakeLog(200_000, (line) => line === 3 || line === 190_000);
    log.look = 7_000;
    const search = new HitSearch(QUERY, log.open, () => undefined, 0);
    const jump = new HitJump(
      new HitLines(
        search,
        log.fetch,
        () => undefined,
        () => undefined,
      ),
      log.fetch,
    );
    expect(await jump.next(3, signal)).toEqual({ line: 190_000, index: undefined });
    expect(await jump.previous(189_000, signal)).toEqual({ line: 3, index: undefined });
    expect(await jump.last(signal)).toEqual({ line: 190_000, index: undefined });
  });

  test("goes nowhere if there is no hit", async () => {
    const log = new FakeLog(1_000, () => false);
    const jump = new HitJump(await found(log), log.fetch);
    expect(await jump.next(5, signal)).toBeUndefined();
    expect(await jump.previous(5, signal)).toBeUndefined();
  });
});

describe("samples", () => {
  test("are thinned out, ordered and bounded", () => {
    const samples = new HitSamples();
    for (let index = 0; index < 5 * MAX_SAMPLES; index++) samples.add(index, index * 2);
    expect(samples.size).toBeLessThanOrEqual(MAX_SAMPLES);
    expect(samples.size).toBeGreaterThan(MAX_SAMPLES / 4);
    for (let position = 0; position < samples.size; position += 997) {
      expect(samples.lineAt(position)).toBe(samples.indexAt(position) * 2);
      expect(samples.floorLine(samples.lineAt(position) + 1)).toBe(position);
    }
  });

  test("that are cut off are dropped", () => {
    const samples = new HitSamples();
    for (const index of [0, 10, 20]) samples.add(index, index + 100);
    samples.cut(11);
    expect([samples.size, samples.exact(10), samples.exact(20), samples.floor(5)]).toEqual([
      2,
      110,
      undefined,
      0,
    ]);
  });
});

describe("the rows of a filter", () => {
  const tail = [{ kind: "notice", text: "end" }] as const;

  test("are the hits, with placeholders for missing lines, and the lines after them", async () => {
    const log = new FakeLog(5_000, sparse);
    const rows = new HitRows(await found(log), (query) => log.fetch(query, signal));
    expect(rows.source(tail, false).count).toBe(6);
    expect(rows.source(tail, false).at(1)).toEqual({ kind: "hole", n: 1_014 });
    rows.source(tail, false).want(0, 4);
    await vi.waitFor(() =>
      expect(rows.source(tail, false).at(1)).toMatchObject({ kind: "line", line: { n: 1_014 } }),
    );
    expect(rows.source(tail, false).at(5)).toBe(tail[0]);
    expect([5, 6, 1_014, 4_999].map((line) => rows.source(tail, false).indexOf(line))).toEqual([
      0, 1, 1, 5,
    ]);
  });

  test("between two lines are returned if all are loaded in full", async () => {
    const log = new FakeLog(5_000, sparse);
    const rows = new HitRows(await found(log), (query) => log.fetch(query, signal));
    expect(rows.between(5, 4_041)).toBeUndefined();
    await rows.hits.load(0, 4);
    expect(rows.between(5, 4_041)?.map(({ n }) => n)).toEqual([1_014, 2_023, 3_032]);
    expect(rows.key).toBe("q=x&case=false");
  });

  test("begin with the newest ones while the search is running", async () => {
    const log = new FakeLog(5_000, sparse);
    const search = new HitSearch(QUERY, log.open, () => undefined, 0);
    const rows = new HitRows(
      new HitLines(
        search,
        log.fetch,
        () => undefined,
        () => undefined,
      ),
      (query) => log.fetch(query, signal),
    );
    let open = (): void => undefined;
    log.gate = new Promise((resolve) => {
      open = resolve;
    });
    expect(rows.source(tail, true).count).toBe(0);
    search.advance(5_000);
    await vi.waitFor(() => expect(rows.source(tail, true).count).toBe(7));
    const source = rows.source(tail, true);
    expect(source.at(0).kind).toBe("notice");
    expect(source.at(5)).toMatchObject({ kind: "line", line: { n: 4_041 } });
    expect([3_032, 4_041].map((line) => source.indexOf(line))).toEqual([4, 5]);
    open();
    await vi.waitFor(() => expect(search.ready).toBe(true));
    expect([rows.source(tail, true).count, rows.source(tail, true).at(4)]).toMatchObject([
      6,
      { kind: "line", line: { n: 4_041 } },
    ]);
  });

  test("come with the search: one request, and one whenever the log has grown", async () => {
    const log = new FakeLog(50_000, dense);
    const search = new HitSearch(QUERY, log.open, () => undefined, 0);
    const nothing = (): undefined => undefined;
    const rows = new HitRows(new HitLines(search, log.fetch, nothing, nothing), (query) =>
      log.fetch(query, signal),
    );
    for (const total of [50_000, 50_100]) {
      log.total = total;
      search.advance(total);
      await vi.waitFor(() => expect(search.searched).toBe(total));
      const end = rows.source([], true).count;
      for (const index of [0, 99, end - 30, end - 1])
        expect(rows.source([], true).at(index)).toMatchObject({ line: { n: 3 * index } });
    }
    expect(log.asked).toEqual([
      "q=x&case=false&after=-1&every=256&exact=20000&with_lines=100",
      "q=x&case=false&after=49999&every=256&exact=3333&with_lines=100",
    ]);
  });

  test("wait for new lines while following, and do not flicker", async () => {
    const log = new FakeLog(5_000, sparse);
    const hits = await found(log);
    const rows = new HitRows(hits, (query) => log.fetch(query, signal));
    expect(rows.source([], true).count).toBe(5);
    log.total = 6_000;
    hits.search.advance(6_000);
    await vi.waitFor(() => expect(hits.search.hits).toBe(6));
    expect(rows.source([], true).count).toBe(5);
    await vi.waitFor(() => expect(rows.source([], true).count).toBe(6));
    expect(rows.source([], true).at(5)).toMatchObject({ kind: "line", line: { n: 5_050 } });
  });
});

describe("a failed search", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("retries with the stream's back-off, and at once when the connection recovers", async () => {
    const log = new FakeLog(1_000, dense);
    const refuse = async (): Promise<Response> => Promise.reject(new TypeError("Failed to fetch"));
    const open = vi.fn(refuse);
    const search = new HitSearch(QUERY, open, () => undefined, 0);
    search.advance(log.total);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(search.error).toBe("the Jupyter server does not answer");
    expect(open.mock.calls.length).toBeGreaterThan(20);
    expect(open.mock.calls.length).toBeLessThan(35); // 200 if it came every 3 s
    open.mockImplementation(log.open as unknown as typeof refuse);
    notifyRecovery();
    await vi.advanceTimersByTimeAsync(10);
    expect([search.error, search.hits]).toEqual([undefined, log.hits.length]);
  });

  test("is not retried before Retry-After", async () => {
    const open = vi.fn(async () =>
      Promise.reject(new HttpError(429, { reason: "TooManySearches" }, "40")),
    );
    const search = new HitSearch(QUERY, open, () => undefined, 0);
    search.advance(10);
    await vi.advanceTimersByTimeAsync(39_000);
    expect(open).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(open).toHaveBeenCalledTimes(2);
    search.dispose();
  });
});
