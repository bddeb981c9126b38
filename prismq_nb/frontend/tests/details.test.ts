import { expect, test } from "vitest";
import { entriesOf } from "../src/details.js";
import type { RunStatus } from "../src/protocol.js";

const RUN = "run_20251031_120000_collect_abc123";
const entries = (status: Partial<RunStatus>) =>
  Object.fromEntries(entriesOf(RUN, { status: "running", started_at: "2025-10-31T12:00:01.123456Z", bytes: 12_345, exit_code: null, error_message: null, ...status } as RunStatus));

test("a run with a terminal", () =>
  expect(entries({ terminal: [110, 40], takes_input: true, encoding: "utf-8" })).toEqual({
    Run: RUN,
    Started: "2025-10-31 12:00:01 UTC",
    Streams: "terminal 110 × 40",
    Input: "open",
    Output: "12 kB",
  }));

test.each<[string, Partial<RunStatus>, string]>([
  ["waits", { takes_input: true, waiting_for_input: true }, "waits for a line"],
  ["waits for a password", { takes_input: true, hides_input: true }, "waits for a hidden line"],
  ["has pipes, closed", { terminal: null, takes_input: false }, "closed; launch with terminal=True or stdin=True to answer"],
  ["has a terminal, closed", { terminal: [80, 24], takes_input: false }, "closed"],
])("the input of a run that %s", (_, status, text) => expect(entries(status)["Input"]).toBe(text));

test("one that has ended, with what it left behind, and its encoding", () =>
  expect(
    entries({ status: "completed", exit_code: 0, encoding: "shift_jis", output_open: true, background: [{ pid: 7, name: "web" }, { pid: 8, name: "sh" }] }),
  ).toMatchObject({ Completed: "exit code 0", Streams: "pipes", Encoding: "shift_jis", Background: "web (7), sh (8)" }));
