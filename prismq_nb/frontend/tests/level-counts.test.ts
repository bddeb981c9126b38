import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Batch, RunStatus } from "../src/base/protocol.js";
import { followCounts } from "../src/stream/level-counts.js";
import { RunStore } from "../src/stream/store.js";

const RUN = "run_20251031_120000_collect_abc123";
const status = (complete: boolean, errors = 0): RunStatus =>
  ({ run_id: RUN, status: "failed", levels: { ERROR: errors, complete } }) as unknown as RunStatus;
const END = { status: "failed", exit_code: 1, total_lines: 3 } as const;

function end(store: RunStore, batch: Batch): void {
  store.conversation.take(batch);
  store.batch(batch, true);
}

function ended(complete: boolean, fetchStatus: (run: string) => Promise<RunStatus>): RunStore {
  const store = new RunStore(RUN, vi.fn());
  followCounts(store, fetchStatus);
  end(store, { run: RUN, first: 0, total: 3, status: status(complete), complete: END });
  return store;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("counts that are incomplete at the end are requested until complete", async () => {
  const fetched = vi
    .fn<(run: string) => Promise<RunStatus>>()
    .mockRejectedValueOnce(new TypeError("gone"))
    .mockResolvedValueOnce(status(false, 1))
    .mockResolvedValue(status(true, 2));
  const store = ended(false, fetched);
  await vi.runAllTimersAsync();
  expect(fetched.mock.calls).toEqual([[RUN], [RUN], [RUN]]);
  expect(store.status?.levels?.ERROR).toBe(2);
});

test("complete counts are not requested", async () => {
  const fetched = vi.fn<(run: string) => Promise<RunStatus>>();
  ended(true, fetched);
  await vi.runAllTimersAsync();
  expect(fetched).not.toHaveBeenCalled();
});

test("they are requested as long as they grow, at least every 5 s", async () => {
  let errors = 0;
  const fetched = vi.fn(async () => status(errors === 200, errors++));
  const store = ended(false, fetched);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(fetched.mock.calls.length).toBeGreaterThan(12);
  await vi.runAllTimersAsync();
  expect(store.status?.levels?.ERROR).toBe(200);
});

test("counts of records are requested as well", async () => {
  const late = {
    ...status(true, 2),
    records: { ERROR: 0, complete: false },
  } as unknown as RunStatus;
  const fetched = vi.fn(
    async () =>
      ({ ...status(true, 2), records: { ERROR: 2, complete: true } }) as unknown as RunStatus,
  );
  const store = new RunStore(RUN, vi.fn());
  followCounts(store, fetched);
  end(store, { run: RUN, first: 0, total: 3, status: late, complete: END });
  await vi.runAllTimersAsync();
  expect(store.status?.records?.ERROR).toBe(2);
});

test("requests stop for a run whose counts stay incomplete", async () => {
  const fetched = vi.fn<(run: string) => Promise<RunStatus>>().mockResolvedValue(status(false));
  ended(false, fetched);
  await vi.runAllTimersAsync();
  expect(fetched.mock.calls.length).toBe(30);
});
