import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import CASES from "../../../tests/support/quantity_cases.json"; // Python's tests read it, too
import {
  bytes,
  clock,
  countOf,
  duration,
  endDetails,
  exitReason,
  fullTimestamp,
  localAndUtcTime,
  type Timestamps,
  timeSpan,
  timestamp,
} from "../src/base/format.js";

test.each([
  [0, "0 s"],
  [59.9, "59 s"],
  [600, "10 min 00 s"],
  [725, "12 min 05 s"],
  [3_723, "1 h 02 min"],
  [183_845, "2 d 03 h"],
  [34_041_600, "394 d 00 h"],
])("%d s on the clock: %s", (seconds, expected) => expect(clock(seconds)).toBe(expected));

test.each(CASES.durations as [number, string][])("a run of %d s: %s", (seconds, expected) =>
  expect(duration(seconds)).toBe(expected),
);

test.each(CASES.counts as [number, string, string][])("%d %s: %s", (value, noun, expected) =>
  expect(countOf(value, noun)).toBe(expected),
);

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_200, "1.2 kB"],
  [5_300_000, "5.3 MB"],
  [999_999, "1.0 MB"],
  [48_000_000_000, "48 GB"],
])("%i bytes: %s", (value, expected) => expect(bytes(value)).toBe(expected));

test.each([
  [0, "completed", "exit", "exit code 0"],
  [3, "failed", "exit", "exit code 3"],
  [137, "failed", "exit", "exit code 137: a process was killed by SIGKILL, out of memory?"],
  [137, "failed", "timeout", "exit code 137"],
  [-9, "failed", "signal", "killed by SIGKILL, out of memory?"],
  [-9, "cancelled", "stopped", "killed by SIGKILL"],
  [-9, "failed", "timeout", "killed by SIGKILL"],
  [-15, "cancelled", "stopped", "ended by SIGTERM"],
  [-11, "failed", "signal", "ended by SIGSEGV"],
  [-64, "failed", "signal", "ended by signal 64"],
  [null, "failed", "supervisor_lost", "exit code unknown"],
] as const)("exit %s, %s, %s: %s", (exit_code, status, end_reason, expected) =>
  expect(exitReason({ exit_code, status, end_reason })).toBe(expected),
);

test.each([
  [1, "exit", "ValueError: x", "exit code 1 · ValueError: x"],
  [1, "exit", null, "exit code 1"],
  [
    -11,
    "signal",
    "a process still held its output",
    "ended by SIGSEGV · a process still held its output",
  ],
  [-9, "signal", null, "killed by SIGKILL, out of memory?"],
  [0, "exit", null, "exit code 0"],
  [
    null,
    "supervisor_lost",
    "its supervisor was killed",
    "exit code unknown · its supervisor was killed",
  ],
] as const)("exit %s, %s, %s: %s", (exit_code, end_reason, error_detail, expected) =>
  expect(endDetails({ exit_code, status: "failed", end_reason, error_detail })).toBe(expected),
);

test.each([
  [0, "completed", "exit", null, "", ""],
  [1, "failed", "exit", "ValueError: x", "", "ValueError: x"],
  [1, "failed", "exit", null, "exit code 1", "exit code 1"],
  [3, "failed", "exit", null, "exit code 3", "exit code 3"],
  [null, "cancelled", "stopped", null, "interrupted", "interrupted"],
  [
    null,
    "failed",
    "kernel_lost",
    "the kernel was restarted",
    "the kernel was restarted",
    "the kernel was restarted",
  ],
  [null, "failed", "kernel_lost", null, "the kernel was lost", "the kernel was lost"],
  [
    -9,
    "failed",
    "signal",
    "the kernel was killed by SIGKILL",
    "killed by SIGKILL, out of memory?",
    "the kernel was killed by SIGKILL",
  ],
  [null, "failed", "supervisor_lost", "its supervisor was killed", "", "its supervisor was killed"],
] as const)(
  "a cell with exit %s, %s, %s, %s: %s; %s",
  (exit_code, status, end_reason, error_detail, reason, details) => {
    const run = { kind: "cell", exit_code, status, end_reason, error_detail } as const;
    expect([exitReason(run), endDetails(run)]).toEqual([reason, details]);
  },
);

test("timestamps of a line", () => {
  const stamp = 1_761_912_001_123_456;
  const shown = (mode: Timestamps, utc = false, before?: number): string =>
    timestamp(stamp, mode, utc, {
      start: before && stamp - before,
      previous: before && stamp - before,
    });
  expect(shown("off")).toBe("");
  expect(shown("elapsed", false, 61_500_000)).toBe("+1:01.500");
  expect(shown("elapsed", false, 1_500_000)).toBe("+1.500");
  expect(shown("delta", false, 1_500)).toBe("+0.002");
  expect(shown("time")).toMatch(/^\d\d:\d\d:01\.123$/);
  expect(shown("datetime")).toMatch(/^2025-\d\d-\d\d \d\d:\d\d:01\.123$/);
  expect(shown("time", true)).toBe("12:00:01.123");
  expect(shown("datetime", true)).toBe("2025-10-31 12:00:01.123");
  expect(fullTimestamp(stamp)).toMatch(
    /^2025-10-31 12:00:01\.123456 UTC$|\)\n2025-10-31 12:00:01\.123456 UTC$/,
  );
});

test.each(["elapsed", "delta"] as const)("the origin of %s can be unknown", (mode) => {
  expect(timestamp(1, mode, false, { start: undefined, previous: undefined })).toBe("");
});

test("a span across midnight has dates", () => {
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
    expect(localAndUtcTime(Date.parse("2025-03-05T12:00:07.5Z"))).toBe(expected);
  });

  test("a span has local times, or UTC on request", () => {
    const [begin, end] = [Date.parse("2025-03-05T12:00:07.5Z"), Date.parse("2025-03-05T12:00:09Z")];
    const local = expected.slice(11, 19);
    expect(timeSpan(begin, end, false)).toBe(`${local} to ${local.slice(0, -1)}9`);
    expect(timeSpan(begin, end, true)).toBe("12:00:07 to 12:00:09 UTC");
  });
});
