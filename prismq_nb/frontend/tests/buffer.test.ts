import { describe, expect, test } from "vitest";
import { BUDGET_CHARS, LineBuffer, WINDOW_LINES } from "../src/buffer.js";
import type { Line } from "../src/protocol.js";

const line = (n: number, text = "text"): Line => ({ n, stamp: n, level: "INFO", stream: "stdout", text, length: text.length });
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
  ])("%s", (_, range, expected) => expect(buffer.missing(range)).toEqual(expected));
});

describe("trim", () => {
  test("keeps the newest window", () => {
    const buffer = filled(0, WINDOW_LINES * 2);
    buffer.trim([]);
    expect(buffer.size).toBe(WINDOW_LINES);
    expect(buffer.get(WINDOW_LINES - 1)).toBeUndefined();
    expect(buffer.get(WINDOW_LINES)).toBeDefined();
  });

  test("keeps what somebody looks at", () => {
    const buffer = filled(0, WINDOW_LINES * 2);
    buffer.trim([[100, 149]]);
    expect(buffer.size).toBe(WINDOW_LINES + 50);
    expect(buffer.get(120)?.n).toBe(120);
  });

  test("keeps only what somebody looks at when the lines are huge", () => {
    const text = "x".repeat(16_000);
    const buffer = filled(0, Math.ceil(BUDGET_CHARS / text.length) + 1, text);
    buffer.trim([[3, 5]]);
    expect(buffer.size).toBe(3);
  });

  test("counts a line that came twice once", () => {
    const buffer = filled(0, 900, "x".repeat(16_000));
    for (let n = 0; n < 900; n++) buffer.put(line(n, "x".repeat(16_000)));
    buffer.trim([]);
    expect(buffer.size).toBe(900);
  });
});

test("the total grows with lines and with what the server says, and never shrinks", () => {
  const buffer = filled(0, 5);
  expect(buffer.total).toBe(5);
  buffer.grow(50);
  buffer.grow(20);
  expect(buffer.total).toBe(50);
});
