import { expect, test } from "vitest";
import { detailOf } from "../src/lab/running.js";
import type { ListedRun } from "../src/runs/runs-text.js";

const NOW = Date.parse("2026-01-02T14:30:00Z");

test.each([
  [{ progress_percent: 42.9 }, "2026-01-02T14:02:00.000000Z", "42%"],
  [{ progress_percent: null }, "2026-01-02T14:29:01.000000Z", "< 1 min"],
  [{ progress_percent: null }, "2026-01-02T14:30:09.000000Z", "< 1 min"],
  [{ progress_percent: null }, "2026-01-02T14:26:59.000000Z", "3 min"],
  [{ progress_percent: null }, "2025-12-31T13:00:00.000000Z", "2 d 1 h"],
  [{ stopping: true }, "2026-01-02T14:02:00.000000Z", "stopping"],
  [{ unreachable: true }, "2026-01-02T14:02:00.000000Z", "unreachable"],
  [{ status: "queued" as const }, null, "queued"],
])("beside a run with %j that began at %s stands %s", (more, started_at, text) => {
  const run = { status: "running", stopping: false, started_at, ...more } as ListedRun;
  expect(detailOf(run, NOW)).toBe(text);
});
