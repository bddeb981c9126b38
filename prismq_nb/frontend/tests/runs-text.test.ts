import { describe, expect, test } from "vitest";
import {
  ago,
  errorsText,
  filterText,
  type ListedRun,
  nothingText,
  parseFilter,
  queryString,
  runsQueryIn,
  shownText,
  took,
} from "../src/runs/runs-text.js";

const run = (fields: Partial<ListedRun>): ListedRun =>
  ({ status: "running", levels: {}, duration_seconds: null, ...fields }) as ListedRun;
const ask = { limit: 50, offset: 0 };

describe("a filter", () => {
  test.each([
    ["", {}],
    ["  train ", { q: "train" }],
    ["failed", { status: "failed" }],
    ["Failed train", { status: "failed", q: "train" }],
    ["train --epochs=3 RUNNING", { status: "running", q: "train --epochs=3" }],
    ["failed running", { status: "failed", q: "running" }],
    ["fail", { q: "fail" }],
  ])("%j", (text, expected) => expect(parseFilter(text)).toEqual(expected));

  test("is shown as typed", () => {
    expect(filterText({ q: "a b", status: "failed" })).toBe("failed a b");
    expect(parseFilter(filterText({ q: "a b", status: "failed" }))).toEqual({
      q: "a b",
      status: "failed",
    });
  });

  test.each([
    [{ ...ask }, undefined],
    [{ ...ask, q: "x" }, "No runs match “x”"],
    [{ ...ask, q: "x", status: "failed" as const }, "No failed runs match “x”"],
    [{ ...ask, status: "failed" as const, module_id: "m" }, "No failed runs of m"],
    [{ limit: 50, offset: 1000 }, "No runs beyond the newest 1,000"],
  ])("%j without runs says %s", (question, words) => expect(nothingText(question)).toBe(words));
});

describe("an untrusted query in a notebook", () => {
  test.each([
    [undefined, ask],
    [null, ask],
    ["text", ask],
    [{ q: 3, status: "<b>", module_id: {}, limit: -1, offset: 1.5 }, ask],
    [
      { q: "x".repeat(9_000), limit: 0, offset: 0 },
      { q: "x".repeat(500), limit: 1, offset: 0 },
    ],
    [
      { limit: 1e9, offset: 7 },
      { limit: 1000, offset: 7 },
    ],
    [
      { q: "a&b=c", status: "failed", module_id: "m", limit: 3, offset: 0, url: "//evil" },
      { q: "a&b=c", status: "failed", module_id: "m", limit: 3, offset: 0 },
    ],
  ])("%j", (value, expected) => expect(runsQueryIn(value)).toEqual(expected));

  test("goes to the server as text", () => {
    expect(queryString({ q: "a&b=c d", limit: 50, offset: 0 })).toBe(
      "q=a%26b%3Dc+d&limit=50&offset=0",
    );
  });
});

test.each([
  [-5, "just now"],
  [4.9, "just now"],
  [12, "12 s ago"],
  [59.9, "59 s ago"],
  [180, "3 min ago"],
  [7_199, "1 h ago"],
  [47 * 3600, "47 h ago"],
  [49 * 3600, "2 d ago"],
])("%d seconds are %s", (seconds, words) => expect(ago(1e12, 1e12 + seconds * 1000)).toBe(words));

test("a time long ago is shown as a date", () =>
  expect(ago(Date.parse("2025-03-05T12:00:00Z"), Date.parse("2025-06-01T00:00:00Z"))).toBe(
    "2025-03-05",
  ));

test("the time of an active run grows; that of an ended one does not", () => {
  expect(took(run({ duration_seconds: 61.2 }), 2)).toBe("1 min 03 s");
  expect(took(run({ status: "failed", duration_seconds: 1.234 }), 100)).toBe("1.23 s");
  expect(took(run({ status: "queued" }), 100)).toBe("");
});

test.each([
  [{ records: { ERROR: 1, CRITICAL: 2, complete: true }, levels: { ERROR: 99 } }, "3"],
  [{ records: { ERROR: 1234, complete: false } }, "1,234+"],
  [{ records: { ERROR: 0, complete: false } }, "0"],
  [{ levels: { ERROR: 4, complete: true } }, "4"],
])("%j are %s errors", (fields, words) => expect(errorsText(run(fields))).toBe(words));

test.each([
  [1, 1, 0, "1 run"],
  [7, 7, 0, "7 runs"],
  [50, 3214, 0, "Newest 50 of 3,214 runs"],
  [50, 3214, 100, "101 to 150 of 3,214 runs"],
])("%d of %d from %d: %s", (shown, total, offset, words) =>
  expect(shownText(shown, { runs: [], total }, offset)).toBe(words),
);
