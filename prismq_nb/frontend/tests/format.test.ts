import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { bothTimes, bytes, clock, countOf, duration, endDetails, exitReason, fullTimestamp, timeSpan, timestamp, type Timestamps } from "../src/base/format.js";

test.each([
  [0, "0 s"],
  [59.9, "59 s"],
  [600, "10 min 00 s"],
  [725, "12 min 05 s"],
  [3_723, "1 h 02 min"],
  [183_845, "2 d 03 h"],
  [34_041_600, "394 d 00 h"],
])("%d s on the clock: %s", (seconds, expected) => expect(clock(seconds)).toBe(expected));

test.each([
  [0.424, "0.42 s"],
  [12.34, "12.3 s"],
  [9.999, "10.0 s"],
  [59.99, "1 min"],
  [65, "1 min 5 s"],
  [3_600, "1 h"],
  [3_723, "1 h 2 min"],
  [183_845, "2 d 3 h"],
  [101, "1 min 41 s"],
])("a run of %d s: %s", (seconds, expected) => expect(duration(seconds)).toBe(expected));

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_200, "1.2 kB"],
  [5_300_000, "5.3 MB"],
  [999_999, "1.0 MB"],
  [48_000_000_000, "48 GB"],
])("%i bytes: %s", (value, expected) => expect(bytes(value)).toBe(expected));

test.each([
  [0, "completed", null, "exit code 0"],
  [3, "failed", "exit code 3: oh", "exit code 3"],
  [137, "failed", "exit code 137", "exit code 137: a process was killed by SIGKILL, out of memory?"],
  [-9, "failed", "killed by SIGKILL", "killed by SIGKILL, out of memory?"],
  [-9, "cancelled", null, "killed by SIGKILL"],
  [-9, "failed", "stopped because it ran longer than its timeout of 5 s", "killed by SIGKILL"],
  [-15, "cancelled", null, "ended by SIGTERM"],
  [-11, "failed", "killed by SIGSEGV", "ended by SIGSEGV"],
  [-64, "failed", null, "ended by signal 64"],
  [null, "failed", null, "exit code unknown"],
] as const)("exit %s, %s: %s", (exit_code, status, error_message, expected) => expect(exitReason({ exit_code, status, error_message })).toBe(expected));

test.each([
  [1, "exit code 1: ValueError: x", "exit code 1 · ValueError: x"],
  [1, "exit code 1", "exit code 1"],
  [-11, "killed by SIGSEGV; a process still held its output", "ended by SIGSEGV · a process still held its output"],
  [-9, "killed by SIGKILL", "killed by SIGKILL, out of memory?"],
  [0, null, "exit code 0"],
  [null, "its supervisor was killed", "exit code unknown · its supervisor was killed"],
])("exit %s, %s: %s", (exit_code, error_message, expected) => expect(endDetails({ exit_code, status: "failed", error_message })).toBe(expected));

test("one line, many lines", () => expect([countOf(1, "line"), countOf(12_345, "line")]).toEqual(["1 line", "12,345 lines"]));

test("times of a line", () => {
  const stamp = 1_761_912_001_123_456;
  const shown = (mode: Timestamps, utc = false, before?: number): string =>
    timestamp(stamp, mode, utc, { start: before && stamp - before, previous: before && stamp - before });
  expect(shown("off")).toBe("");
  expect(shown("elapsed", false, 61_500_000)).toBe("+1:01.500");
  expect(shown("elapsed", false, 1_500_000)).toBe("+1.500");
  expect(shown("delta", false, 1_500)).toBe("+0.002");
  expect(shown("time")).toMatch(/^\d\d:\d\d:01\.123$/);
  expect(shown("datetime")).toMatch(/^2025-\d\d-\d\d \d\d:\d\d:01\.123$/);
  expect(shown("time", true)).toBe("12:00:01.123");
  expect(shown("datetime", true)).toBe("2025-10-31 12:00:01.123");
  expect(fullTimestamp(stamp)).toMatch(/^2025-10-31 12:00:01\.123456 UTC$|\)\n2025-10-31 12:00:01\.123456 UTC$/);
});

test.each(["elapsed", "delta"] as const)("what %s is counted from can be unknown", (mode) => {
  expect(timestamp(1, mode, false, { start: undefined, previous: undefined })).toBe("");
});

test("a span over midnight has its dates", () => {
  const [begin, end] = [Date.parse("2025-03-05T23:59:59Z"), Date.parse("2025-03-06T00:00:01Z")];
  expect(timeSpan(begin, end, true)).toBe("2025-03-05 23:59:59 to 2025-03-06 00:00:01 UTC");
});

describe.each([
  ["UTC", "2025-03-05 12:00:07 UTC"],
  ["Asia/Kolkata", "2025-03-05 17:30:07 (UTC+05:30)\n2025-03-05 12:00:07 UTC"],
  ["America/St_Johns", "2025-03-05 08:30:07 (UTC\u221203:30)\n2025-03-05 12:00:07 UTC"],
])("in %s", (zone, expected) => {
  beforeAll(() => void vi.stubEnv("TZ", zone));
  afterAll(() => void vi.unstubAllEnvs());

  test("a tooltip has the local time with its zone, and UTC", () => {
    expect(bothTimes(Date.parse("2025-03-05T12:00:07.5Z"))).toBe(expected);
  });

  test("a span has local times, in UTC only where that is wanted", () => {
    const [begin, end] = [Date.parse("2025-03-05T12:00:07.5Z"), Date.parse("2025-03-05T12:00:09Z")];
    const local = expected.slice(11, 19);
    expect(timeSpan(begin, end, false)).toBe(`${local} to ${local.slice(0, -1)}9`);
    expect(timeSpan(begin, end, true)).toBe("12:00:07 to 12:00:09 UTC");
  });
});
