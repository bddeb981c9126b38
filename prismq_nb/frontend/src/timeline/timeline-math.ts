/**
 * What the time line works out: where a time or a line is on it, how high its bars are, where its axis has labels. Pure; imports only types.
 *
 * Times are µs since the epoch; places are shares of the whole width, 0 to 1.
 */

import { type Level, LEVELS, stampOf } from "../base/protocol.js";

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
  /** Lines in the whole log, when it was counted. */
  readonly total: number;
  /** The level of each of them was known. */
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

/** The time that is drawn, from the start of the run to its end or to now. */
export interface Axis {
  readonly begin: number;
  readonly end: number;
}

export interface Tick {
  readonly time: number;
  readonly label: string;
}

/** Levels as they are stacked, from the ground up: what is rare and matters stands on it. */
export const STACK = ["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"] as const satisfies readonly Level[];
/** The least height (px) of a level that matters, and of a bar, where there is any line of it. */
const LEAST_SEVERE_PX = 3;
const LEAST_BAR_PX = 1.5;
/** A bucket that has only begun is not drawn as if it went on like this, unless so much of it is over. */
const LEAST_COVERED = 0.25;
const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Distances between two labels. */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28].map((n) => n * DAY),
];
/** Below these a drawing says nothing that the list does not. */
const LEAST_SECONDS = 2;
const LEAST_LINES = 20;
/** Wait (s) between two requests while a run goes on: shortest and longest, and a share of how long it went on. */
const REFRESH_SECONDS = [1.5, 30] as const;
const REFRESH_SHARE = 1 / 300;
/** A server that takes its time is left alone for so many times as long. */
const BUSY_FACTOR = 5;

export function histogramOf(wire: WireTimeline): Histogram {
  const { first_lines: firsts, lines, levels } = wire;
  return { begin: stampOf(wire.begin), width: wire.bucket_seconds * SECOND, total: wire.total_lines, complete: wire.complete, firsts, lines, levels };
}

export function usageOf(wire: WireUsage): UsagePoint[] {
  if (!wire.begin) return [];
  const begin = stampOf(wire.begin);
  return wire.seconds.map((second, i) => ({ time: begin + second * SECOND, cpu: wire.cpu_percent[i] ?? 0, memory: wire.memory_bytes[i] ?? 0 }));
}

/** @param seconds how long the run went on, as far as the page knows. */
export function axisOf(histogram: Histogram, seconds: number): Axis {
  const { begin, width, lines } = histogram;
  const last = lines.findLastIndex((count) => count > 0);
  return { begin, end: Math.max(begin + seconds * SECOND, last < 0 ? begin + 1 : begin + last * width + 1) };
}

/** Place of a time on the axis, 0 to 1. */
export function placeOf(time: number, { begin, end }: Axis): number {
  return Math.min(1, Math.max(0, (time - begin) / (end - begin)));
}

/** The bucket at a place, and the line that one finds there: the one that came then, or the next. */
export function lineAt(place: number, axis: Axis, histogram: Histogram): { bucket: number; line: number } {
  const { begin, width, lines, firsts, total } = histogram;
  const time = axis.begin + place * (axis.end - axis.begin);
  const bucket = Math.max(0, Math.min(lines.length - 1, Math.floor((time - begin) / width)));
  const [from, to] = spanOf(bucket, axis, histogram);
  const share = Math.min(1, Math.max(0, (time - from) / (to - from)));
  const line = (firsts[bucket] ?? 0) + Math.floor(share * Math.max(0, (lines[bucket] ?? 0) - 1) + 0.5);
  return { bucket, line: Math.max(0, Math.min(total - 1, line)) };
}

/** Place of a line on the axis; lines that came after the count are at its end. */
export function placeOfLine(line: number, axis: Axis, histogram: Histogram): number {
  if (line >= histogram.total) return 1;
  const bucket = bucketOf(line, histogram);
  const [from, to] = spanOf(bucket, axis, histogram);
  const share = (line - (histogram.firsts[bucket] ?? 0)) / Math.max(1, (histogram.lines[bucket] ?? 1) - 1);
  return placeOf(from + Math.min(1, share) * (to - from), axis);
}

/** The bucket that has a line: the last one that begins at it or before, of those that have lines. */
export function bucketOf(line: number, { firsts }: Histogram): number {
  let [low, high] = [0, firsts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((firsts[middle] ?? 0) <= line) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** From when to when a bucket is; the last one ends with the axis. */
export function spanOf(bucket: number, axis: Axis, { begin, width }: Histogram): [from: number, to: number] {
  const from = begin + bucket * width;
  return [from, Math.max(from + 1, Math.min(from + width, axis.end))];
}

/** Lines of a bucket in each level as it is stacked; those without a level yet count as INFO. */
export function countsOf(bucket: number, { lines, levels }: Histogram): number[] {
  const counts = STACK.map((level) => levels[level][bucket] ?? 0);
  const known = counts.reduce((sum, count) => sum + count, 0);
  counts[STACK.indexOf("INFO")]! += Math.max(0, (lines[bucket] ?? 0) - known);
  return counts;
}

/** Heights (px) of all bars, each level apart, bucket by bucket. The square root of how many lines came keeps a trickle visible beside a flood. */
export function barsOf(axis: Axis, histogram: Histogram, height: number): number[][] {
  const rates = histogram.lines.map((count, bucket) => {
    const [from, to] = spanOf(bucket, axis, histogram);
    return count / Math.max(LEAST_COVERED, (to - from) / histogram.width);
  });
  const most = rates.reduce((high, rate) => Math.max(high, rate), 1);
  return rates.map((rate, bucket) => stack(countsOf(bucket, histogram), height * Math.sqrt(rate / most), height));
}

/** Divides a bar among its levels: in proportion, but what matters is always seen. */
export function stack(counts: readonly number[], height: number, most: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!total) return counts.map(() => 0);
  const full = Math.max(LEAST_BAR_PX, height);
  const shares = counts.map((count) => (full * count) / total);
  const severe = shares.map((share, i) => (i < 3 && (counts[i] ?? 0) > 0 ? Math.max(LEAST_SEVERE_PX, share) : i < 3 ? 0 : share));
  const grave = severe.slice(0, 3).reduce((sum, share) => sum + share, 0);
  const quiet = severe.slice(3).reduce((sum, share) => sum + share, 0);
  const room = Math.max(0, Math.min(most, Math.max(full, grave)) - grave);
  const squeeze = quiet > 0 ? Math.min(1, room / quiet) : 0;
  return severe.map((share, i) => (i < 3 ? share : share * squeeze));
}

/** Labels of the axis, as many as there is room for. `zone`: minutes that the shown zone is ahead of UTC. */
export function ticksOf({ begin, end }: Axis, most: number, zone: number): Tick[] {
  const step = STEPS.find((one) => (end - begin) / one <= most) ?? Math.ceil((end - begin) / most / (28 * DAY)) * 28 * DAY;
  const shift = zone * MINUTE;
  const ticks: Tick[] = [];
  for (let time = Math.ceil((begin + shift) / step) * step; time <= end + shift; time += step) {
    ticks.push({ time: time - shift, label: tickLabel(time, step) });
  }
  return ticks;
}

/** `time` as if it were UTC. */
function tickLabel(time: number, step: number): string {
  const [date, clock] = new Date(time / 1000).toISOString().split("T") as [string, string];
  if (step >= DAY || time % DAY === 0) return date.slice(5);
  return clock.slice(0, step < MINUTE ? 8 : 5);
}

/** Whether a run is long enough for a drawing to say anything. */
export function isWorthDrawing(lines: number, seconds: number): boolean {
  return lines >= LEAST_LINES && seconds >= LEAST_SECONDS;
}

/** Wait (ms) until the next request, for a run that went on for so long, when the last one took `took` ms and `idle` of them told nothing new. */
export function refreshAfter(seconds: number, took: number, idle: number): number {
  const [least, most] = REFRESH_SECONDS;
  const usual = Math.min(most, Math.max(least, seconds * REFRESH_SHARE));
  return Math.min(2 * most, Math.max(usual * 2 ** Math.min(idle, 6), (BUSY_FACTOR * took) / 1000)) * 1000;
}

/** The sample that tells about a time: the first that was taken then or later, or the newest. */
export function usageAt(time: number, points: readonly UsagePoint[]): UsagePoint | undefined {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.time ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return points[low] ?? points.at(-1);
}

/** Samples that fall into the same of `columns` columns as one: the mean CPU, the most memory, the last time. */
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

/** The next bucket with lines in some direction (1 or -1), `steps` of them; the last there is if there are fewer. */
export function neighbour(bucket: number, steps: number, { lines }: Histogram): number {
  const direction = Math.sign(steps);
  let [found, left] = [bucket, Math.abs(steps)];
  for (let at = bucket + direction; at >= 0 && at < lines.length && left > 0; at += direction) {
    if (!lines[at]) continue;
    found = at;
    left--;
  }
  return found;
}

/** Counts by level name in the order of the API, without those that are 0. */
export function levelsOf(bucket: number, histogram: Histogram): [level: Level, count: number][] {
  return LEVELS.map((level): [Level, number] => [level, histogram.levels[level][bucket] ?? 0]).filter(([, count]) => count > 0);
}
