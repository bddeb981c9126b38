import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Failure } from "../src/api/failure.js";
import { backoff } from "../src/base/backoff.js";
import { HttpError } from "../src/base/page.js";
import { QUIET_MS, SILENCE_MS } from "../src/stream/connection.js";
import { MAX_RECONNECTING } from "../src/stream/connection-problem.js";
import { GATHER_MS, LINGER_MS, StreamHub } from "../src/stream/hub.js";
import { FakeRun, FakeServer, upTo } from "./support/streams.js";

describe("the hub", () => {
  let server: FakeServer;
  let hub: StreamHub;
  let seen: boolean;
  let recoveries: number;
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  const join = (run: string) => {
    const sink = new FakeRun(run);
    const subscription = hub.subscribe(sink);
    subscription.watch(true);
    return { sink, subscription };
  };

  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer();
    seen = true;
    recoveries = 0;
    const environment = {
      visible: () => seen,
      now: () => Date.now(),
      random: () => 1,
      recovered: () => void recoveries++,
    };
    hub = new StreamHub({ open: server.open, probe: server.probe, ...environment });
  });
  afterEach(() => vi.useRealTimers());

  test("opens one stream for all runs of one frame", async () => {
    join("a");
    join("b");
    await pass(GATHER_MS);
    expect(server.requests).toEqual(["run=a&run=b"]);
    expect(server.openStreams).toBe(1);
  });

  test("adding a run loses and repeats no lines of the others", async () => {
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
    expect(sink.first).toEqual([true, false, false, true, false]);
    expect(server.openStreams).toBe(1);
  });

  test("lines in flight while the stream is replaced arrive exactly once", async () => {
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

  test("removing a run does not disturb the others", async () => {
    const { sink } = join("a");
    const { subscription } = join("b");
    await pass(GATHER_MS);
    server.print("a", 4);
    await pass(0);
    subscription.end();
    await pass(LINGER_MS);
    server.print("a", 4);
    await pass(0);
    expect(server.requests.at(-1)).toBe("run=a@4");
    expect(sink.lines).toEqual(upTo(8));
  });

  test("scrolling out of view and back within the grace period reopens nothing", async () => {
    const { subscription } = join("a");
    await pass(GATHER_MS);
    subscription.watch(false);
    await pass(LINGER_MS / 2);
    subscription.watch(true);
    await pass(LINGER_MS * 2);
    expect(server.requests).toHaveLength(1);
    expect(server.openStreams).toBe(1);
  });

  test("a run out of view is dropped even if another was added meanwhile", async () => {
    const { subscription } = join("a");
    await pass(GATHER_MS);
    subscription.watch(false);
    join("b");
    await pass(GATHER_MS);
    expect(server.requests.at(-1)).toBe("run=b&run=a@0");
    await pass(LINGER_MS);
    expect(server.requests.at(-1)).toBe("run=b@0");
  });

  test("no stream is open while nothing is visible; it resumes at the cursor", async () => {
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

  test("a broken connection reopens at the cursor, waits double up to 4 s", async () => {
    const { sink } = join("a");
    await pass(GATHER_MS);
    server.print("a", 7);
    await pass(0);
    server.down = true;
    server.breakConnections();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 7; attempt++) {
      await pass(0);
      expect(sink.link?.state).toBe(attempt < MAX_RECONNECTING ? "reconnecting" : "disconnected");
      const wait = (sink.link as { retryAt: number }).retryAt - Date.now();
      waits.push(wait);
      if (attempt === 7) server.down = false;
      await pass(wait);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 4_000, 4_000, 4_000, 4_000]);
    expect(sink.link?.state).toBe("live");
    server.print("a", 1);
    await pass(0);
    expect(server.requests.at(-1)).toBe("run=a@7");
    expect(sink.lines).toEqual(upTo(8));
  });

  test("a person can retry at once", async () => {
    server.down = true;
    const { sink } = join("a");
    await pass(GATHER_MS);
    server.down = false;
    hub.retryNow();
    await pass(0);
    expect(sink.link?.state).toBe("live");
  });

  test("a stream that died during sleep reopens as soon as the person is back", async () => {
    const { sink } = join("a");
    await pass(GATHER_MS);
    server.print("a", 3);
    await pass(0);
    vi.setSystemTime(Date.now() + 3_600_000); // no timer ran meanwhile
    hub.retryNow();
    await pass(0);
    expect(server.requests).toEqual(["run=a", "run=a@3"]);
    expect([server.openStreams, sink.link?.state]).toEqual([1, "live"]);
  });

  test("a stream that falls silent is probed; one that delivers is not", async () => {
    join("a");
    await pass(GATHER_MS);
    server.print("a", 1);
    await pass(1_000);
    hub.retryNow();
    await pass(0);
    expect(server.probes).toEqual([]);
    await pass(9_000);
    hub.retryNow();
    await pass(0);
    expect([server.probes, server.requests]).toEqual([["a"], ["run=a"]]);
  });

  test("an attempt that hangs is aborted and repeated", async () => {
    server.down = true;
    const { sink } = join("a");
    await pass(GATHER_MS);
    server.hangs = true;
    await pass(1_000);
    expect(server.requests).toHaveLength(2);
    server.down = server.hangs = false;
    await pass(4_000 + 2_000);
    expect(sink.link?.state).toBe("live");
  });

  test("a viewer added while the server is away waits with the others", async () => {
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

  test("a connection that is silent for too long is closed", async () => {
    const { sink } = join("a");
    await pass(GATHER_MS);
    await pass(SILENCE_MS);
    expect(sink.link).toMatchObject({ state: "reconnecting", reason: "no data for 45 s" });
    expect(server.probes).toEqual(["a", "a"]);
  });

  const REFUSALS: [string, () => Error, string][] = [
    ["403", () => new HttpError(403, { message: "Forbidden" }), "signed-out"],
    ["401", () => new HttpError(401), "signed-out"],
    ["a redirect", () => new HttpError(302), "signed-out"],
    ["424", () => new HttpError(424), "not-running"],
    ["502", () => new HttpError(502), "not-running"],
    ["503", () => new HttpError(503), "not-running"],
    ["no answer", () => new TypeError("Failed to fetch"), "reconnecting"],
  ];

  describe.each(REFUSALS)("%s", (_, error, state) => {
    test("to a probe of a stream held open by a proxy is noticed; it resumes", async () => {
      const { sink } = join("a");
      await pass(GATHER_MS);
      server.print("a", 4);
      await pass(0);
      server.refusal = error;
      await pass(QUIET_MS);
      expect(sink.link?.state).toBe(state);
      expect(server.openStreams).toBe(0);
      server.refusal = undefined;
      server.print("a", 2);
      await pass(1_000);
      expect(sink.link?.state).toBe("live");
      expect(sink.lines).toEqual(upTo(6));
      expect(recoveries).toBe(1);
    });

    test("to another request is noticed at once", async () => {
      const { sink } = join("a");
      await pass(GATHER_MS);
      server.refusal = error;
      hub.suspect("a");
      await pass(0);
      expect(sink.link?.state).toBe(state);
    });

    test("is retried after waits that double, and at once when the person comes back", async () => {
      server.refusal = error;
      const { sink } = join("a");
      await pass(GATHER_MS);
      await pass(15_000);
      // nobody signs in unseen
      expect(server.requests).toHaveLength(state === "signed-out" ? 5 : 6);
      server.refusal = undefined;
      hub.retryNow();
      await pass(0);
      expect(sink.link?.state).toBe("live");
    });

    test("to a request about an ended run is shown until a request succeeds", async () => {
      const { sink } = join("a");
      const other = join("calm");
      await pass(GATHER_MS);
      server.complete("a");
      server.complete("calm");
      await pass(LINGER_MS);
      expect(sink.link?.state).toBe("ended");
      server.refusal = error;
      hub.suspect("a");
      await pass(0);
      expect([sink.link?.state, other.sink.link?.state]).toEqual([state, "ended"]);
      server.refusal = undefined;
      await pass(1_000);
      expect(sink.link?.state).toBe("ended");
      await pass(120_000);
      expect([server.probes.length, server.requests.length, recoveries]).toEqual([2, 1, 1]);
    });
  });

  test("a single failed request changes nothing", async () => {
    const { sink } = join("a");
    await pass(GATHER_MS);
    hub.suspect("a");
    hub.suspect("a");
    await pass(0);
    expect([sink.link?.state, server.openStreams, server.probes.length]).toEqual(["live", 1, 1]);
  });

  test("with too many streams, the retry waits as long as the server says", async () => {
    server.refusal = () => new Failure("busy", "too many streams", 429, 7_000);
    const { sink } = join("a");
    await pass(GATHER_MS);
    expect(sink.link).toMatchObject({ state: "busy", reason: "too many streams" });
    await pass(6_900);
    expect(server.requests).toHaveLength(1);
    server.refusal = undefined;
    await pass(200);
    expect(sink.link?.state).toBe("live");
  });

  test("an ended run is not requested again, and its end is not a failure", async () => {
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
  [50, 1, 4_000],
])("wait before try %i with chance %d: %i ms", (attempt, random, expected) =>
  expect(backoff(attempt, random)).toBe(expected),
);
