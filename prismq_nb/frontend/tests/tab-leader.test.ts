import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { GATHER_MS, LINGER_MS, type Sink, StreamHub } from "../src/stream/hub.js";
import { RunStore } from "../src/stream/store.js";
import type { Channel, Locks } from "../src/stream/tab-leader.js";
import { FakeList, FakeRun, FakeServer, upTo } from "./support/streams.js";

/**
 * The Web Locks of one browser: exclusive, first come, first served. A crashed window loses all of
 * its locks.
 */
class FakeLocks {
  readonly #queues = new Map<string, { window: string; start: () => void }[]>();
  readonly #ends = new Map<string, Set<() => void>>();

  of(window: string): Locks {
    return { request: (name, { signal }, holding) => this.#request(window, name, signal, holding) };
  }

  crash(window: string): void {
    for (const end of this.#ends.get(window) ?? []) end();
  }

  async #request(
    window: string,
    name: string,
    signal: AbortSignal,
    holding: () => Promise<void>,
  ): Promise<void> {
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    const crashed = new Promise<void>((resolve) =>
      this.#ends.set(window, (this.#ends.get(window) ?? new Set()).add(resolve)),
    );
    await new Promise<void>((resolve, reject) => {
      const entry = { window, start: resolve };
      const leave = (): void => {
        if (queue[0] !== entry) queue.splice(queue.indexOf(entry), 1);
      };
      signal.addEventListener("abort", () => {
        leave();
        reject(new Error("aborted"));
      });
      void crashed.then(leave);
      if (queue.push(entry) === 1) resolve();
    });
    await Promise.race([holding(), crashed]);
    queue.shift();
    queue[0]?.start();
  }
}

class FakeChannels {
  readonly #ports = new Map<string, (event: { data: unknown }) => void>();

  of(window: string): Channel {
    return {
      postMessage: (message) => {
        const copy = JSON.stringify(message); // what cannot be cloned must fail here, too
        for (const [name, hear] of this.#ports)
          if (name !== window)
            queueMicrotask(() => this.#ports.has(name) && hear({ data: JSON.parse(copy) }));
      },
      addEventListener: (_, listener) => void this.#ports.set(window, listener),
    };
  }

  crash(window: string): void {
    this.#ports.delete(window);
  }
}

describe("windows of one browser", () => {
  let server: FakeServer;
  let locks: FakeLocks;
  let channels: FakeChannels;
  const crashed = new Set<string>();
  /** The window that has opened the newest stream. */
  let leader: string;
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

  const openWindow = (id: string) => {
    const page = { seen: true };
    const environment = {
      open: async (query: string, signal: AbortSignal) => {
        if (crashed.has(id)) throw new Error("no such window");
        leader = id;
        return server.open(query, signal);
      },
      probe: server.probe,
      visible: () => page.seen,
      now: () => Date.now(),
      random: () => 1,
    };
    const hub = new StreamHub(environment, { locks: locks.of(id), channel: channels.of(id), id });
    const show = (seen: boolean): void => {
      page.seen = seen;
      hub.visibilityChanged();
    };
    const join = <S extends Sink>(sink: S): S => {
      hub.subscribe(sink).watch(true);
      return sink;
    };
    return { hub, show, join };
  };
  const crash = (id: string): void => {
    crashed.add(id);
    channels.crash(id);
    locks.crash(id);
    server.breakConnections(); // the leader's was the only one
  };

  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer();
    locks = new FakeLocks();
    channels = new FakeChannels();
    crashed.clear();
  });
  afterEach(() => vi.useRealTimers());

  test("a hidden leader that follows the list gives way to a visible window", async () => {
    const hidden = openWindow("w0");
    const lists = [hidden, openWindow("w1"), openWindow("w2")].map(({ hub }) => {
      const list = new FakeList();
      hub.followList(list, { whileHidden: true }).watch(true);
      return list;
    });
    const first = openWindow("w3");
    await pass(GATHER_MS * 3);
    hidden.show(false);
    await pass(LINGER_MS + GATHER_MS);
    server.change();
    first.join(new FakeRun("a"));
    await pass(GATHER_MS * 3);
    server.change();
    await pass(0);
    for (const list of lists) expect(list.received).toEqual(["reset", 1, 2]);
    expect(server.openStreams).toBe(1);
    expect(leader).toBe("w1");
  });

  test("eight share one stream, and each gets its runs", async () => {
    const runs = upTo(8).map((n) => openWindow(`w${n}`).join(new FakeRun(`r${n % 2}`)));
    await pass(GATHER_MS * 3);
    expect(server.openStreams).toBe(1);
    server.print("r0", 3);
    server.print("r1", 2);
    await pass(0);
    expect(runs.map((run) => run.lines)).toEqual(upTo(8).map((n) => upTo(n % 2 ? 2 : 3)));
    expect(runs.map((run) => run.link?.state)).toEqual(Array(8).fill("live"));
  });

  test("they share the changes of the list, also when the leader crashes", async () => {
    const lists = upTo(3).map((n) => {
      const list = new FakeList();
      openWindow(`w${n}`).hub.followList(list).watch(true);
      return list;
    });
    await pass(GATHER_MS * 3);
    server.change();
    await pass(0);
    expect(server.requests.filter((request) => request !== "runs=")).toEqual([]);
    expect(lists.map(({ received }) => received)).toEqual(Array(3).fill(["reset", 1]));
    crash("w0");
    server.change();
    await pass(60_000);
    server.change();
    await pass(0);
    expect(server.openStreams).toBe(1);
    expect(lists.slice(1).map(({ received }) => received)).toEqual(
      Array(2).fill(["reset", 1, 2, 3]),
    );
    const late = new FakeList();
    openWindow("late").hub.followList(late).watch(true);
    await pass(GATHER_MS);
    server.change();
    await pass(0);
    expect(late.received).toEqual(["reset", 4]);
  });

  test("a new one knows the state and the end of the log at once", async () => {
    openWindow("first").join(new FakeRun("a"));
    await pass(GATHER_MS);
    server.print("a", 5);
    await pass(0);
    const requests = server.requests.length;
    const store = openWindow("late").join(
      new RunStore("a", async () => Promise.reject(new Error("no fetch wanted"))),
    );
    await pass(GATHER_MS);
    expect(store.connection.state).toBe("live");
    expect(store.buffer.total).toBe(5);
    server.print("a", 2);
    await pass(0);
    expect(store.buffer.total).toBe(7);
    expect(store.buffer.get(6)?.n).toBe(6);
    expect(server.requests).toHaveLength(requests);
  });

  test("when the leader is hidden, the next one resumes at the cursor", async () => {
    const first = openWindow("first");
    first.join(new FakeRun("a"));
    const run = openWindow("second").join(new FakeRun("a"));
    await pass(GATHER_MS * 2);
    server.print("a", 4);
    await pass(0);
    first.show(false);
    await pass(LINGER_MS + GATHER_MS);
    expect(server.openStreams).toBe(1);
    expect(server.requests.at(-1)).toBe("run=a@4");
    server.print("a", 4);
    await pass(0);
    expect(run.lines).toEqual(upTo(8));
    first.show(true);
    await pass(GATHER_MS);
    expect(server.openStreams).toBe(1);
  });

  test("when the leader crashes, the next one resumes at the cursor", async () => {
    openWindow("first").join(new FakeRun("a"));
    const run = openWindow("second").join(new FakeRun("a"));
    await pass(GATHER_MS * 2);
    server.print("a", 4);
    await pass(0);
    crash("first");
    server.print("a", 1);
    await pass(GATHER_MS);
    expect(server.openStreams).toBe(1);
    expect(run.lines).toEqual(upTo(5));
    expect(run.link?.state).toBe("live");
  });

  test("runs of a crashed window are dropped", async () => {
    openWindow("first").join(new FakeRun("a"));
    openWindow("second").join(new FakeRun("b"));
    await pass(GATHER_MS * 2);
    expect(server.requests.at(-1)).toBe("run=a@0&run=b");
    crashed.add("second");
    channels.crash("second");
    locks.crash("second");
    await pass(GATHER_MS);
    expect(server.requests.at(-1)).toMatch(/^run=a(@\d+)?$/);
  });

  test("all are notified of a broken connection, and all can retry at once", async () => {
    const runs = ["first", "second"].map((id) => ({
      window: openWindow(id),
      run: new FakeRun("a"),
    }));
    for (const { window, run } of runs) window.join(run);
    await pass(GATHER_MS * 2);
    server.down = true;
    server.breakConnections();
    await pass(0);
    expect(runs.map(({ run }) => run.link?.state)).toEqual(["reconnecting", "reconnecting"]);
    const late = openWindow("late").join(new FakeRun("b"));
    await pass(GATHER_MS);
    expect(late.link?.state).toBe("reconnecting");
    server.down = false;
    runs[1]?.window.hub.retryNow();
    await pass(0);
    expect([...runs.map(({ run }) => run), late].map((run) => run.link?.state)).toEqual([
      "live",
      "live",
      "live",
    ]);
  });

  test("no stream is open while nothing is visible in any of them", async () => {
    const windows = ["first", "second"].map(openWindow);
    for (const window of windows) window.join(new FakeRun("a"));
    await pass(GATHER_MS * 2);
    for (const window of windows) window.show(false);
    await pass(LINGER_MS + GATHER_MS);
    expect(server.openStreams).toBe(0);
    windows[1]?.show(true);
    await pass(GATHER_MS);
    expect(server.openStreams).toBe(1);
  });
});
