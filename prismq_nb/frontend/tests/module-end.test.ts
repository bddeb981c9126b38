import { expect, test, vi } from "vitest";
import { ModuleEnd } from "../src/module-end.js";
import { type Line, type RunStatus, stampOf } from "../src/protocol.js";

const END = "2025-10-31T12:00:01.000005Z";
const ended = { status: "completed", exit_code: 0, completed_at: END } as RunStatus;
/** Lines stamped one µs after the other, of which the first `before` are not later than the end. */
const lines = (before: number) => (n: number): Line => ({ n, stamp: stampOf(END) + n - before + 1 }) as Line;
const never = (): Promise<number> => Promise.reject(new Error("asked"));
const nothing = (): void => undefined;

test.each<[string, number, number, number]>([
  ["nothing came later", 5, 5, 5],
  ["two lines came later", 3, 5, 3],
  ["all came later", 0, 4, 0],
])("%s", (_, before, total, place) => expect(new ModuleEnd(lines(before), never, nothing).place(ended, total)).toBe(place));

test("it stays where it was when more comes", () => {
  const end = new ModuleEnd(lines(3), never, nothing);
  expect(end.place(ended, 4)).toBe(3);
  expect(end.place(ended, 1e9)).toBe(3);
});

test.each<[string, Partial<RunStatus>]>([
  ["goes on", { status: "running", completed_at: null }],
  ["ended when nobody looked", { exit_code: null }],
])("a run that %s has none", (_, status) => expect(new ModuleEnd(lines(1), never, nothing).place({ ...ended, ...status }, 9)).toBe(9));

test("the server is asked, once, where the page has not the lines", async () => {
  const ask = vi.fn(() => Promise.resolve(7));
  const changed = vi.fn();
  const end = new ModuleEnd((n) => (n > 90 ? lines(7)(n) : undefined), ask, changed);
  expect(end.place(ended, 100)).toBe(100);
  expect(end.place(ended, 101)).toBe(101);
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(ask).toHaveBeenCalledExactlyOnceWith(END);
  expect(end.place(ended, 101)).toBe(7);
});
