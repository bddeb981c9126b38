import { expect, test } from "vitest";
import { RateMeter, rateText } from "../src/base/rate.js";
import { span } from "../src/toolbar/facts.js";

test("a rate appears after a second, and covers the last few seconds", () => {
  const meter = new RateMeter();
  meter.add(0, 5_000);
  expect(meter.rate).toBeUndefined();
  for (let tenth = 1; tenth <= 100; tenth++) meter.add(tenth / 10, 5_000 + tenth * 10);
  expect(meter.rate).toBeCloseTo(100, 0);
  for (let tenth = 101; tenth <= 160; tenth++) meter.add(tenth / 10, 6_000);
  expect(meter.rate).toBe(0);
});

test("a rate starts over after a pause: lines of the pause do not count", () => {
  const meter = new RateMeter();
  meter.add(0, 0);
  meter.add(2, 20);
  meter.add(60, 1_000_000);
  expect(meter.rate).toBeUndefined();
  meter.add(62, 1_000_010);
  expect(meter.rate).toBe(5);
});

test.each([
  [undefined, ""],
  [0, ""],
  [0.5, "0.5 lines/s"],
  [2.34, "2.3 lines/s"],
  [12_345.6, "12,346 lines/s"],
])("%s lines a second: %s", (rate, text) => expect(rateText(rate)).toBe(text));

test.each([
  [300, "5 min"],
  [7_199, "119 min"],
  [7_200, "2 h"],
  [200_000, "2 d"],
])("%i s of silence: %s", (seconds, text) => expect(span(seconds)).toBe(text));
