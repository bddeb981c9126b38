import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { GATHER_MS, LINGER_MS, StreamHub } from "../src/hub.js";
import { backoff, PATIENCE, SILENCE_MS } from "../src/link.js";
import { FakeRun, FakeServer, upTo } from "./support/streams.js";

describe("the hub", () => {
  let server: FakeServer;
  let hub: StreamHub;
  let seen: boolean;
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  const join = (run: string) => {
    const sink = new FakeRun(run);
    const seat = hub.join(sink);
    seat.watch(true);
    return { sink, seat };
  };

  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer();
    seen = true;
    hub = new StreamHub({ open: server.open, visible: () => seen, now: () => Date.now(), random: () => 1 });
  });
  afterEach(() => vi.useRealTimers());

  test("opens one stream for all runs that come together", async () => {
    join("a");
    join("b");
    await pass(GATHER_MS);
    expect(server.requests).toEqual(["run=a&run=b"]);
    expect(server.openStreams).toBe(1);
  });

  test("a run that comes later loses nothing of the others and repeats nothing", async () => {
    const { sink } = join("a");
    await pass(GATHER_MS);
    server.print("a", 5);
    await pass(0);
    const other = join("b");
    server.print("a", 3);
    server.print("b", 2);
    await pass(GATHER_MS);
    server.print("a", 2);
    await pass(0);
    expect(server.requests.at(-1)).toBe("run=a@8&run=b");
    expect(sink.lines).toEqual(upTo(10));
    expect(other.sink.lines).toEqual(upTo(2));
    expect(sink.fresh).toEqual([true, false, false, true, false]);
    expect(server.openStreams).toBe(1);
  });

  test("lines that were under way when the stream was replaced come exactly once", async () => {
    const { sink } = join("a");
    await pass(GATHER_MS);
    for (let round = 0; round < 20; round++) {
      join(`other${round}`);
      server.print("a", 3);
      await pass(GATHER_MS - 1);
      server.print("a", 1); // not read yet when the request is replaced
      vi.advanceTimersByTime(1);
      server.print("a", 1);
      await pass(1);
    }
    expect(sink.lines).toEqual(upTo(100));
  });

  test("a run that goes gives up its place without disturbing the rest", async () => {
    const { sink } = join("a");
    const { seat } = join("b");
    await pass(GATHER_MS);
    server.print("a", 4);
    await pass(0);
    seat.leave();
    await pass(LINGER_MS);
    server.print("a", 4);
    await pass(0);
    expect(server.requests.at(-1)).toBe("run=a@4");
    expect(sink.lines).toEqual(upTo(8));
  });

  test("scrolling out of sight and back within the grace period opens nothing anew", async () => {
    const { seat } = join("a");
    await pass(GATHER_MS);
    seat.watch(false);
    await pass(LINGER_MS / 2);
    seat.watch(true);
    await pass(LINGER_MS * 2);
    expect(server.requests).toHaveLength(1);
    expect(server.openStreams).toBe(1);
  });

  test("a run out of sight is let go even if another came meanwhile", async () => {
    const { seat } = join("a");
    await pass(GATHER_MS);
    seat.watch(false);
    join("b");
    await pass(GATHER_MS);
    expect(server.requests.at(-1)).toBe("run=b&run=a@0");
    await pass(LINGER_MS);
    expect(server.requests.at(-1)).toBe("run=b@0");
  });

  test("nothing is open while nothing can be seen, and it goes on where it was", async () => {
    const { sink } = join("a");
    server.print("a", 3);
    await pass(GATHER_MS);
    seen = false;
    hub.visibilityChanged();
    await pass(LINGER_MS);
    expect(server.openStreams).toBe(0);
    server.print("a", 3);
    seen = true;
    hub.visibilityChanged();
    await pass(0);
    expect(server.requests.at(-1)).toBe("run=a@3");
    expect(sink.lines).toEqual(upTo(6));
  });

  test("a broken connection is reopened at the cursor, after a wait that doubles up to 30 s", async () => {
    const { sink } = join("a");
    await pass(GATHER_MS);
    server.print("a", 7);
    await pass(0);
    server.down = true;
    server.breakConnections();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 7; attempt++) {
      await pass(0);
      expect(sink.link?.state).toBe(attempt < PATIENCE ? "reconnecting" : "disconnected");
      const wait = (sink.link as { retryAt: number }).retryAt - Date.now();
      waits.push(wait);
      if (attempt === 7) server.down = false;
      await pass(wait);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(sink.link?.state).toBe("live");
    server.print("a", 1);
    await pass(0);
    expect(server.requests.at(-1)).toBe("run=a@7");
    expect(sink.lines).toEqual(upTo(8));
  });

  test("a person can try again at once", async () => {
    server.down = true;
    const { sink } = join("a");
    await pass(GATHER_MS);
    server.down = false;
    hub.retryNow();
    await pass(0);
    expect(sink.link?.state).toBe("live");
  });

  test("a viewer that comes while the server is away waits with the others", async () => {
    server.down = true;
    join("a");
    await pass(GATHER_MS);
    const late = join("b");
    await pass(GATHER_MS);
    expect(late.sink.link?.state).toBe("reconnecting");
    expect(server.requests).toHaveLength(1);
    server.down = false;
    await pass(1_000);
    expect(server.requests.at(-1)).toBe("run=a&run=b");
  });

  test("a connection that says nothing for too long is given up", async () => {
    const { sink } = join("a");
    await pass(GATHER_MS);
    await pass(SILENCE_MS);
    expect(sink.link).toMatchObject({ state: "reconnecting", reason: "nothing came for 45 s" });
  });

  test("a run that ended is not asked for again, and an end is no failure", async () => {
    const { sink } = join("a");
    await pass(GATHER_MS);
    server.complete("a");
    await pass(0);
    server.breakConnections();
    await pass(60_000);
    expect(sink.link?.state).toBe("ended");
    expect(server.requests).toHaveLength(1);
    const other = join("b");
    await pass(GATHER_MS);
    expect(server.requests.at(-1)).toBe("run=b");
    expect(other.sink.link?.state).toBe("live");
  });
});

test.each([
  [1, 0, 1_000],
  [3, 0, 3_000],
  [3, 1, 4_000],
  [50, 1, 30_000],
])("wait before try %i with chance %d: %i ms", (attempt, random, expected) => expect(backoff(attempt, random)).toBe(expected));
