import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TimelineData, type Wanted } from "../src/timeline/timeline-data.js";

const WIRE = {
  begin: "2025-10-31T12:00:00.000000Z",
  bucket_seconds: 1,
  first_lines: [0],
  levels: { DEBUG: [0], INFO: [0], WARNING: [0], ERROR: [0], CRITICAL: [0] },
};
const USAGE = { begin: WIRE.begin, seconds: [], cpu_percent: [], memory_bytes: [] };

/** A server whose log has `total` lines, and what it was asked. */
class Server {
  total = 100;
  complete = true;
  broken = false;
  asked: string[] = [];
  changes = 0;
  readonly data = new TimelineData(
    (what) => this.#answer(what),
    () => this.changes++,
  );

  async #answer(what: string): Promise<unknown> {
    this.asked.push(what);
    if (this.broken) throw new Error("no server");
    return what === "usage"
      ? USAGE
      : { ...WIRE, total_lines: this.total, complete: this.complete, lines: [this.total] };
  }

  get timelines(): number {
    return this.asked.filter((what) => what.startsWith("logs/timeline")).length;
  }

  want(changed: Partial<Wanted> = {}): void {
    this.data.want({ buckets: 240, total: this.total, seconds: 10, ended: false, ...changed });
  }

  /** A viewer that requests data ten times a second while lines arrive. */
  async watch(seconds: number, changed: Partial<Wanted> = {}, lines = 5): Promise<void> {
    for (let tenth = 0; tenth < 10 * seconds; tenth++) {
      this.total += lines;
      this.want(changed);
      await vi.advanceTimersByTimeAsync(100);
    }
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a live run is requested every second or two, its usage less often", async () => {
  const server = new Server();
  await server.watch(30);
  expect(server.timelines).toBeGreaterThanOrEqual(15);
  expect(server.timelines).toBeLessThanOrEqual(21);
  expect(server.asked.length - server.timelines).toBeLessThanOrEqual(3);
  expect(server.data.histogram!.total).toBeGreaterThan(server.total - 100);
});

test("a run of a day is requested twice a minute", async () => {
  const server = new Server();
  await server.watch(120, { seconds: 86_400 });
  expect(server.timelines).toBeLessThanOrEqual(5);
});

test("nothing is requested without new lines, or while nobody is looking", async () => {
  const server = new Server();
  await server.watch(1, {}, 0);
  await server.watch(60, {}, 0);
  expect(server.timelines).toBe(1);
  server.total++;
  server.data.rest();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.timelines).toBe(1);
});

test("an ended run is requested once more, then never", async () => {
  const server = new Server();
  await server.watch(3);
  const before = server.timelines;
  await server.watch(60, { ended: true }, 0);
  expect(server.timelines).toBe(before + 1);
  expect(server.asked.at(-1)).toBe("usage");
});

test("repeats by itself until levels are complete, at growing intervals", async () => {
  const server = new Server();
  server.complete = false;
  server.want({ ended: true });
  await vi.advanceTimersByTimeAsync(20_000);
  const early = server.timelines;
  expect(early).toBeGreaterThanOrEqual(3);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(server.timelines - early).toBeLessThanOrEqual(12);
  server.complete = true;
  await vi.advanceTimersByTimeAsync(120_000);
  const done = server.timelines;
  await vi.advanceTimersByTimeAsync(600_000);
  expect(server.timelines).toBe(done);
});

test("requests back off while the server is away, and its return is noticed", async () => {
  const server = new Server();
  server.broken = true;
  server.want();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(server.timelines).toBeLessThanOrEqual(20);
  expect(server.data.histogram).toBeUndefined();
  server.broken = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.data.histogram!.total).toBe(100);
});

test("a viewer that becomes much wider gets more buckets", async () => {
  const server = new Server();
  await server.watch(2, {}, 0);
  await server.watch(5, { buckets: 300 }, 0);
  expect(server.timelines).toBe(1);
  await server.watch(5, { buckets: 480 }, 0);
  expect(server.asked.filter((what) => what.includes("480"))).toHaveLength(1);
});
