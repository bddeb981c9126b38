import { describe, expect, test } from "vitest";
import type { Line } from "../src/base/protocol.js";
import { BUDGET_BYTES, LineBuffer, PAGE_LINES } from "../src/stream/buffer.js";

const HUGE = "x".repeat(16_000);
const line = (n: number, text = "text"): Line => ({
  n,
  stamp: n,
  level: "INFO",
  stream: "stdout",
  text,
  length: text.length,
});
const filled = (first: number, end: number, text?: string): LineBuffer => {
  const buffer = new LineBuffer();
  for (let n = first; n < end; n++) buffer.put(line(n, text));
  return buffer;
};

describe("missing", () => {
  const buffer = filled(10, 20);
  buffer.grow(100);
  test.each<[string, [number, number], [number, number] | undefined]>([
    ["nothing, where all is there", [10, 19], undefined],
    ["what stands before", [5, 15], [5, 9]],
    ["what stands after", [15, 25], [20, 25]],
    ["the hull of both sides", [5, 25], [5, 25]],
    ["nothing past the end of the log", [95, 200], [95, 99]],
    ["nothing before the first line", [-5, 12], [0, 9]],
    ["not more than was asked for", [0, 99], [0, 49]],
  ])("%s", (_, range, expected) => expect(buffer.missing(range, 50)).toEqual(expected));
});

describe("trim", () => {
  test("drops nothing while there is space", () => {
    const buffer = filled(0, 3 * PAGE_LINES);
    buffer.trim([]);
    expect(buffer.get(0)).toBeDefined();
  });

  test("drops the least recently used page, wherever it is", () => {
    const buffer = filled(0, 3 * PAGE_LINES, HUGE);
    buffer.trim([[0, 0]]);
    expect(buffer.bytes).toBeLessThanOrEqual(BUDGET_BYTES);
    expect(buffer.get(0)).toBeDefined();
    expect(buffer.get(PAGE_LINES)).toBeUndefined();
  });

  test("keeps pages in view, even above the limit", () => {
    const buffer = filled(0, 3 * PAGE_LINES, HUGE);
    buffer.trim([[0, 3 * PAGE_LINES - 1]]);
    expect(buffer.get(0)).toBeDefined();
    expect(buffer.get(3 * PAGE_LINES - 1)).toBeDefined();
    buffer.trim([]);
    expect(buffer.bytes).toBeLessThanOrEqual(BUDGET_BYTES);
  });

  test("counts a repeated line once", () => {
    const once = filled(0, 900);
    const twice = filled(0, 900);
    for (let n = 0; n < 900; n++) twice.put(line(n));
    expect(twice.bytes).toBe(once.bytes);
  });
});

test("the total grows with lines and with what the server says, and never shrinks", () => {
  const buffer = filled(0, 5);
  expect(buffer.total).toBe(5);
  buffer.grow(50);
  buffer.grow(20);
  expect(buffer.total).toBe(50);
});
