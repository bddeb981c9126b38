import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Failure } from "../src/api/failure.js";
import { BUSY_MS, GATHER_MS, PATIENCE_MS, RunsFeed } from "../src/runs/runs-feed.js";
import { sorted } from "../src/runs/runs-header.js";
import type { ListedRun, RunsPage } from "../src/runs/runs-text.js";
import type { ConnectionProblem } from "../src/stream/connection-problem.js";
import type { RunChange } from "../src/stream/list-event.js";
import type { ListSink } from "../src/stream/list-followers.js";

const ENDED = { runs: [{ run_id: "a", status: "completed" }], total: 1 } as unknown as RunsPage;
const CHANGE = { kind: "removed", run_id: "a" } as RunChange;
const NONE: RunsPage = { runs: [], total: 0 };
const REFUSED: ConnectionProblem = { state: "reconnecting", reason: "refused", retryAt: 0 };

class Server {
  answer: RunsPage | Error = ENDED;
  visible = true;
  asked = 0;
  aborted = 0;
  /** Whether changes are followed. */
  isFollowed = false;
  sink: ListSink | undefined;
  /** What the changes make of the page. */
  result: RunsPage | undefined = NONE;
  readonly applied: RunChange[][] = [];
  readonly feed = new RunsFeed("limit=50", {
    ask: async (_query, signal) => {
      this.asked++;
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (signal.aborted) this.aborted++;
      if (this.answer instanceof Error) throw this.answer;
      return this.answer;
    },
    follow: (sink) => {
      this.sink = sink;
      return {
        watch: (on) => {
          if (on && !this.isFollowed) setTimeout(() => sink.reset(), 5);
          this.isFollowed = on;
        },
        end: () => (this.sink = undefined),
      };
    },
    apply: (_, changes) => {
      this.applied.push([...changes]);
      return this.result;
    },
    visible: () => this.visible,
    now: () => Date.now(),
    random: () => 1,
  });
}

class Table {
  readonly pages: RunsPage[] = [];
  readonly troubles: (ConnectionProblem | undefined)[] = [];
  page = (page: RunsPage): void => void this.pages.push(page);
  trouble = (trouble: ConnectionProblem | undefined): void => void this.troubles.push(trouble);
}

let server: Server;
let table: Table;

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  table = new Table();
  server.feed.join(table);
});
afterEach(() => vi.useRealTimers());

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

test("a table out of view requests nothing", async () => {
  await pass(60_000);
  expect([server.asked, server.isFollowed]).toEqual([0, false]);
  server.feed.watch(table, true);
  await pass(60_000);
  expect([server.asked, server.isFollowed]).toEqual([1, true]);
  server.feed.watch(table, false);
  await pass(60_000);
  expect([server.asked, server.isFollowed]).toEqual([1, false]);
});

test("a table in view requests nothing while nothing changes", async () => {
  server.feed.watch(table, true);
  await pass(24 * 3_600_000);
  expect([server.asked, table.pages]).toEqual([1, [ENDED]]);
});

test("without the stream of changes the runs are listed all the same", async () => {
  server.feed.watch(table, true);
  vi.clearAllTimers(); // the reset
  server.feed.review();
  await pass(PATIENCE_MS + 20);
  expect(table.pages).toEqual([ENDED]);
  server.sink?.trouble(REFUSED);
  expect(table.troubles).toEqual([REFUSED]);
  server.sink?.trouble(undefined);
  expect(table.troubles).toEqual([REFUSED, undefined]);
});

test("a hidden page requests nothing until it is shown again", async () => {
  server.visible = false;
  server.feed.watch(table, true);
  await pass(60_000);
  expect(server.asked).toBe(0);
  server.visible = true;
  server.feed.review();
  await pass(20);
  expect(server.asked).toBe(1);
});

test("changes that the page can absorb are applied together, without a request", async () => {
  server.feed.watch(table, true);
  await pass(20);
  for (let n = 0; n < 50; n++) server.sink?.changed(CHANGE);
  await pass(GATHER_MS);
  expect(server.applied.map((changes) => changes.length)).toEqual([50]);
  expect([server.asked, table.pages]).toEqual([1, [ENDED, NONE]]);
});

test("after any other change the runs are listed again, but not all the time", async () => {
  server.feed.watch(table, true);
  await pass(20);
  server.result = undefined;
  for (let second = 0; second < 20; second++) {
    server.sink?.changed(CHANGE);
    await pass(1_000);
  }
  expect(server.asked).toBeGreaterThan(5);
  expect(server.asked).toBeLessThanOrEqual(2 + 20_000 / BUSY_MS);
});

test("a change during a request is applied to its answer, which may be older", async () => {
  server.feed.watch(table, true);
  await pass(8);
  server.sink?.changed(CHANGE);
  await pass(60);
  expect([server.asked, table.pages]).toEqual([1, [ENDED, NONE]]);
});

test("after a reset the runs are listed again", async () => {
  server.feed.watch(table, true);
  await pass(20);
  server.sink?.reset();
  await pass(5);
  server.sink?.reset(); // during the request: its answer may be older
  await pass(40);
  expect(server.asked).toBe(3);
});

test("tables with the same query share one request; a later one is answered at once", async () => {
  const other = new Table();
  server.feed.watch(table, true);
  await pass(20);
  server.feed.join(other);
  server.feed.watch(other, true);
  expect(other.pages).toEqual([ENDED]);
  server.feed.refresh();
  await pass(20);
  expect(server.asked).toBe(2);
  server.feed.leave(table);
  server.sink?.changed(CHANGE);
  await pass(GATHER_MS);
  expect([table.pages, other.pages]).toEqual([[ENDED], [ENDED, NONE]]);
  server.feed.leave(other);
  expect(server.sink).toBeUndefined();
});

test("after an action it requests at once, even during an older request", async () => {
  server.feed.watch(table, true);
  await pass(8);
  server.feed.refresh();
  await pass(20);
  expect(server.asked).toBe(2);
});

test("after a failure the rows stay, requests back off, and recovery is reported", async () => {
  server.feed.watch(table, true);
  await pass(20);
  server.answer = new Failure("not-running", "away", 503);
  server.feed.refresh();
  await pass(20);
  expect(table.troubles.map((trouble) => trouble?.state)).toEqual(["not-running"]);
  expect(table.pages.length).toBe(1);
  const asked = server.asked;
  await pass(60_000);
  expect(server.asked - asked).toBeLessThan(20);
  server.answer = { ...ENDED };
  server.feed.retryNow();
  await pass(20);
  expect(table.troubles.at(-1)).toBeUndefined();
  expect(table.pages.length).toBe(2);
  const last = server.asked;
  server.feed.retryNow(); // nothing is wrong
  await pass(60_000);
  expect(server.asked).toBe(last);
});

test("an aborted request is not reported", async () => {
  server.answer = new Failure("unreachable", "gone");
  server.feed.watch(table, true);
  await pass(8);
  server.feed.watch(table, false);
  await pass(60_000);
  expect([server.aborted, table.troubles.length]).toEqual([1, 0]);
});

test("runs are sorted by any column, and the sort is stable", () => {
  const made = (run_id: string, module_name: string, lines: number, status: string): ListedRun =>
    ({
      run_id,
      module_name,
      lines,
      status,
      created_at: run_id,
      levels: {},
    }) as unknown as ListedRun;
  const runs = [
    made("3", "b", 5, "completed"),
    made("2", "A", 5, "running"),
    made("1", "c", 70, "failed"),
  ];
  const ids = (
    key: "started" | "name" | "lines" | "status" | "errors",
    descending: boolean,
  ): string =>
    sorted(runs, { key, descending })
      .map(({ run_id }) => run_id)
      .join("");
  expect(ids("started", true)).toBe("321");
  expect(ids("started", false)).toBe("123");
  expect(ids("name", false)).toBe("231");
  expect(ids("lines", true)).toBe("132");
  expect(ids("status", false)).toBe("213");
  expect(ids("errors", true)).toBe("321");
});
