import { expect, test } from "vitest";
import { LEVELS, type Level } from "../src/base/protocol.js";
import { draw, LABELS_PX, type Picture } from "../src/timeline/timeline-draw.js";

const [WIDTH, HEIGHT, T0, SECOND] = [400, 52, 1_761_912_000_000_000, 1e6];
const GROUND = HEIGHT - LABELS_PX;

interface Box {
  readonly color: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Records what is drawn on a canvas, in order. */
class Canvas {
  fillStyle = "";
  strokeStyle = "";
  globalAlpha = 1;
  readonly boxes: Box[] = [];
  readonly texts: string[] = [];
  readonly curves: [string, number][] = [];
  #points = 0;
  setTransform(): void {}
  clearRect(): void {}
  beginPath(): void {
    this.#points = 0;
  }
  lineTo(): void {
    this.#points++;
  }
  stroke(): void {
    this.curves.push([this.strokeStyle, this.#points]);
  }
  measureText(text: string): { width: number } {
    return { width: 6 * text.length };
  }
  fillText(text: string): void {
    this.texts.push(text);
  }
  fillRect(x: number, y: number, width: number, height: number): void {
    this.boxes.push({ color: this.fillStyle, x, y, width, height });
  }
}

function drawn(changed: Partial<Picture> = {}, ratio = 1): Canvas {
  const canvas = new Canvas();
  const levels = Object.fromEntries(
    LEVELS.map((level) => [level, [0, 0, 0, 0]]),
  ) as unknown as Record<Level, number[]>;
  levels.INFO = [5, 5, 2_000, 5];
  levels.ERROR = [0, 0, 1, 0];
  const histogram = {
    begin: T0,
    width: SECOND,
    total: 2016,
    complete: true,
    firsts: [0, 5, 10, 2011],
    lines: [5, 5, 2_001, 5],
    levels,
  };
  const picture: Picture = {
    axis: { begin: T0, end: T0 + 4 * SECOND },
    histogram,
    usage: [],
    view: undefined,
    marks: [],
    hover: undefined,
    corner: 24,
    zone: 0,
    ...changed,
  };
  draw(
    canvas as unknown as CanvasRenderingContext2D,
    WIDTH,
    HEIGHT,
    ratio,
    picture,
    (name) => name,
  );
  return canvas;
}

test("one error among thousands of lines is visible at its place, at the bottom", () => {
  const errors = drawn().boxes.filter(({ color }) => color === "bad");
  expect(errors).toEqual([{ color: "bad", x: 200, y: GROUND - 3, width: 99, height: 3 }]);
});

test("bars adjoin, start at the base line and stay in the picture", () => {
  const bars = drawn().boxes.filter(
    ({ width, y, height }) => width === 99 && y + height > GROUND - 4,
  );
  expect([...new Set(bars.map(({ x }) => x))]).toEqual([0, 100, 200, 300]);
  for (const { y, height } of bars) expect([y >= 0, y + height <= GROUND]).toEqual([true, true]);
});

test("marks are above the bars, one per place", () => {
  const marks = drawn({ marks: [0, 0.5, 0.5001, 1] }).boxes.filter(
    ({ color }) => color === "time-mark",
  );
  expect(marks.map(({ x, y }) => [x, y])).toEqual([
    [0, 0],
    [199, 0],
    [398, 0],
  ]);
});

test("the part in view is wide enough to be visible, even at the edges", () => {
  for (const place of [0, 0.5, 1]) {
    const [area] = drawn({ view: [place, place] }).boxes.filter(
      ({ color, height }) => color === "accent" && height === GROUND,
    );
    expect(area!.width).toBe(6);
    expect([area!.x >= 0, area!.x + area!.width <= WIDTH]).toEqual([true, true]);
  }
});

test("curves need two samples", () => {
  const sample = (second: number) => ({ time: T0 + second * SECOND, cpu: 50, memory: 9 });
  expect(drawn({ usage: [sample(1)] }).curves).toEqual([]);
  expect(drawn({ usage: [sample(1), sample(2), sample(3)] }).curves).toEqual([
    ["memory", 3],
    ["cpu", 3],
  ]);
});

test("labels do not overlap the button in the corner", () => {
  expect(drawn().texts).toEqual(["12:00:01", "12:00:02", "12:00:03"]);
  expect(drawn({ axis: { begin: T0, end: T0 + 3.2 * SECOND } }).texts).toEqual([
    "12:00:01",
    "12:00:02",
  ]);
});
