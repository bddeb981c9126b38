import { expect, test } from "vitest";
import type { Batch, RunStatus, WireLine } from "../src/base/protocol.js";
import { Conversation } from "../src/stream/conversation.js";

const RUN = "run_20251031_120000_collect_abc123";
const line = (n: number): WireLine => [n, n, "INFO", "stdout", `line ${n}`];
const batch = (parts: Partial<Batch>): Batch => ({ run: RUN, first: 0, total: 0, ...parts });
const status = { status: "running" } as RunStatus;
const end = { status: "completed", exit_code: 0, total_lines: 2 } as const;

test("the cursor is the line after the last one received", () => {
  const conversation = new Conversation(RUN);
  expect(conversation.cursor).toBeUndefined();
  conversation.take(batch({ first: 700, total: 702, lines: [line(700), line(701)] }));
  expect(conversation.cursor).toBe(702);
  conversation.take(batch({ first: 702, total: 702 }));
  expect(conversation.cursor).toBe(702);
});

test("a run without lines has a cursor, so that its first lines cannot be skipped", () => {
  const conversation = new Conversation(RUN);
  conversation.take(batch({}));
  expect(conversation.cursor).toBe(0);
});

test("only the first batch of each connection is the first", () => {
  const conversation = new Conversation(RUN);
  expect([conversation.take(batch({})), conversation.take(batch({}))]).toEqual([true, false]);
  conversation.open();
  expect([conversation.take(batch({})), conversation.take(batch({}))]).toEqual([true, false]);
});

test("where another tab has the connection, nothing is taken before a first batch", () => {
  const conversation = new Conversation(RUN);
  expect(conversation.take(batch({ total: 5 }), false)).toBeUndefined();
  expect(conversation.hasBegun).toBe(false);
  expect(conversation.take(batch({ total: 5 }), true)).toBe(true);
  expect(conversation.take(batch({ total: 6 }), true)).toBe(true); // it reconnected
  expect(conversation.take(batch({ total: 7 }), false)).toBe(false);
  expect(conversation.facts.total).toBe(7);
});

test.each([
  ["the end", { complete: end }],
  ["an error", { error: "gone" }],
])("nothing is taken after %s", (_, last) => {
  const conversation = new Conversation(RUN);
  conversation.take(batch({ status, ...last }));
  expect(conversation.isOver).toBe(true);
  conversation.open();
  expect(conversation.take(batch({ total: 9 }))).toBeUndefined();
  expect(conversation.facts).toEqual({ total: 0, status, ...last });
});

test("what a batch leaves out is unchanged, what a first one leaves out is empty", () => {
  const conversation = new Conversation(RUN);
  const pending = { stdout: "50%", stderr: "" };
  const gap = { before: 1, lines: 1, bytes: 1, begin: "a", end: "b", reason: "disk-full" };
  conversation.take(batch({ status, pending, usage: null, gaps: [gap] }));
  conversation.take(batch({ total: 1 }));
  expect(conversation.facts).toEqual({ total: 1, status, pending, usage: null, gaps: [gap] });
  conversation.open();
  conversation.take(batch({ total: 2 }));
  expect(conversation.facts).toEqual({ total: 2, status, gaps: [gap] });
});

test("a snapshot has all but the lines", () => {
  const conversation = new Conversation(RUN);
  const lines = [line(0), line(1)];
  conversation.take(
    batch({ total: 2, lines, sgr: {}, drawn: {}, prompts: [1], skipped: 3, status }),
  );
  expect(conversation.snapshot()).toEqual(batch({ first: 2, total: 2, status }));
});
