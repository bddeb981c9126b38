import { describe, expect, test } from "vitest";
import { LEVELS, type Level } from "../src/base/protocol.js";
import {
  axisOf,
  barsOf,
  bucketAfter,
  bucketOf,
  countsOf,
  type Histogram,
  histogramOf,
  isWorthDrawing,
  levelsOf,
  lineAt,
  placeOf,
  placeOfLine,
  refreshAfter,
  STACK,
  stack,
  thinned,
  ticksOf,
  usageAt,
  usageOf,
} from "../src/timeline/timeline-math.js";

const T0 = 1_761_912_000_000_000;
const SECOND = 1e6;

/** Lines per second, all INFO except those in `errors`. */
function histogram(lines: number[], errors: Record<number, number> = {}): Histogram {
  const firsts = lines.map((_, i) => lines.slice(0, i).reduce((sum, count) => sum + count, 0));
  const levels = Object.fromEntries(
    LEVELS.map((level) => [level, lines.map(() => 0)]),
  ) as unknown as Record<Level, number[]>;
  lines.forEach((count, i) => {
    levels.ERROR[i] = errors[i] ?? 0;
    levels.INFO[i] = count - (errors[i] ?? 0);
  });
  return {
    begin: T0,
    width: SECOND,
    total: lines.reduce((sum, count) => sum + count, 0),
    complete: true,
    firsts,
    lines,
    levels,
  };
}

test("the server's answer is parsed", () => {
  const wire = {
    begin: "2025-10-31T12:00:00.000000Z",
    bucket_seconds: 0.5,
    total_lines: 3,
    complete: false,
    first_lines: [0, 1],
    lines: [1, 2],
  };
  const levels = { DEBUG: [0, 0], INFO: [1, 0], WARNING: [0, 0], ERROR: [0, 1], CRITICAL: [0, 0] };
  expect(histogramOf({ ...wire, levels })).toMatchObject({
    begin: T0,
    width: 500_000,
    total: 3,
    complete: false,
    firsts: [0, 1],
    levels,
  });
  expect(
    usageOf({
      begin: "2025-10-31T12:00:00.000000Z",
      seconds: [0.5],
      cpu_percent: [12.5],
      memory_bytes: [9],
    }),
  ).toEqual([{ time: T0 + 500_000, cpu: 12.5, memory: 9 }]);
  expect(usageOf({ begin: null, seconds: [], cpu_percent: [], memory_bytes: [] })).toEqual([]);
});

describe("places", () => {
  const counted = histogram([10, 0, 100, 0, 1]);
  const axis = axisOf(counted, 5);
  test("the axis spans the run, and includes its last line", () => {
    expect(axis).toEqual({ begin: T0, end: T0 + 5 * SECOND });
    expect(axisOf(counted, 0).end).toBe(T0 + 4 * SECOND + 1);
    expect(axisOf(histogram([0, 0]), 0).end).toBe(T0 + 1);
  });
  test("a time has a place", () =>
    expect([T0 - 1, T0 + 2.5 * SECOND, T0 + 9 * SECOND].map((time) => placeOf(time, axis))).toEqual(
      [0, 0.5, 1],
    ));
  test.each([
    [0, 0, 0],
    [0.1, 0, 5],
    [0.3, 1, 10],
    [0.5, 2, 60],
    [0.7, 3, 110],
    [0.9, 4, 110],
    [1, 4, 110],
  ])("at %d of the way there is bucket %i, line %i", (place, bucket, line) =>
    expect(lineAt(place, axis, counted)).toEqual({ bucket, line }),
  );
  test("the place of a line maps back to the line", () => {
    for (let line = 0; line < 111; line++) {
      const found = lineAt(placeOfLine(line, axis, counted), axis, counted).line;
      expect(Math.abs(found - line), `line ${line}`).toBeLessThanOrEqual(1);
    }
  });
  test("places increase monotonically with lines", () => {
    const places = Array.from({ length: 120 }, (_, line) => placeOfLine(line, axis, counted));
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(places.at(-1)).toBe(1);
  });
  test("a line is in the bucket that contains it, not in an empty one", () =>
    expect([0, 9, 10, 109, 110].map((line) => bucketOf(line, counted))).toEqual([0, 0, 2, 2, 4]));
  test("the last bucket ends with the run", () => {
    const begun = histogram([4, 4]);
    const short = axisOf(begun, 1.25);
    expect(lineAt(0.9, short, begun)).toEqual({ bucket: 1, line: 6 });
    expect(placeOfLine(7, short, begun)).toBe(1);
  });
  test("keys step from bar to bar, skipping empty buckets", () => {
    expect(bucketAfter(0, 1, counted)).toBe(2);
    expect(bucketAfter(2, -1, counted)).toBe(0);
    expect(bucketAfter(0, 10, counted)).toBe(4);
    expect(bucketAfter(0, -1, counted)).toBe(0);
    expect(bucketAfter(0, Infinity, counted)).toBe(4);
    expect(bucketAfter(4, -Infinity, counted)).toBe(0);
  });
});

describe("bars", () => {
  const ERROR = STACK.indexOf("ERROR");
  test("levels are in proportion, and a severe one is always visible", () => {
    expect(stack([0, 50, 0, 50, 0], 40, 40)).toEqual([0, 20, 0, 20, 0]);
    expect(stack([0, 1, 0, 9_999, 0], 40, 40)[ERROR]).toBe(3);
    expect(stack([1, 1, 1, 0, 0], 1, 40)).toEqual([3, 3, 3, 0, 0]);
  });
  test("empty buckets have no bar, and no bar exceeds the height", () => {
    expect(stack([0, 0, 0, 0, 0], 40, 40)).toEqual([0, 0, 0, 0, 0]);
    const heights = stack([1, 1, 1, 99_999, 9], 40, 40);
    expect(heights.reduce((sum, height) => sum + height, 0)).toBeCloseTo(40);
  });
  test("a trickle and a single error stay visible beside a flood", () => {
    const bars = barsOf(
      axisOf(histogram([1_000_000, 10, 1]), 3),
      histogram([1_000_000, 10, 1], { 2: 1 }),
      36,
    );
    const tall = bars.map((heights) => heights.reduce((sum, height) => sum + height, 0));
    expect(tall[0]).toBeCloseTo(36);
    expect(tall[1]).toBeGreaterThanOrEqual(1.5);
    expect(bars[2]![ERROR]).toBe(3);
  });
  test("a bucket that has just begun is extrapolated", () => {
    const counted = histogram([100, 50]);
    const [whole, begun] = barsOf(axisOf(counted, 1.5), counted, 36).map((heights) =>
      heights.reduce((sum, height) => sum + height, 0),
    );
    expect(begun).toBeCloseTo(whole!);
  });
  test("lines whose level is not known yet count as INFO", () => {
    const counted = histogram([5]);
    const levels = { ...counted.levels, INFO: [2] };
    expect(countsOf(0, { ...counted, levels })).toEqual([0, 0, 0, 5, 0]);
    expect(levelsOf(0, { ...counted, levels })).toEqual([["INFO", 2]]);
  });
});

describe("labels", () => {
  test.each([
    [10, 5, ["12:00:00", "12:00:02", "12:00:04", "12:00:06", "12:00:08", "12:00:10"]],
    [300, 6, ["12:00", "12:01", "12:02", "12:03", "12:04", "12:05"]],
    [86_400, 5, ["12:00", "18:00", "11-01", "06:00", "12:00"]],
    [14 * 86_400, 3, ["11-06", "11-13"]],
  ])("%d s with room for %i", (seconds, most, labels) => {
    expect(
      ticksOf({ begin: T0, end: T0 + seconds * SECOND }, most, 0).map(({ label }) => label),
    ).toEqual(labels);
  });
  test("are in the shown time zone", () => {
    const ticks = ticksOf({ begin: T0, end: T0 + 3600 * SECOND }, 4, 330);
    expect(ticks.map(({ label }) => label)).toEqual(["17:30", "17:45", "18:00", "18:15", "18:30"]);
    expect(ticks[0]!.time).toBe(T0);
  });
  test("are few for years", () =>
    expect(ticksOf({ begin: T0, end: T0 + 3e14 }, 5, 0).length).toBeLessThanOrEqual(6));
});

test("a run that is too short is not drawn", () => {
  expect([isWorthDrawing(19, 60), isWorthDrawing(20, 1.9), isWorthDrawing(20, 2)]).toEqual([
    false,
    false,
    true,
  ]);
});

test("requests are rarer for long runs, slow servers and unchanged answers", () => {
  expect(refreshAfter(10, 5, 0)).toBe(1_500);
  expect(refreshAfter(3_600, 5, 0)).toBe(12_000);
  expect(refreshAfter(1e6, 5, 0)).toBe(30_000);
  expect(refreshAfter(10, 1_000, 0)).toBe(5_000);
  expect(refreshAfter(10, 5, 3)).toBe(12_000);
  expect(refreshAfter(1e6, 1e6, 99)).toBe(60_000);
});

test("the usage of a moment is that of its sample", () => {
  const points = [1, 2, 3].map((second) => ({
    time: T0 + second * SECOND,
    cpu: second,
    memory: 0,
  }));
  expect([0.5, 1, 1.5, 9].map((second) => usageAt(T0 + second * SECOND, points)?.cpu)).toEqual([
    1, 1, 2, 3,
  ]);
  expect(usageAt(T0, [])).toBeUndefined();
});

test("samples of one column are merged", () => {
  const points = [0, 0.1, 0.2, 1, 2].map((second) => ({
    time: T0 + second * SECOND,
    cpu: second * 10,
    memory: 9 - second,
  }));
  const thin = thinned({ begin: T0, end: T0 + 2 * SECOND }, points, 4);
  expect(thin).toEqual([{ time: T0 + 0.2 * SECOND, cpu: 1, memory: 9 }, points[3], points[4]]);
  expect(thinned({ begin: T0, end: T0 + 2 * SECOND }, [], 4)).toEqual([]);
});
