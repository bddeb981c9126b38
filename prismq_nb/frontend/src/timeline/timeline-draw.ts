/** Draw the timeline on a canvas: bars, curves, marks and labels, sharp at every pixel ratio. */

import {
  type Axis,
  barsOf,
  type Histogram,
  placeOf,
  STACK,
  thinned,
  ticksOf,
  type UsagePoint,
} from "./timeline-math.js";

/** Heights (px) of the labels at the bottom and of the marks at the top. */
export const LABELS_PX = 15;
const MARKS_PX = 4;
const LABEL_PX = 10;
/** Minimum distance (px) of two labels. */
const TICK_PX = 90;
/** Minimum width (px) of bars that are drawn with a gap between them. */
const GAP_FROM_PX = 3;
const WINDOW_PX = 6;
/** Approximate distance (px) of the points of a curve: more of them is noise. */
const POINT_PX = 3;
/** Headroom above peak memory, so that its curve stays below that of a busy processor. */
const HEADROOM = 1.4;

export interface Picture {
  readonly axis: Axis;
  readonly histogram: Histogram;
  readonly usage: readonly UsagePoint[];
  /** The part in view, from 0 to 1. */
  readonly view: readonly [number, number] | undefined;
  /** Places of marks. */
  readonly marks: readonly number[];
  /** Place under the pointer. */
  readonly hover: number | undefined;
  /** Width (px) of the corner at the right that is taken by the button and the legend. */
  readonly corner: number;
  /** Offset of the time zone from UTC, in minutes. */
  readonly zone: number;
}

/** A colour by its name in the style sheet. */
export type Colors = (name: string) => string;

const LEVEL_COLORS: Readonly<
  Record<(typeof STACK)[number], readonly [name: string, alpha: number]>
> = {
  CRITICAL: ["grave", 1],
  ERROR: ["bad", 1],
  WARNING: ["time-warn", 1],
  INFO: ["text", 0.26],
  DEBUG: ["text", 0.13],
};

/**
 * @param width,height of the canvas in CSS px.
 * @param ratio device pixels per CSS px.
 */
export function draw(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  ratio: number,
  picture: Picture,
  color: Colors,
): void {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const ground = height - LABELS_PX;
  const pen = new Pen(context, width, ground, ratio, color);
  pen.labels(picture);
  pen.view(picture.view);
  pen.curves(picture); // below the bars: no curve hides an error
  pen.bars(picture);
  pen.marks(picture.marks);
  pen.line(picture.hover);
}

class Pen {
  readonly #context: CanvasRenderingContext2D;
  readonly #width: number;
  /** The base line of the bars (px). */
  readonly #ground: number;
  readonly #ratio: number;
  readonly #color: Colors;

  constructor(
    context: CanvasRenderingContext2D,
    width: number,
    ground: number,
    ratio: number,
    color: Colors,
  ) {
    this.#context = context;
    this.#width = width;
    this.#ground = ground;
    this.#ratio = ratio;
    this.#color = color;
  }

  labels({ axis, corner, zone }: Picture): void {
    const context = this.#context;
    context.font = `${LABEL_PX}px ${this.#color("sans")}`;
    context.textBaseline = "alphabetic";
    this.#paint("text", 0.12);
    this.#box(0, this.#ground, this.#width, 1 / this.#ratio);
    for (const { time, label } of ticksOf(axis, Math.max(1, this.#width / TICK_PX), zone)) {
      const at = placeOf(time, axis) * this.#width;
      const size = context.measureText(label).width;
      if (at < 2 || at + size + corner > this.#width) continue;
      this.#paint("text", 0.22);
      this.#box(at, this.#ground, 1, LABELS_PX - 3);
      this.#paint("text", 0.68);
      context.fillText(label, this.#round(at) + 4, this.#ground + LABEL_PX + 1);
    }
    context.globalAlpha = 1;
  }

  view(view: Picture["view"]): void {
    if (!view) return;
    const middle = ((view[0] + view[1]) / 2) * this.#width;
    const size = Math.max(WINDOW_PX, (view[1] - view[0]) * this.#width);
    const from = Math.min(Math.max(0, middle - size / 2), this.#width - size);
    this.#paint("accent", 0.13);
    this.#box(from, 0, size, this.#ground);
    this.#paint("accent", 0.85);
    this.#box(from, 0, 1, this.#ground);
    this.#box(from + size - 1, 0, 1, this.#ground);
    this.#box(from, this.#ground - 1, size, 2);
  }

  bars({ axis, histogram }: Picture): void {
    const { begin, width } = histogram;
    const bars = barsOf(axis, histogram, this.#ground - MARKS_PX - 1);
    for (const [i, heights] of bars.entries()) {
      const from = this.#round(placeOf(begin + i * width, axis) * this.#width);
      const to = this.#round(placeOf(begin + (i + 1) * width, axis) * this.#width);
      const wide = to - from;
      const size = Math.max(1 / this.#ratio, wide >= GAP_FROM_PX ? wide - 1 : wide);
      let top = this.#ground;
      for (const [place, tall] of heights.entries()) {
        if (!tall) continue;
        const level = STACK[place] as (typeof STACK)[number];
        this.#paint(...LEVEL_COLORS[level]);
        this.#context.fillRect(Math.min(from, this.#width - size), top - tall, size, tall);
        top -= tall;
      }
    }
    this.#context.globalAlpha = 1;
  }

  curves({ axis, usage }: Picture): void {
    const points = thinned(axis, usage, this.#width / POINT_PX);
    const most = HEADROOM * points.reduce((high, { memory }) => Math.max(high, memory), 1);
    const busiest = points.reduce((high, { cpu }) => Math.max(high, cpu), 100);
    this.#curve(
      axis,
      points.map(({ time, memory }) => [time, memory / most]),
      "memory",
    );
    this.#curve(
      axis,
      points.map(({ time, cpu }) => [time, cpu / busiest]),
      "cpu",
    );
  }

  marks(places: readonly number[]): void {
    const columns = new Set(places.map((place) => Math.round(place * (this.#width - 2))));
    this.#paint("time-mark", 1);
    for (const column of columns) this.#box(column, 0, 2, MARKS_PX);
    this.#context.globalAlpha = 1;
  }

  line(place: number | undefined): void {
    if (place === undefined) return;
    this.#paint("text", 0.55);
    this.#box(Math.min(place * this.#width, this.#width - 1), 0, 1, this.#ground);
    this.#context.globalAlpha = 1;
  }

  #curve(
    axis: Axis,
    points: readonly (readonly [time: number, share: number])[],
    name: string,
  ): void {
    if (points.length < 2) return;
    const context = this.#context;
    const tall = this.#ground - MARKS_PX - 2;
    context.beginPath();
    for (const [time, share] of points)
      context.lineTo(placeOf(time, axis) * this.#width, this.#ground - 1 - share * tall);
    context.strokeStyle = this.#color(name);
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    context.globalAlpha = 0.9;
    context.stroke();
    context.globalAlpha = 1;
  }

  #paint(name: string, alpha: number): void {
    this.#context.fillStyle = this.#color(name);
    this.#context.globalAlpha = alpha;
  }

  /** A rectangle whose left edge is on a device pixel. */
  #box(x: number, y: number, width: number, height: number): void {
    this.#context.fillRect(this.#round(x), y, width, height);
  }

  #round(x: number): number {
    return Math.round(x * this.#ratio) / this.#ratio;
  }
}
