/**
 * Computations of the timeline: the place of a time or a line, the heights of bars, the labels of
 * the axis. Pure; imports only types.
 *
 * Times are µs since the epoch; places are fractions of the width, 0 to 1.
 */

import { bisect } from "../base/bisect.js";
import { LEVELS, type Level, stampOf } from "../base/protocol.js";

/** Answer of `GET /api/runs/{id}/logs/timeline`. */
export interface WireTimeline {
  readonly begin: string;
  readonly bucket_seconds: number;
  readonly total_lines: number;
  readonly complete: boolean;
  readonly first_lines: readonly number[];
  readonly lines: readonly number[];
  readonly levels: Readonly<Record<Level, readonly number[]>>;
}

/** Answer of `GET /api/runs/{id}/usage`. */
export interface WireUsage {
  readonly begin: string | null;
  readonly seconds: readonly number[];
  readonly cpu_percent: readonly number[];
  readonly memory_bytes: readonly number[];
}

/** Lines per bucket of time; bucket `i` begins at `begin + i * width`. */
export interface Histogram {
  readonly begin: number;
  readonly width: number;
  /** Lines in the whole log at the time of the answer. */
  readonly total: number;
  /** All levels were known. */
  readonly complete: boolean;
  readonly firsts: readonly number[];
  readonly lines: readonly number[];
  readonly levels: Readonly<Record<Level, readonly number[]>>;
}

export interface UsagePoint {
  readonly time: number;
  /** 100 is one core. */
  readonly cpu: number;
  readonly memory: number;
}

/** The time span that is drawn: from the start of the run to its end, or to now. */
export interface Axis {
  readonly begin: number;
  readonly end: number;
}

export interface Tick {
  readonly time: number;
  readonly label: string;
}

/** Levels as they are stacked, from the bottom up: severe ones are at the bottom. */
export const STACK = [
  "CRITICAL",
  "ERROR",
  "WARNING",
  "INFO",
  "DEBUG",
] as const satisfies readonly Level[];
/** Minimum heights (px) of a severe level and of a bar, if they have any line. */
const MIN_SEVERE_PX = 3;
const MIN_BAR_PX = 1.5;
/**
 * A bucket that has just begun is not extrapolated beyond this: at least this part of it counts.
 */
const MIN_COVERED = 0.25;
const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Steps (µs) between two labels. */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28].map((n) => n * DAY),
];
/** Runs with less are too short for a timeline. */
const MIN_SECONDS = 2;
const MIN_LINES = 20;
/**
 * Minimum and maximum interval (s) of requests while a run is active, and the fraction of its
 * duration.
 */
const REFRESH_SECONDS = [1.5, 30] as const;
const REFRESH_SHARE = 1 / 300;
/** After a slow answer, wait this many times as long as it took. */
const BUSY_FACTOR = 5;

export function histogramOf(wire: WireTimeline): Histogram {
  const { first_lines: firsts, lines, levels } = wire;
  return {
    begin: stampOf(wire.begin),
    width: wire.bucket_seconds * SECOND,
    total: wire.total_lines,
    complete: wire.complete,
    firsts,
    lines,
    levels,
  };
}

export function usageOf(wire: WireUsage): UsagePoint[] {
  if (!wire.begin) return [];
  const begin = stampOf(wire.begin);
  return wire.seconds.map((second, i) => ({
    time: begin + second * SECOND,
    cpu: wire.cpu_percent[i] ?? 0,
    memory: wire.memory_bytes[i] ?? 0,
  }));
}

/** @param seconds how long the run has taken, as far as the page knows. */
export function axisOf(histogram: Histogram, seconds: number): Axis {
  const { begin, width, lines } = histogram;
  const last = lines.findLastIndex((count) => count > 0);
  return {
    begin,
    end: Math.max(begin + seconds * SECOND, last < 0 ? begin + 1 : begin + last * width + 1),
  };
}

/** Place of a time on the axis, 0 to 1. */
export function placeOf(time: number, { begin, end }: Axis): number {
  return Math.min(1, Math.max(0, (time - begin) / (end - begin)));
}

/** The bucket at a place, and its line: the one printed then, or the next. */
export function lineAt(
  place: number,
  axis: Axis,
  histogram: Histogram,
): { bucket: number; line: number } {
  const { begin, width, lines, firsts, total } = histogram;
  const time = axis.begin + place * (axis.end - axis.begin);
  const bucket = Math.max(0, Math.min(lines.length - 1, Math.floor((time - begin) / width)));
  const [from, to] = spanOf(bucket, axis, histogram);
  const share = Math.min(1, Math.max(0, (time - from) / (to - from)));
  const line =
    (firsts[bucket] ?? 0) + Math.floor(share * Math.max(0, (lines[bucket] ?? 0) - 1) + 0.5);
  return { bucket, line: Math.max(0, Math.min(total - 1, line)) };
}

/** Place of a line on the axis; lines that are not counted yet are at its end. */
export function placeOfLine(line: number, axis: Axis, histogram: Histogram): number {
  if (line >= histogram.total) return 1;
  const bucket = bucketOf(line, histogram);
  const [from, to] = spanOf(bucket, axis, histogram);
  const share =
    (line - (histogram.firsts[bucket] ?? 0)) / Math.max(1, (histogram.lines[bucket] ?? 1) - 1);
  return placeOf(from + Math.min(1, share) * (to - from), axis);
}

/** The bucket of a line: the last one with lines that begins at it or before. */
export function bucketOf(line: number, { firsts }: Histogram): number {
  return Math.max(0, bisect(firsts.length, (bucket) => (firsts[bucket] ?? 0) > line) - 1);
}

/** The time span of a bucket; the last one ends with the axis. */
export function spanOf(
  bucket: number,
  axis: Axis,
  { begin, width }: Histogram,
): [from: number, to: number] {
  const from = begin + bucket * width;
  return [from, Math.max(from + 1, Math.min(from + width, axis.end))];
}

/** Lines of a bucket by level, in the order of `STACK`; lines without a level yet count as INFO. */
export function countsOf(bucket: number, { lines, levels }: Histogram): number[] {
  const counts = STACK.map((level) => levels[level][bucket] ?? 0);
  const known = counts.reduce((sum, count) => sum + count, 0);
  const unknown = Math.max(0, (lines[bucket] ?? 0) - known);
  return counts.map((count, i) => (STACK[i] === "INFO" ? count + unknown : count));
}

/**
 * Heights (px) of all bars, by bucket and level. Proportional to the square root of the rate, so
 * that a trickle stays visible beside a flood.
 */
export function barsOf(axis: Axis, histogram: Histogram, height: number): number[][] {
  const rates = histogram.lines.map((count, bucket) => {
    const [from, to] = spanOf(bucket, axis, histogram);
    return count / Math.max(MIN_COVERED, (to - from) / histogram.width);
  });
  const most = rates.reduce((high, rate) => Math.max(high, rate), 1);
  return rates.map((rate, bucket) =>
    stack(countsOf(bucket, histogram), height * Math.sqrt(rate / most), height),
  );
}

/** Divide a bar among its levels in proportion, keeping severe levels visible. */
export function stack(counts: readonly number[], height: number, most: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!total) return counts.map(() => 0);
  const full = Math.max(MIN_BAR_PX, height);
  const shares = counts.map((count) => (full * count) / total);
  const severe = shares.map((share, i) =>
    i < 3 && (counts[i] ?? 0) > 0 ? Math.max(MIN_SEVERE_PX, share) : i < 3 ? 0 : share,
  );
  const grave = severe.slice(0, 3).reduce((sum, share) => sum + share, 0);
  const quiet = severe.slice(3).reduce((sum, share) => sum + share, 0);
  const room = Math.max(0, Math.min(most, Math.max(full, grave)) - grave);
  const squeeze = quiet > 0 ? Math.min(1, room / quiet) : 0;
  return severe.map((share, i) => (i < 3 ? share : share * squeeze));
}

/**
 * Labels of the axis, at most `most`.
 *
 * @param zone offset of the time zone from UTC, in minutes.
 */
export function ticksOf({ begin, end }: Axis, most: number, zone: number): Tick[] {
  const step =
    STEPS.find((one) => (end - begin) / one <= most) ??
    Math.ceil((end - begin) / most / (28 * DAY)) * 28 * DAY;
  const shift = zone * MINUTE;
  const ticks: Tick[] = [];
  for (let time = Math.ceil((begin + shift) / step) * step; time <= end + shift; time += step) {
    ticks.push({ time: time - shift, label: tickLabel(time, step) });
  }
  return ticks;
}

/** @param time shifted by the time zone, as if it were UTC. */
function tickLabel(time: number, step: number): string {
  const [date, clock] = new Date(time / 1000).toISOString().split("T") as [string, string];
  if (step >= DAY || time % DAY === 0) return date.slice(5);
  return clock.slice(0, step < MINUTE ? 8 : 5);
}

/** Whether a run is long enough for a timeline. */
export function isWorthDrawing(lines: number, seconds: number): boolean {
  return lines >= MIN_LINES && seconds >= MIN_SECONDS;
}

/**
 * Time (ms) until the next request.
 *
 * @param seconds how long the run has taken.
 * @param took duration (ms) of the last request.
 * @param idle number of requests in a row that brought nothing new.
 */
export function refreshAfter(seconds: number, took: number, idle: number): number {
  const [least, most] = REFRESH_SECONDS;
  const usual = Math.min(most, Math.max(least, seconds * REFRESH_SHARE));
  return (
    Math.min(2 * most, Math.max(usual * 2 ** Math.min(idle, 6), (BUSY_FACTOR * took) / 1000)) * 1000
  );
}

/** The sample for a time: the first one taken at it or later, else the newest. */
export function usageAt(time: number, points: readonly UsagePoint[]): UsagePoint | undefined {
  const place = bisect(points.length, (i) => (points[i]?.time ?? 0) >= time);
  return points[place] ?? points.at(-1);
}

/** Merge the samples of each of `columns` columns into one: mean CPU, maximum memory, last time. */
export function thinned(axis: Axis, points: readonly UsagePoint[], columns: number): UsagePoint[] {
  const groups = new Map<number, UsagePoint[]>();
  for (const point of points) {
    const column = Math.floor(placeOf(point.time, axis) * columns);
    groups.set(column, [...(groups.get(column) ?? []), point]);
  }
  return Array.from(groups.values(), (group) => ({
    time: (group.at(-1) as UsagePoint).time,
    cpu: group.reduce((sum, { cpu }) => sum + cpu, 0) / group.length,
    memory: group.reduce((high, { memory }) => Math.max(high, memory), 0),
  }));
}

/**
 * The bucket `steps` buckets with lines away, backwards if negative; the outermost if there are
 * fewer.
 */
export function bucketAfter(bucket: number, steps: number, { lines }: Histogram): number {
  const direction = Math.sign(steps);
  let [found, left] = [bucket, Math.abs(steps)];
  for (let at = bucket + direction; at >= 0 && at < lines.length && left > 0; at += direction) {
    if (!lines[at]) continue;
    found = at;
    left--;
  }
  return found;
}

/** Counts by level in the order of the API, without zeros. */
export function levelsOf(bucket: number, histogram: Histogram): [level: Level, count: number][] {
  return LEVELS.map((level): [Level, number] => [
    level,
    histogram.levels[level][bucket] ?? 0,
  ]).filter(([, count]) => count > 0);
}
