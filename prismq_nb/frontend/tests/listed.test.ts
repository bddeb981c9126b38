import { expect, test } from "vitest";
import { applied } from "../src/runs/listed.js";
import type { ListedRun, RunsPage, RunsQuery } from "../src/runs/runs-text.js";
import type { RunChange } from "../src/stream/list-event.js";

const made = (second: number, more: Partial<ListedRun> = {}): ListedRun => {
  const name = more.module_name ?? "train";
  const run_id = `run_20251031_1200${String(second).padStart(2, "0")}_${name}_abc123`;
  const created_at = `2025-10-31T12:00:${String(second).padStart(2, "0")}.000001Z`;
  return { run_id, created_at, module_name: name, status: "running", ...more } as ListedRun;
};
const page = (total: number, ...runs: ListedRun[]): RunsPage => ({ runs, total });
const is = (run: ListedRun): RunChange => ({ kind: "run", run });
const gone = ({ run_id }: ListedRun): RunChange => ({ kind: "removed", run_id });
const ALL: RunsQuery = { limit: 3, offset: 0 };
const [a, b, c, d] = [made(1), made(2), made(3), made(4)];
const ended = made(2, { status: "failed" });

test.each<[string, RunsPage, RunChange[], RunsQuery, RunsPage | undefined]>([
  ["a shown run changes", page(2, b, a), [is(ended)], ALL, page(2, ended, a)],
  ["a run appears", page(2, b, a), [is(c)], ALL, page(3, c, b, a)],
  ["a run appears on a full page", page(3, c, b, a), [is(d)], ALL, page(4, d, c, b)],
  ["an older run appears", page(2, c, a), [is(b)], ALL, page(3, c, b, a)],
  ["a run beyond a full page changes", page(4, d, c, b), [is(a)], ALL, undefined],
  ["a shown run is removed", page(2, b, a), [gone(b)], ALL, page(1, a)],
  ["another run is removed", page(2, b, a), [gone(d)], ALL, page(2, b, a)],
  ["a run is removed, and one from beyond moves up", page(4, d, c, b), [gone(c)], ALL, undefined],
  ["the last run is removed", page(1, a), [gone(a)], ALL, page(0)],
  ["a run appears and is removed", page(1, a), [is(b), gone(b)], ALL, page(1, a)],
  ["a run appears before a later page", page(9, b), [is(c)], { ...ALL, offset: 3 }, undefined],
  ["a run of no interest changes", page(0), [is(ended)], { ...ALL, status: "running" }, page(0)],
  ["a run leaves", page(2, b, a), [is(ended)], { ...ALL, status: "running" }, page(1, a)],
  ["the text matches", page(0), [is(a)], { ...ALL, q: "TRAIN" }, page(1, a)],
  [
    "the arguments match",
    page(0),
    [is(made(1, { arguments: "-x" }))],
    { ...ALL, q: "-X" },
    page(1, made(1, { arguments: "-x" })),
  ],
  ["the text does not match", page(0), [is(a)], { ...ALL, q: "other" }, page(0)],
  ["the module does not match", page(0), [is(a)], { ...ALL, module_id: "m" }, page(0)],
])("%s", (_, before, changes, query, expected) => {
  expect(applied(before, changes, query)).toEqual(expected);
});

test("a run that did not change stays the same object, which says how old it is", () => {
  expect(applied(page(2, b, a), [is(ended)], ALL)?.runs[1]).toBe(a);
});
