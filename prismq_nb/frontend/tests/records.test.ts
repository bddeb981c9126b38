import { expect, test } from "vitest";
import type { RunStatus } from "../src/base/protocol.js";
import { levelCounts, recordText, shortCount } from "../src/base/records.js";

type Counts = RunStatus["levels"];
const errors = (levels: Counts, records?: Counts) =>
  levelCounts({ levels, records } as never).find(({ level }) => level === "ERROR")!;

test.each<[string, Counts, Counts | undefined, string, string]>([
  ["a traceback is one", { ERROR: 155, complete: true }, { ERROR: 1 }, "1", "1 error in 155 lines"],
  ["several", { ERROR: 161, complete: true }, { ERROR: 3 }, "3", "3 errors in 161 lines"],
  ["as many as lines", { ERROR: 4, complete: true }, { ERROR: 4 }, "4", "4 errors"],
  [
    "counting goes on",
    { ERROR: 90, complete: false },
    { ERROR: 22 },
    "22+",
    "at least 22 errors in 90 lines",
  ],
  ["a run that counted no records", { ERROR: 7, complete: true }, undefined, "7", "7 errors"],
  [
    "one whose records are all 0",
    { ERROR: 7, complete: true },
    { ERROR: 0, INFO: 0 },
    "7",
    "7 errors",
  ],
  [
    "very many",
    { ERROR: 2e6, complete: true },
    { ERROR: 1_234_567 },
    "1.23M",
    "1,234,567 errors in 2,000,000 lines",
  ],
])("%s", (_, levels, records, short, text) => {
  expect(shortCount(errors(levels, records))).toBe(short);
  expect(recordText(errors(levels, records))).toBe(text);
});

test("no status: no counts", () =>
  expect(levelCounts(undefined).every(({ lines, records }) => !lines && !records)).toBe(true));
