import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { followCounts } from "../src/stream/late-counts.js";
import type { RunStatus } from "../src/base/protocol.js";
import { RunStore } from "../src/stream/store.js";

const RUN = "run_20251031_120000_collect_abc123";
const status = (complete: boolean, errors = 0): RunStatus =>
  ({ run_id: RUN, status: "failed", levels: { ERROR: errors, complete } }) as unknown as RunStatus;
const END = { status: "failed", exit_code: 1, total_lines: 3 } as const;

function ended(complete: boolean, fetchStatus: (run: string) => Promise<RunStatus>): RunStore {
  const store = new RunStore(RUN, vi.fn());
  followCounts(store, fetchStatus);
  store.batch({ run: RUN, first: 0, total: 3, status: status(complete), complete: END }, true);
  return store;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("counts that were not whole at the end are asked for until they are", async () => {
  const fetched = vi.fn<(run: string) => Promise<RunStatus>>()
    .mockRejectedValueOnce(new TypeError("gone"))
    .mockResolvedValueOnce(status(false, 1))
    .mockResolvedValue(status(true, 2));
  const store = ended(false, fetched);
  await vi.runAllTimersAsync();
  expect(fetched.mock.calls).toEqual([[RUN], [RUN], [RUN]]);
  expect(store.status?.levels?.["ERROR"]).toBe(2);
});

test("counts that are whole are not asked for", async () => {
  const fetched = vi.fn<(run: string) => Promise<RunStatus>>();
  ended(true, fetched);
  await vi.runAllTimersAsync();
  expect(fetched).not.toHaveBeenCalled();
});

test("they are asked for as long as they grow, every 5 s at least", async () => {
  let errors = 0;
  const fetched = vi.fn(async () => status(errors === 200, errors++));
  const store = ended(false, fetched);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(fetched.mock.calls.length).toBeGreaterThan(12);
  await vi.runAllTimersAsync();
  expect(store.status?.levels?.["ERROR"]).toBe(200);
});

test("those of records, which are shown, are asked for as well", async () => {
  const late = { ...status(true, 2), records: { ERROR: 0, complete: false } } as unknown as RunStatus;
  const fetched = vi.fn(async () => ({ ...status(true, 2), records: { ERROR: 2, complete: true } }) as unknown as RunStatus);
  const store = new RunStore(RUN, vi.fn());
  followCounts(store, fetched);
  store.batch({ run: RUN, first: 0, total: 3, status: late, complete: END }, true);
  await vi.runAllTimersAsync();
  expect(store.status?.records?.["ERROR"]).toBe(2);
});

test("a run whose counts stay behind is not asked for ever", async () => {
  const fetched = vi.fn<(run: string) => Promise<RunStatus>>().mockResolvedValue(status(false));
  ended(false, fetched);
  await vi.runAllTimersAsync();
  expect(fetched.mock.calls.length).toBe(30);
});
