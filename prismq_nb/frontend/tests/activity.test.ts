import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Activity, GATHER_MS, HIDDEN_MS } from "../src/runs/activity.js";
import { runningText } from "../src/runs/running-text.js";
import type { ListedRun } from "../src/runs/runs-text.js";
import type { ListSink } from "../src/stream/list-followers.js";

const listed = (name: string, status: string, more: Partial<ListedRun> = {}) =>
  ({ run_id: name, module_name: name, status, created_at: name, ...more }) as ListedRun;
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

let answer: ListedRun[] | Error;
let queries: string[];
let seen: boolean;
let watched: boolean[];
let sink: ListSink;
let active: string[];
let ended: string[];
let activity: Activity;
const change = (run: ListedRun): void => sink.changed({ kind: "run", run });

beforeEach(() => {
  vi.useFakeTimers();
  [answer, queries, seen, watched, active, ended] = [[], [], true, [], [], []];
  activity = new Activity({
    follow: async (given) => {
      sink = given;
      return { watch: (on) => watched.push(on), end: () => undefined };
    },
    ask: async (query) => {
      queries.push(query);
      if (answer instanceof Error) throw answer;
      return { runs: answer, total: answer.length };
    },
    visible: () => seen,
    now: () => Date.now(),
    random: () => 1,
  });
});
afterEach(() => vi.useRealTimers());

async function started(): Promise<void> {
  activity.join({
    active: (runs) => {
      active = runs.map(({ run_id }) => run_id);
    },
    ended: (runs) => {
      ended = runs.map(({ run_id }) => run_id);
    },
  });
  await pass(0);
  sink.reset();
  await pass(0);
}

test("active runs are listed once, and then only their changes matter", async () => {
  answer = [listed("a", "running"), listed("b", "queued")];
  await started();
  expect(active).toEqual(["b", "a"]);
  change(listed("c", "running"));
  change(listed("a", "failed"));
  change(listed("old", "completed"));
  await pass(GATHER_MS);
  expect([active, ended]).toEqual([["c", "b"], ["a"]]);
  sink.changed({ kind: "removed", run_id: "b" });
  await pass(GATHER_MS);
  expect([active, ended]).toEqual([["c"], ["a"]]);
  expect(queries).toEqual(["status=running,queued&limit=1000"]);
});

test("after a gap, the same question asks for the runs that have ended meanwhile", async () => {
  answer = [listed("a", "running"), listed("b", "running")];
  await started();
  answer = [listed("a", "completed"), listed("d", "failed")];
  sink.reset();
  await pass(0);
  expect(queries[1]).toMatch(/^changed_since=20\d\d-.*Z&limit=1000$/);
  expect([active, ended]).toEqual([[], ["a"]]);
});

test("ends of runs that an earlier page saw are told; those of others are not", async () => {
  activity.expect({ runs: ["a"], at: Date.now() });
  answer = [listed("a", "failed"), listed("b", "failed")];
  await started();
  expect(ended).toEqual(["a"]);
});

test("changes during a request are applied to its answer", async () => {
  await started();
  answer = [listed("a", "running")];
  sink.reset();
  change(listed("a", "failed"));
  await pass(GATHER_MS);
  expect([active, ended]).toEqual([[], ["a"]]);
});

test("a request that failed is sent again", async () => {
  answer = new Error("no answer");
  await started();
  answer = [listed("a", "running")];
  await pass(2_000);
  expect(active).toEqual(["a"]);
});

test("a hidden page follows while a run is active and a while longer, and then rests", async () => {
  answer = [listed("a", "running"), listed("away", "running", { unreachable: true })];
  await started();
  seen = false;
  activity.review();
  await pass(10 * HIDDEN_MS);
  expect(watched.at(-1)).toBe(true);
  change(listed("a", "failed"));
  await pass(GATHER_MS + HIDDEN_MS);
  expect([ended, watched.at(-1)]).toEqual([["a"], false]);
  seen = true;
  activity.review();
  await pass(0);
  expect(watched.at(-1)).toBe(true);
});

test("a page that was never seen asks nothing", async () => {
  seen = false;
  activity.join({ active: () => undefined });
  await pass(10 * HIDDEN_MS);
  expect(watched).toEqual([]);
});

test("the status bar has the number of running runs and the progress of the newest", () => {
  const runs = [
    listed("b\u202e\nx", "running", { progress_percent: 43.9 }),
    listed("q", "queued"),
    listed("a", "running"),
  ];
  const title = "b x · 43%\na\nClick to show the runs";
  expect(runningText(runs)).toEqual({ text: "2 running · 43%", title });
  expect(runningText([listed("q", "queued")]).text).toBe("");
});

test("the tooltip of the status bar counts what it does not name", () => {
  const runs = Array.from({ length: 12 }, (_, n) => listed("x".repeat(10_000 + n), "running"));
  const lines = runningText(runs).title.split("\n");
  expect(lines.slice(-2)).toEqual(["2 more", "Click to show the runs"]);
  expect(lines[0]).toHaveLength(60);
});
