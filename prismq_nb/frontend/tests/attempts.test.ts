import { expect, test, vi } from "vitest";
import { attemptHint } from "../src/toolbar/attempts.js";
import { parts } from "../src/toolbar/restart-problem.js";

vi.mock("../src/api/ask.js", () => ({ ask: vi.fn() }));

const ENDED = {
  run_id: "run",
  attempt: 2,
  status: "failed",
  created_at: "2026-01-02T03:04:05.678901Z",
  started_at: "2026-01-02T03:04:06.000000Z",
  duration_seconds: 2.345,
} as const;

test.each([
  [ENDED, "Failed \u00b7 2026-01-02 03:04:06 \u00b7 2.35 s"],
  [{ ...ENDED, status: "running" }, "Running \u00b7 2026-01-02 03:04:06"],
  [
    { ...ENDED, status: "queued", started_at: null, duration_seconds: null },
    "Queued \u00b7 2026-01-02 03:04:05",
  ],
] as const)("an attempt %o in the menu", (attempt, expected) => {
  expect(attemptHint(attempt, true)).toBe(expected);
});

test.each([
  [
    "x needs A: call prismq_nb.get('x').restart()",
    ["x needs A: call", "prismq_nb.get('x').restart()"],
  ],
  ["script is 'a.py': there is no such file", ["script is 'a.py': there is no such file", ""]],
  ["", ["", ""]],
])("a reason %s in its parts", (problem, expected) => {
  expect(parts(problem)).toEqual(expected);
});
