import { expect, test } from "vitest";
import type { Line, RunStatus } from "../src/base/protocol.js";
import { PACE_MS, Speaker } from "../src/viewer/speaker.js";

const status = (ERROR: number, CRITICAL = 0): RunStatus => ({ levels: { ERROR, CRITICAL, INFO: 1_000 } }) as never;
const get = (n: number): Line | undefined => (n < 9 ? { n, stamp: 0, level: n === 7 ? "ERROR" : "INFO", stream: "stderr", text: `line ${n}`, length: 6 } : undefined);
const heard = (speaker: Speaker, now: number, run: RunStatus | undefined, total = 9): string | undefined => speaker.news(run, total, get, now, (text) => text);

test("only new errors are told, with the newest", () => {
  const speaker = new Speaker();
  expect(heard(speaker, 0, undefined)).toBeUndefined();
  expect(heard(speaker, 0, status(5), 6)).toBeUndefined();
  expect(heard(speaker, 1, status(6))).toBe("1 new error: line 7");
});
test("not too often, and none is left out", () => {
  const speaker = new Speaker();
  heard(speaker, 0, status(0), 6);
  expect(heard(speaker, 1, status(1))).toBe("1 new error: line 7");
  expect(heard(speaker, PACE_MS, status(40, 2))).toBeUndefined();
  expect(heard(speaker, PACE_MS + 1, status(41, 2))).toBe("42 new errors: line 7");
});
test("other levels are not told", () => {
  const speaker = new Speaker();
  heard(speaker, 0, status(0), 6);
  expect(heard(speaker, 1, { levels: { INFO: 99, WARNING: 9 } } as never)).toBeUndefined();
});
test("errors that were there before and are counted late are not told", () => {
  const speaker = new Speaker();
  heard(speaker, 0, status(0), 9);
  expect(heard(speaker, 1, status(1), 9)).toBeUndefined();
  expect(heard(speaker, 2, status(1), 9)).toBeUndefined();
});
test("records are told, not the lines of a traceback", () => {
  const speaker = new Speaker();
  const run = (lines: number, records: number): RunStatus => ({ ...status(lines), records: { ERROR: records, INFO: 1_000 } });
  heard(speaker, 0, run(0, 0), 6);
  expect(heard(speaker, 1, run(155, 1))).toBe("1 new error: line 7");
});
