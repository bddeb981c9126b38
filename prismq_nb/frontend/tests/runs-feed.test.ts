import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Failure } from "../src/api/failure.js";
import { BUSY_MS, QUIET_MS, RunsFeed } from "../src/runs/runs-feed.js";
import { sorted } from "../src/runs/runs-sort.js";
import type { ListedRun, RunsPage } from "../src/runs/runs-words.js";
import type { Trouble } from "../src/stream/trouble.js";

const ENDED = { runs: [{ run_id: "a", status: "completed" }], total: 1 } as unknown as RunsPage;
const GOES_ON = { runs: [{ run_id: "a", status: "running" }], total: 1 } as unknown as RunsPage;

class Server {
  answer: RunsPage | Error = ENDED;
  visible = true;
  asked = 0;
  aborted = 0;
  readonly feed = new RunsFeed("limit=50", {
    ask: async (_query, signal) => {
      this.asked++;
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (signal.aborted) this.aborted++;
      if (this.answer instanceof Error) throw this.answer;
      return this.answer;
    },
    visible: () => this.visible,
    now: () => Date.now(),
    random: () => 1,
  });
}

class Table {
  readonly pages: RunsPage[] = [];
  readonly troubles: (Trouble | undefined)[] = [];
  page = (page: RunsPage): void => void this.pages.push(page);
  trouble = (trouble: Trouble | undefined): void => void this.troubles.push(trouble);
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

test("what cannot be seen asks nothing", async () => {
  await pass(60_000);
  expect(server.asked).toBe(0);
  server.feed.watch(table, true);
  await pass(20);
  expect(server.asked).toBe(1);
  server.feed.watch(table, false);
  await pass(60_000);
  expect(server.asked).toBe(1);
});

test("a page that is hidden asks nothing, and at once when it is shown again", async () => {
  server.feed.watch(table, true);
  await pass(20);
  server.visible = false;
  server.feed.review();
  await pass(60_000);
  expect(server.asked).toBe(1);
  server.visible = true;
  server.feed.review();
  await pass(20);
  expect(server.asked).toBe(2);
});

test.each([
  ["goes on", GOES_ON, BUSY_MS],
  ["has ended", ENDED, QUIET_MS],
  ["left something behind", { ...ENDED, runs: [{ ...ENDED.runs[0], output_open: true }] } as RunsPage, BUSY_MS],
])("the pace is that of what %s", async (_, answer, pace) => {
  server.answer = answer;
  server.feed.watch(table, true);
  await pass(10 * (pace + 10) - 5);
  expect(server.asked).toBe(10);
});

test("tables that ask the same share a request, and the second one has the answer at once", async () => {
  const other = new Table();
  server.feed.watch(table, true);
  await pass(20);
  server.feed.join(other);
  server.feed.watch(other, true);
  expect(other.pages).toEqual([ENDED]);
  await pass(QUIET_MS);
  expect(server.asked).toBe(2);
  expect(other.pages.length).toBe(2);
  server.feed.leave(table);
  await pass(QUIET_MS + 20);
  expect([server.asked, table.pages.length, other.pages.length]).toEqual([3, 2, 3]);
});

test("after a change it asks at once, also while an older answer is on its way", async () => {
  server.feed.watch(table, true);
  await pass(5);
  server.feed.refresh();
  await pass(20);
  expect(server.asked).toBe(2);
  await pass(QUIET_MS - 100);
  expect(server.asked).toBe(2);
});

test("a failure is told, with what was seen last; it asks less and less often, and says when it works again", async () => {
  server.feed.watch(table, true);
  await pass(20);
  server.answer = new Failure("not-running", "away", 503);
  await pass(QUIET_MS + 20);
  expect(table.troubles.map((trouble) => trouble?.state)).toEqual(["not-running"]);
  expect(table.pages.length).toBe(1);
  const asked = server.asked;
  await pass(60_000);
  expect(server.asked - asked).toBeLessThan(20);
  server.answer = ENDED;
  server.feed.refresh();
  await pass(20);
  expect(table.troubles.at(-1)).toBeUndefined();
  expect(table.pages.length).toBe(2);
});

test("nobody is told of a request that was given up", async () => {
  server.answer = new Failure("unreachable", "gone");
  server.feed.watch(table, true);
  await pass(5);
  server.feed.watch(table, false);
  await pass(60_000);
  expect([server.aborted, table.troubles.length]).toEqual([1, 0]);
});

test("runs are sorted by any column, and what is equal stays as it was listed", () => {
  const made = (run_id: string, module_name: string, lines: number, status: string): ListedRun => ({ run_id, module_name, lines, status, created_at: run_id, levels: {} }) as unknown as ListedRun;
  const runs = [made("3", "b", 5, "completed"), made("2", "A", 5, "running"), made("1", "c", 70, "failed")];
  const ids = (key: "started" | "name" | "lines" | "status" | "errors", descending: boolean): string => sorted(runs, { key, descending }).map(({ run_id }) => run_id).join("");
  expect(ids("started", true)).toBe("321");
  expect(ids("started", false)).toBe("123");
  expect(ids("name", false)).toBe("231");
  expect(ids("lines", true)).toBe("132");
  expect(ids("status", false)).toBe("213");
  expect(ids("errors", true)).toBe("321");
});
