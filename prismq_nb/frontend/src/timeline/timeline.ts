/**
 * The timeline above the list: lines by time and level, CPU and memory of the whole run, with the
 * part in view. A click, drag or key asks the owner to go elsewhere.
 */

import { ask } from "../api/ask.js";
import { element, icon, setAttribute, setVisible } from "../base/dom.js";
import { hasEnded, type RunStatus, type Usage } from "../base/protocol.js";
import { TimelineData } from "./timeline-data.js";
import { draw } from "./timeline-draw.js";
import { TimelineLegend } from "./timeline-legend.js";
import { type Hits, TimelineMarks } from "./timeline-marks.js";
import {
  type Axis,
  axisOf,
  bucketAfter,
  bucketOf,
  type Histogram,
  isWorthDrawing,
  lineAt,
  placeOfLine,
  type UsagePoint,
} from "./timeline-math.js";
import { type Range, TimelineSlider } from "./timeline-slider.js";
import { TimelineTooltip } from "./timeline-tooltip.js";

/** Approximate width (px) of a bar. */
const BAR_PX = 3;
/**
 * The number of buckets is a multiple of this, so that a cell that grows by a pixel requests
 * nothing.
 */
const BUCKET_STEP = 40;
const MAX_BUCKETS = 2000;
/** In lower viewers it would take space that the list needs. */
const MIN_VIEWER_PX = 220;
/** A narrower timeline is not drawn; see also the style sheet. */
const MIN_WIDTH_PX = 200;
/** Width (px) of the button in the corner, with its margin. */
const CORNER_PX = 32;
export interface TimelineEvents {
  /** The person wants to go to this line. */
  onSeek(line: number): void;
  /** The person opened or closed it. */
  onToggle(open: boolean): void;
}

export interface TimelineState extends Range {
  readonly status: RunStatus | undefined;
  /** Seconds that the run has taken; undefined: it has not started. */
  readonly elapsed: number | undefined;
  readonly usage: Usage | undefined;
  /** The viewer is in the viewport. */
  readonly visible: boolean;
  /** Height of the viewer, in px. */
  readonly height: number;
  readonly open: boolean;
  readonly utc: boolean;
}

export class Timeline {
  readonly root = element("div", "prismq-timeline");
  readonly #canvas = element("canvas", "prismq-time-canvas");
  readonly #toggle = element(
    "button",
    "prismq-button prismq-time-toggle",
    icon("collapse"),
    element("span", "prismq-button-label", "Timeline"),
  );
  readonly #tooltip = new TimelineTooltip();
  readonly #legend = new TimelineLegend();
  readonly #marks = new TimelineMarks();
  readonly #slider: TimelineSlider;
  readonly #data: TimelineData;
  readonly #events: TimelineEvents;
  readonly #end = new AbortController();
  #state: TimelineState | undefined;
  #width = 0;
  #height = 0;
  #hover: number | undefined;
  #drawn = "";
  #frame = 0;
  /** Seconds of the run that are drawn. */
  #seconds = 0;

  constructor(run: string, events: TimelineEvents) {
    this.#events = events;
    this.#data = new TimelineData(
      async (what, signal) => (await ask(run, `/${what}`, { signal })).json(),
      () => this.#refresh(),
    );
    this.#toggle.type = "button";
    this.#toggle.tabIndex = -1; // by keyboard: in the menu View
    const slider = {
      onPoint: (place: number, isDragging: boolean) => this.#point(place, isDragging),
      onLeave: () => this.#leave(),
      onStep: (buckets: number) => this.#step(buckets),
    };
    const parts = [this.#canvas, this.#legend.root];
    this.#slider = new TimelineSlider(slider, this.#end.signal, ...parts);
    this.root.append(this.#slider.root, this.#tooltip.root, this.#toggle);
    this.root.hidden = true;
    this.#listen();
  }

  /**
   * Show or hide it before the rest is laid out.
   *
   * @returns whether it is open.
   */
  arrange({
    total,
    elapsed,
    height,
    open,
  }: Pick<TimelineState, "total" | "elapsed" | "height" | "open">): boolean {
    const worth = isWorthDrawing(total, elapsed ?? 0) && height >= MIN_VIEWER_PX;
    setVisible(this.root, worth);
    setVisible(this.#slider.root, open);
    this.root.classList.toggle("prismq-time-closed", !open);
    setAttribute(this.#toggle, "aria-expanded", String(open));
    setAttribute(this.#toggle, "title", open ? "Hide the timeline" : "Show the timeline");
    return worth && open;
  }

  /** Draw. To be called in an animation frame, because a frame of its own costs more. */
  update(state: TimelineState): void {
    this.#state = state;
    if (!this.#prepare()) return;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#draw();
  }

  /** Mark what a search has found so far. */
  hits(search: Hits | undefined): void {
    if (this.#marks.update(search)) this.#refresh();
  }

  dispose(): void {
    this.#end.abort();
    this.#data.dispose();
    cancelAnimationFrame(this.#frame);
    this.root.remove();
  }

  #listen(): void {
    const { signal } = this.#end;
    const size = new ResizeObserver(() => this.#refresh());
    size.observe(this.#slider.root);
    const theme = new MutationObserver(() => this.#refresh(true));
    signal.addEventListener("abort", () => {
      size.disconnect();
      theme.disconnect();
    });
    document.addEventListener("visibilitychange", () => this.#refresh(), { signal });
    this.#toggle.addEventListener("click", () => this.#events.onToggle(!this.#state?.open));
    // The viewer's root has the classes of the theme; it is an ancestor as soon as this is in the
    // page.
    queueMicrotask(() => {
      const viewer = this.root.closest(".prismq-root");
      if (viewer) theme.observe(viewer, { attributes: true, attributeFilter: ["class"] });
      theme.observe(document.body, {
        attributes: true,
        attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"],
      });
    });
  }

  /** With the button down, the list goes to where the pointer is. */
  #point(place: number, isDragging: boolean): void {
    this.#hover = place;
    const drawing = this.#drawing();
    if (drawing && isDragging) this.#events.onSeek(lineAt(place, ...drawing).line);
    this.#refresh();
  }

  #leave(): void {
    this.#hover = undefined;
    this.#tooltip.hide();
    this.#refresh();
  }

  #step(buckets: number): void {
    const [, histogram] = this.#drawing() ?? [];
    const view = this.#state?.view;
    if (!histogram || !view) return;
    const middle = Math.floor((view[0] + view[1]) / 2);
    const to = bucketAfter(
      bucketOf(Math.min(middle, histogram.total - 1), histogram),
      buckets,
      histogram,
    );
    const line = buckets === Infinity ? histogram.total - 1 : (histogram.firsts[to] ?? 0);
    this.#events.onSeek(line);
  }

  /** The axis and the histogram to draw; undefined: not known yet. */
  #drawing(): [axis: Axis, histogram: Histogram] | undefined {
    const { histogram } = this.#data;
    if (!histogram?.lines.length || !this.#state) return undefined;
    // While lines wait to be counted, the axis waits too: beyond the count it would show silence.
    const { status, total, elapsed = 0 } = this.#state;
    const ended = status !== undefined && hasEnded(status.status);
    this.#seconds = ended
      ? elapsed
      : Math.max(this.#seconds, total > histogram.total ? this.#data.seconds : elapsed);
    return [axisOf(histogram, this.#seconds), histogram];
  }

  #refresh(anew = false): void {
    if (anew) this.#drawn = "";
    // Measured in the frame: while the page changes its theme, the width may be 0 for a moment.
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#prepare()) this.#draw();
    });
  }

  /**
   * Measure, and request the data to draw.
   *
   * @returns whether there is anything to draw.
   */
  #prepare(): boolean {
    const state = this.#state;
    if (!state) return false;
    [this.#width, this.#height] = this.arrange(state)
      ? [this.#slider.root.clientWidth, this.#slider.root.clientHeight]
      : [0, 0];
    // before it is drawn
    if (!this.root.hidden && !this.#slider.hasValue) this.#slider.setValue(state);
    if (this.#width < MIN_WIDTH_PX || !state.visible || document.visibilityState !== "visible") {
      this.#tooltip.hide();
      this.#data.rest();
      return false;
    }
    const buckets = Math.min(
      MAX_BUCKETS,
      Math.max(BUCKET_STEP, Math.round(this.#width / BAR_PX / BUCKET_STEP) * BUCKET_STEP),
    );
    const ended = state.status !== undefined && hasEnded(state.status.status);
    this.#data.want({ buckets, total: state.total, seconds: state.elapsed ?? 0, ended });
    return true;
  }

  #draw(): void {
    const [state, drawing] = [this.#state, this.#drawing()];
    if (!state || !drawing || !this.#width) return;
    const [axis, histogram] = drawing;
    const ratio = window.devicePixelRatio || 1;
    const key = [
      this.#width,
      this.#height,
      ratio,
      this.#data.version,
      axis.end,
      state.view,
      this.#marks.version,
      this.#hover,
      state.utc,
    ].join();
    if (key === this.#drawn) return;
    this.#drawn = key;
    const context = this.#sized(ratio);
    if (!context) return;
    const place = (line: number): number => placeOfLine(line, axis, histogram);
    const view = state.view && ([place(state.view[0]), place(state.view[1])] as const);
    const usage = this.#usage(axis);
    const zone = state.utc ? 0 : -new Date(axis.end / 1000).getTimezoneOffset();
    const style = getComputedStyle(this.#slider.root);
    const colors = new Map<string, string>();
    const color = (name: string): string => {
      if (!colors.has(name)) colors.set(name, style.getPropertyValue(`--prismq-${name}`).trim());
      return colors.get(name) as string;
    };
    const corner = CORNER_PX + this.#legend.render(usage, this.#width);
    const marks = this.#marks.places(place, `${this.#data.version},${axis.end}`);
    const picture = { axis, histogram, usage, view, marks, hover: this.#hover, corner, zone };
    draw(context, this.#width, this.#height, ratio, picture, color);
    const moment = { axis, histogram, usage, utc: state.utc };
    const middle = view ? (view[0] + view[1]) / 2 : 1;
    this.#slider.speak({ ...moment, place: middle }, state, isFollowing(state));
    if (this.#hover !== undefined)
      this.#tooltip.show({ ...moment, place: this.#hover }, this.#width);
  }

  #sized(ratio: number): CanvasRenderingContext2D | null {
    const [width, height] = [Math.round(this.#width * ratio), Math.round(this.#height * ratio)];
    if (this.#canvas.width !== width || this.#canvas.height !== height)
      Object.assign(this.#canvas, { width, height });
    return this.#canvas.getContext("2d");
  }

  /** The samples, and for an active run the newest one, which came with the stream. */
  #usage({ end }: Axis): readonly UsagePoint[] {
    const { usage, status } = this.#state as TimelineState;
    if (usage?.cpu_percent == null || usage.memory_bytes == null || status?.status !== "running")
      return this.#data.usage;
    return [...this.#data.usage, { time: end, cpu: usage.cpu_percent, memory: usage.memory_bytes }];
  }
}

function isFollowing({ view, total, status }: TimelineState): boolean {
  return status?.status === "running" && (view?.[1] ?? 0) >= total - 1;
}
