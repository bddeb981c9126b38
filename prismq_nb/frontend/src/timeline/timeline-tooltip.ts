/** What the timeline says about a moment: in a tooltip, and to screen readers. */

import { element, setVisible } from "../base/dom.js";
import { bytes, count, countOf } from "../base/format.js";
import { spokenLine } from "../base/line-numbers.js";
import {
  type Axis,
  type Histogram,
  levelsOf,
  lineAt,
  spanOf,
  type UsagePoint,
  usageAt,
} from "./timeline-math.js";

/** Rates from here on have no decimals. */
const WHOLE_FROM = 10;
const EDGE_PX = 8;

export interface Moment {
  readonly axis: Axis;
  readonly histogram: Histogram;
  readonly usage: readonly UsagePoint[];
  /** 0 to 1. */
  readonly place: number;
  readonly utc: boolean;
}

export class TimelineTooltip {
  readonly root = element("div", "prismq-time-tip");

  constructor() {
    this.root.setAttribute("aria-hidden", "true"); // the slider's text says the same
    this.root.hidden = true;
  }

  hide(): void {
    setVisible(this.root, false);
  }

  /** @param width of the timeline, in px. */
  show(moment: Moment, width: number): void {
    const { axis, histogram, place, usage, utc } = moment;
    const { bucket, line } = lineAt(place, axis, histogram);
    const time = axis.begin + place * (axis.end - axis.begin);
    const rows = [
      element("div", "prismq-time-tip-head", clockOf(time, utc)),
      element("div", "", rateText(bucket, axis, histogram)),
    ];
    const chips = levelsOf(bucket, histogram).map(([level, lines]) =>
      keyed(level.toLowerCase(), `${level} ${count(lines)}`),
    );
    if (chips.length) rows.push(element("div", "prismq-time-tip-levels", ...chips.reverse()));
    const sample = usageAt(time, usage);
    if (sample) {
      const cpu = keyed("cpu", `CPU ${Math.round(sample.cpu)}%`);
      rows.push(
        element("div", "prismq-time-tip-levels", cpu, keyed("memory", bytes(sample.memory))),
      );
    }
    rows.push(element("div", "prismq-time-tip-line", `Line ${spokenLine(line)}`));
    this.root.replaceChildren(...rows);
    setVisible(this.root, true);
    const half = this.root.offsetWidth / 2;
    const at = Math.min(
      Math.max(place * width, half + EDGE_PX),
      Math.max(half + EDGE_PX, width - half - EDGE_PX),
    );
    this.root.style.left = `${Math.round(at)}px`;
  }
}

/** A text with the colour that stands for it in the drawing. */
export function keyed(name: string, text: string): HTMLElement {
  return element("span", `prismq-time-level prismq-time-${name}`, element("i", ""), text);
}

/** What a screen reader says about a line's position. */
export function spokenPlace(moment: Moment, line: number): string {
  const { axis, histogram, place, utc } = moment;
  const { bucket } = lineAt(place, axis, histogram);
  const levels = levelsOf(bucket, histogram).filter(
    ([level]) => level !== "INFO" && level !== "DEBUG",
  );
  const grave = levels.map(([level, lines]) => `, ${count(lines)} ${level}`).join("");
  const time = clockOf(axis.begin + place * (axis.end - axis.begin), utc);
  return `${time}, line ${spokenLine(line)} of ${count(histogram.total)}${grave}`;
}

function rateText(bucket: number, axis: Axis, histogram: Histogram): string {
  const [from, to] = spanOf(bucket, axis, histogram);
  const lines = histogram.lines[bucket] ?? 0;
  if (!lines) return "No lines";
  const rate = (lines / (to - from)) * 1e6;
  const shown = rate >= WHOLE_FROM ? count(Math.round(rate)) : String(Number(rate.toPrecision(2)));
  return `${countOf(lines, "line")} · ${shown}/s`;
}

/** Date and time of day, to the second. */
export function clockOf(time: number, utc: boolean): string {
  const date = new Date(time / 1000);
  const shifted = utc ? date : new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return `${shifted.toISOString().slice(0, 19).replace("T", " ")}${utc ? " UTC" : ""}`;
}
