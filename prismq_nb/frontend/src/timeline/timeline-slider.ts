/**
 * The drawn timeline as a control: a slider (WAI-ARIA) with pointer and keys, and the text that a
 * screen reader speaks. Says where to go; moves and draws nothing.
 */

import { element, setAttribute } from "../base/dom.js";
import { count } from "../base/format.js";
import { lineNumber, spokenLine } from "../base/line-numbers.js";
import { suppressShortcuts } from "../ui/keys.js";
import { type Moment, spokenPlace } from "./timeline-tooltip.js";

/** Bars that PageUp and PageDown skip. */
const PAGE_BUCKETS = 10;
/** While the list follows a run, the spoken position is updated at most this often (ms). */
const MIN_SPOKEN_MS = 5_000;
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -PAGE_BUCKETS,
  PageUp: PAGE_BUCKETS,
  Home: -Infinity,
  End: Infinity,
};

export interface SliderEvents {
  /** The pointer is at `place` (0 to 1), with its button down or not. */
  onPoint(place: number, isDragging: boolean): void;
  onLeave(): void;
  /** By that many bars with lines; infinite: to the first or last line. */
  onStep(buckets: number): void;
}

/** What is in view, of how much. */
export interface Range {
  /** Numbers of the lines in view; undefined: none. */
  readonly view: readonly [first: number, last: number] | undefined;
  /** Lines in the log. */
  readonly total: number;
}

export class TimelineSlider {
  readonly root: HTMLElement;
  readonly #events: SliderEvents;
  #isDragging = false;
  #spokenAt = -Infinity;

  /** @param signal aborts when the timeline is removed. */
  constructor(events: SliderEvents, signal: AbortSignal, ...children: Node[]) {
    this.#events = events;
    this.root = element("div", "prismq-time-plot", ...children);
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "slider");
    this.root.setAttribute("aria-label", "Timeline of the run");
    this.root.setAttribute("aria-orientation", "horizontal");
    this.root.setAttribute("aria-valuemin", "1");
    this.#listenToPointer(signal);
    this.#listenToKeys(signal);
  }

  get hasValue(): boolean {
    return this.root.hasAttribute("aria-valuenow");
  }

  /** Speak the moment in the middle of the view; seldom while the list `follows` the run. */
  speak(moment: Moment, range: Range, follows: boolean): void {
    if (follows && performance.now() < this.#spokenAt + MIN_SPOKEN_MS) return;
    this.#spokenAt = performance.now();
    setAttribute(this.root, "aria-valuetext", spokenPlace(moment, this.setValue(range)));
  }

  /** Set the value to the line in the middle of the view, and return that line. */
  setValue({ view, total }: Range): number {
    const line = view ? Math.min(total - 1, Math.floor((view[0] + view[1]) / 2)) : total - 1;
    setAttribute(this.root, "aria-valuemax", String(total));
    setAttribute(this.root, "aria-valuenow", lineNumber(line));
    setAttribute(this.root, "aria-valuetext", `line ${spokenLine(line)} of ${count(total)}`);
    return line;
  }

  #listenToPointer(signal: AbortSignal): void {
    const { root } = this;
    const press = (event: PointerEvent): void => {
      if (event.button !== 0) return;
      root.setPointerCapture(event.pointerId);
      this.#isDragging = true;
      this.#point(event);
    };
    const release = (): void => {
      this.#isDragging = false;
    };
    root.addEventListener("pointerdown", press, { signal });
    root.addEventListener("pointermove", (event) => this.#point(event), { signal });
    root.addEventListener("pointerup", release, { signal });
    root.addEventListener("pointercancel", release, { signal });
    root.addEventListener("pointerleave", () => this.#events.onLeave(), { signal });
  }

  #listenToKeys(signal: AbortSignal): void {
    const isOurs = (event: KeyboardEvent): boolean =>
      event.target === this.root &&
      event.key in STEPS &&
      !event.ctrlKey &&
      !event.metaKey &&
      !event.altKey;
    suppressShortcuts(isOurs, signal);
    const press = (event: KeyboardEvent): void => {
      if (!isOurs(event)) return;
      event.preventDefault();
      event.stopPropagation();
      this.#events.onStep(STEPS[event.key] ?? 0);
    };
    this.root.addEventListener("keydown", press, { signal });
  }

  #point(event: PointerEvent): void {
    const { left, width } = this.root.getBoundingClientRect();
    if (!width) return;
    const place = Math.min(1, Math.max(0, (event.clientX - left) / width));
    this.#events.onPoint(place, this.#isDragging);
  }
}
