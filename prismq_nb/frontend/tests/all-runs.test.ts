import { expect, test } from "vitest";
import { grouped, HEADING_PX, Layout, type Section } from "../src/all-runs/layout.js";
import { EVERYTHING, nothingFound, queryIn, toggled, writeQuery } from "../src/all-runs/query.js";
import { progressText, usageText } from "../src/all-runs/run-words.js";
import { PAGE_RUNS, Windows } from "../src/all-runs/windows.js";
import type { ListedRun } from "../src/runs/runs-text.js";

const ROW = 50;

function run(run_id: string, more: Partial<ListedRun> = {}): ListedRun {
  return { run_id, module_name: run_id, status: "completed", levels: {}, ...more } as ListedRun;
}

function section(key: string, runs: readonly (ListedRun | undefined)[], heading = true): Section {
  return {
    key,
    heading: heading ? key : undefined,
    count: runs.length,
    at: (index) => runs[index],
  };
}

test.each([
  ["", EVERYTHING],
  [
    "status=failed,failed,queued&q=a+b&sort=-duration&group=notebook",
    {
      statuses: ["failed", "queued"],
      q: "a b",
      log: "",
      sort: "-duration",
      group: "notebook",
    },
  ],
  ["status=<b>,toString&sort=constructor&group=__proto__", EVERYTHING],
])("the address %s", (address, expected) => {
  expect(queryIn(new URLSearchParams(address))).toEqual(expected);
});

test("an address has what is not as usual, and keeps what is not ours", () => {
  const parameters = new URLSearchParams("other=1&status=failed&sort=name");
  writeQuery({ ...EVERYTHING, q: "x" }, parameters);
  expect(parameters.toString()).toBe("other=1&q=x");
});

test("a status is switched on and off", () => {
  const on = toggled(EVERYTHING, ["running", "queued"]);
  expect(on.statuses).toEqual(["running", "queued"]);
  expect(toggled(on, ["running", "queued"]).statuses).toEqual([]);
  expect(nothingFound({ ...on, q: "x" })).toBe("No running runs match “x”");
  expect(nothingFound(EVERYTHING)).toBeUndefined();
});

test("headings and runs are where the heights say", () => {
  const many = Array.from({ length: 1_000 }, (_, index) => run(`b${index}`));
  const layout = new Layout([section("a", [run("a0")]), section("b", many)], ROW);
  expect([layout.height, layout.count]).toEqual([2 * HEADING_PX + 1_001 * ROW, 1_001]);
  expect(layout.visible({ top: 0, height: 100 }).map(({ key, top }) => [key, top])).toEqual([
    ["heading a", 0],
    ["a0", HEADING_PX],
    ["heading b", HEADING_PX + ROW],
  ]);
  const begin = 2 * HEADING_PX + ROW + 500 * ROW;
  const middle = layout.visible({ top: begin, height: 2 * ROW });
  expect(middle.map(({ key, top }) => [key, top])).toEqual([
    ["b500", begin],
    ["b501", begin + ROW],
  ]);
  expect([layout.topOf(501), layout.at(501)?.run_id]).toEqual([begin, "b500"]);
  expect(layout.indexOf("b500")).toBe(501);
  expect(layout.at(1_001)).toBeUndefined();
});

test("a run that two pages have is drawn once", () => {
  const layout = new Layout([section("a", [run("x"), run("x"), undefined], false)], ROW);
  expect(layout.visible({ top: 0, height: 150 }).map(({ key }) => key)).toEqual([
    "x",
    "a 1",
    "a 2",
  ]);
});

test("runs are grouped in the order of the first of each", () => {
  const runs = [
    run("1", { notebook: "b/c.ipynb" }),
    run("2"),
    run("3", { origin: { kind: "notebook", notebook: "b/c.ipynb" } }),
  ];
  const groups = grouped(runs, "notebook");
  expect(groups.map(({ heading, count }) => [heading, count])).toEqual([
    ["b/c.ipynb", 2],
    ["Not from a notebook", 1],
  ]);
  expect(groups[0]?.at(1)?.run_id).toBe("3");
});

test("pages are wanted when they are missing or out of date", () => {
  const windows = new Windows();
  expect(windows.wanted(0, 10)).toEqual([0]);
  windows.put(0, [run("a")], 1_000);
  expect(windows.wanted(0, 10)).toEqual([]);
  expect(windows.wanted(50, 250)).toEqual([1, 2]);
  windows.invalidate();
  expect(windows.wanted(0, 10)).toEqual([0]);
  expect(windows.at(0)?.run_id).toBe("a");
  windows.put(0, [], 0);
  windows.invalidate();
  expect(windows.wanted(300, 400)).toEqual([0]); // whether it is still empty
});

test("old pages are forgotten", () => {
  const windows = new Windows();
  for (let page = 0; page < 40; page++) windows.put(page, [run(`p${page}`)], 40 * PAGE_RUNS);
  expect([...windows].length).toBe(30);
  expect(windows.at(0)).toBeUndefined();
});

test.each([
  [{ progress_percent: 25, duration_seconds: 10 }, 0, "25% · 30 s left"],
  [{ progress_percent: 25, duration_seconds: 10 }, 20, "25% · 1 min 30 s left"],
  [{ progress_percent: 1, duration_seconds: 10 }, 0, "1%"],
  [{ progress_percent: 100, duration_seconds: 10 }, 0, "100%"],
  [{ progress_percent: null }, 0, ""],
])("progress of %j after %d s", (more, since, expected) => {
  expect(progressText(run("a", { status: "running", ...more }), since)).toBe(expected);
});

test("CPU and memory are those of a running run", () => {
  const more = { cpu_percent: 98.4, memory_bytes: 1.2e9 };
  expect(usageText(run("a", { status: "running", ...more }))).toBe("98% CPU · 1.2 GB");
  expect(usageText(run("a", more))).toBe("");
});
