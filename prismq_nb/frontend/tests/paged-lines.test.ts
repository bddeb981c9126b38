import { expect, test } from "vitest";
import { PagedLines } from "../src/base/paged-lines.js";
import type { Line } from "../src/base/protocol.js";

const line = (n: number, length = 2_000): Line => ({
  n,
  stamp: 0,
  level: "INFO",
  stream: "stdout",
  text: "x".repeat(length),
  length,
});

test("memory is bounded, and what was used longest ago goes first", () => {
  const lines = new PagedLines(128, 6_000_000);
  for (let index = 0; index < 20_000; index++) {
    lines.put(index, line(index));
    lines.trim([[index - 10, index]]);
  }
  expect(lines.bytes).toBeLessThan(7_000_000);
  expect([lines.get(19_995)?.n, lines.get(0)]).toEqual([19_995, undefined]);
});

test("what is kept counts as used, and stays whatever it takes", () => {
  const lines = new PagedLines(10, 10_000);
  for (let index = 0; index < 50; index++) lines.put(index, line(index, 1_000));
  lines.trim([[0, 9]]);
  expect([lines.get(5)?.n, lines.get(15), lines.bytes]).toEqual([5, undefined, 21_600]);
});

test("a line that is put again replaces the one before", () => {
  const lines = new PagedLines(10, 10_000);
  lines.put(3, line(3, 100));
  lines.put(3, line(3, 10));
  expect([lines.get(3)?.length, lines.bytes]).toEqual([10, 180]);
});
