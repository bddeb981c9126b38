import { expect, test } from "vitest";
import type { Line, RunStatus } from "../src/base/protocol.js";
import { Announcer, MIN_INTERVAL_MS } from "../src/viewer/announcer.js";

const status = (ERROR: number, CRITICAL = 0): RunStatus =>
  ({ levels: { ERROR, CRITICAL, INFO: 1_000 } }) as never;
const get = (n: number): Line | undefined =>
  n < 9
    ? {
        n,
        stamp: 0,
        level: n === 7 ? "ERROR" : "INFO",
        stream: "stderr",
        text: `line ${n}`,
        length: 6,
      }
    : undefined;
const heard = (
  announcer: Announcer,
  now: number,
  run: RunStatus | undefined,
  total = 9,
): string | undefined => announcer.announcement(run, total, get, now, (text) => text);

test("only new errors are announced, with the newest", () => {
  const announcer = new Announcer();
  expect(heard(announcer, 0, undefined)).toBeUndefined();
  expect(heard(announcer, 0, status(5), 6)).toBeUndefined();
  expect(heard(announcer, 1, status(6))).toBe("1 new error: line 7");
});
test("announcements are throttled, and none is lost", () => {
  const announcer = new Announcer();
  heard(announcer, 0, status(0), 6);
  expect(heard(announcer, 1, status(1))).toBe("1 new error: line 7");
  expect(heard(announcer, MIN_INTERVAL_MS, status(40, 2))).toBeUndefined();
  expect(heard(announcer, MIN_INTERVAL_MS + 1, status(41, 2))).toBe("42 new errors: line 7");
});
test("other levels are not announced", () => {
  const announcer = new Announcer();
  heard(announcer, 0, status(0), 6);
  expect(heard(announcer, 1, { levels: { INFO: 99, WARNING: 9 } } as never)).toBeUndefined();
});
test("earlier errors that are counted late are not announced", () => {
  const announcer = new Announcer();
  heard(announcer, 0, status(0), 9);
  expect(heard(announcer, 1, status(1), 9)).toBeUndefined();
  expect(heard(announcer, 2, status(1), 9)).toBeUndefined();
});
test("records are announced, not the lines of a traceback", () => {
  const announcer = new Announcer();
  const run = (lines: number, records: number): RunStatus => ({
    ...status(lines),
    records: { ERROR: records, INFO: 1_000 },
  });
  heard(announcer, 0, run(0, 0), 6);
  expect(heard(announcer, 1, run(155, 1))).toBe("1 new error: line 7");
});
