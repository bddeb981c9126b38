import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { everySecond } from "../src/base/clock.js";

const page = new EventTarget();

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  vi.stubGlobal("window", page);
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** How often a listener was called in each second. */
function calls(seconds: number): number[] {
  const counts = [];
  let count = 0;
  const end = everySecond(() => void count++);
  for (let second = 0; second < seconds; second++) {
    vi.advanceTimersByTime(1_000);
    counts.push(count);
  }
  end();
  return counts;
}

test("ticks every second, every 5 s after 20 s idle, every 10 s after a minute", () => {
  const counts = calls(200);
  const between = (begin: number, end: number): number =>
    (counts[end - 1] ?? 0) - (counts[begin - 1] ?? 0);
  expect(between(1, 20)).toBe(19);
  expect(between(25, 60)).toBe(7);
  expect(between(70, 200)).toBe(13);
});

test("ticks at once when the person is back", () => {
  let count = 0;
  const end = everySecond(() => void count++);
  vi.advanceTimersByTime(103_000);
  const before = count;
  page.dispatchEvent(new Event("pointermove"));
  expect(count).toBe(before + 1);
  vi.advanceTimersByTime(10_000);
  expect(count).toBe(before + 11);
  end();
});
