/**
 * The time line above the list: the whole run as a drawing of lines per time and level, with CPU and memory, where one sees what is in view, and goes
 * elsewhere by click, drag or key. Says where to go; moves nothing itself.
 */

import { ask } from "../api/ask.js";
import { element, icon, setAttribute, show } from "../base/dom.js";
import { count } from "../base/format.js";
import { lineNumber, spokenLine } from "../base/line-numbers.js";
import { hasEnded, type RunStatus, type Usage } from "../base/protocol.js";
import { TimelineData } from "./timeline-data.js";
import { draw } from "./timeline-draw.js";
import { type Axis, axisOf, bucketOf, type Histogram, isWorthDrawing, lineAt, neighbour, placeOfLine, type UsagePoint } from "./timeline-math.js";
import { TimelineLegend } from "./timeline-legend.js";
import { type Moment, spokenPlace, TimelineTip } from "./timeline-tip.js";

/** Width of one bar, about. */
const BAR_PX = 3;
/** Buckets are asked for in such steps, so that a cell that grows by a pixel asks for nothing. */
const BUCKET_STEP = 40;
const MOST_BUCKETS = 2000;
/** Bars that PageUp and PageDown go over. */
const PAGE_BUCKETS = 10;
/** In lower viewers it would take what the list needs. */
const LEAST_VIEWER_PX = 220;
/** Narrower than this it is not drawn; see also the style sheet. */
const LEAST_PX = 200;
/** The button in the corner, and the air before what stands there. */
const CORNER_PX = 32;
/** More marks than a screen has columns tell nothing more. */
const MOST_MARKS = 4_000;
/** While the list follows a run, a screen reader on the slider is told where it is so often (ms) at most. */
const SAY_MS = 5_000;
/** Lumino looks for this attribute on the way up from the target, in the capture phase on `document`. */
const SUPPRESS = "data-lm-suppress-shortcuts";
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

/** What a search has found. */
export interface Hits {
  readonly hits: number;
  /** Numbers of lines that match: evenly chosen ones. */
  readonly samples: { readonly size: number; lineAt(position: number): number };
}

export interface TimelineEvents {
  /** The person wants to see this line. */
  onSeek(line: number): void;
  /** The person opened or closed it. */
  onToggle(open: boolean): void;
}

export interface TimelineState {
  readonly status: RunStatus | undefined;
  /** Lines in the log. */
  readonly total: number;
  /** Seconds that the run went on, or goes on; undefined: it has not begun. */
  readonly elapsed: number | undefined;
  readonly usage: Usage | undefined;
  /** Numbers of the lines in view; undefined: none. */
  readonly view: readonly [first: number, last: number] | undefined;
  /** Somebody can see the viewer. */
  readonly visible: boolean;
  /** Height of the viewer, in px. */
  readonly height: number;
  readonly open: boolean;
  readonly utc: boolean;
}

export class Timeline {
  readonly root = element("div", "prismq-timeline");
  readonly #canvas = element("canvas", "prismq-time-canvas");
  readonly #plot = element("div", "prismq-time-plot", this.#canvas);
  readonly #toggle = element("button", "prismq-button prismq-time-toggle", icon("collapse"), element("span", "prismq-button-label", "Timeline"));
  readonly #tip = new TimelineTip();
  readonly #legend = new TimelineLegend();
  readonly #data: TimelineData;
  readonly #events: TimelineEvents;
  readonly #end = new AbortController();
  #state: TimelineState | undefined;
  #width = 0;
  #height = 0;
  #hover: number | undefined;
  #dragging = false;
  #marks: readonly number[] = [];
  /** Places of the marks, and what they were worked out for. */
  #marked: readonly [key: string, places: readonly number[]] = ["", []];
  #said = -Infinity;
  #search: Hits | undefined;
  #hits = 0;
  #drawn = "";
  #marksVersion = 0;
  #frame = 0;
  /** How much of the run is drawn. */
  #seconds = 0;

  constructor(run: string, events: TimelineEvents) {
    this.#events = events;
    this.#data = new TimelineData(
      async (what, signal) => (await ask(run, `/${what}`, { signal })).json(),
      () => this.#refresh(),
    );
    this.#toggle.type = "button";
    this.#toggle.tabIndex = -1; // by keyboard: the menu View
    this.#plot.tabIndex = 0;
    this.#plot.setAttribute("role", "slider");
    this.#plot.setAttribute("aria-label", "Timeline of the run");
    this.#plot.setAttribute("aria-orientation", "horizontal");
    this.#plot.setAttribute("aria-valuemin", "1");
    this.#plot.append(this.#legend.root);
    this.root.append(this.#plot, this.#tip.root, this.#toggle);
    this.root.hidden = true;
    this.#listen();
  }

  /** Takes its room, or none, before the rest is laid out. */
  arrange({ total, elapsed, height, open }: Pick<TimelineState, "total" | "elapsed" | "height" | "open">): boolean {
    const worth = isWorthDrawing(total, elapsed ?? 0) && height >= LEAST_VIEWER_PX;
    show(this.root, worth);
    show(this.#plot, open);
    this.root.classList.toggle("prismq-time-closed", !open);
    setAttribute(this.#toggle, "aria-expanded", String(open));
    setAttribute(this.#toggle, "title", open ? "Hide the timeline" : "Show the timeline");
    return worth && open;
  }

  /** To be called in an animation frame: it draws in this one, as a frame of its own costs more. */
  update(state: TimelineState): void {
    this.#state = state;
    if (!this.#prepare()) return;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#draw();
  }

  /** Marks lines, such as those that a search found. */
  marks(lines: readonly number[]): void {
    this.#marks = lines;
    this.#marksVersion++;
    this.#refresh();
  }

  /** Marks what a search has found by now: all of it, or evenly chosen hits where they are very many. */
  hits(search: Hits | undefined): void {
    const count = search?.hits ?? 0;
    if (search === this.#search && count === this.#hits) return;
    [this.#search, this.#hits] = [search, count];
    const size = search?.samples.size ?? 0;
    const every = Math.ceil(size / MOST_MARKS) || 1;
    this.marks(Array.from({ length: Math.ceil(size / every) }, (_, i) => search?.samples.lineAt(i * every) ?? 0));
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
    size.observe(this.#plot);
    const theme = new MutationObserver(() => this.#refresh(true));
    signal.addEventListener("abort", () => {
      size.disconnect();
      theme.disconnect();
    });
    document.addEventListener("visibilitychange", () => this.#refresh(), { signal });
    this.#toggle.addEventListener("click", () => this.#events.onToggle(!this.#state?.open));
    this.#listenToMouse(signal);
    this.#listenToKeys(signal);
    // The viewer's own element has the classes of the theme; it is there when this is in the page.
    queueMicrotask(() => {
      const viewer = this.root.closest(".prismq-root");
      if (viewer) theme.observe(viewer, { attributes: true, attributeFilter: ["class"] });
      theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"] });
    });
  }

  #listenToMouse(signal: AbortSignal): void {
    const plot = this.#plot;
    plot.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      plot.setPointerCapture(event.pointerId);
      this.#dragging = true;
      this.#point(event);
    }, { signal });
    plot.addEventListener("pointermove", (event) => this.#point(event), { signal });
    const stop = (): void => void (this.#dragging = false);
    plot.addEventListener("pointerup", stop, { signal });
    plot.addEventListener("pointercancel", stop, { signal });
    plot.addEventListener("pointerleave", () => {
      this.#hover = undefined;
      this.#tip.hide();
      this.#refresh();
    }, { signal });
  }

  #listenToKeys(signal: AbortSignal): void {
    const isOurs = (event: KeyboardEvent): boolean => event.key in STEPS && !event.ctrlKey && !event.metaKey && !event.altKey;
    // `window` comes before `document` in the capture phase: only for our own keys are JupyterLab's shortcuts off.
    const mark = (event: KeyboardEvent): void => {
      if (event.target === this.#plot) this.#plot.toggleAttribute(SUPPRESS, isOurs(event));
    };
    window.addEventListener("keydown", mark, { capture: true, signal });
    this.#plot.addEventListener("keydown", (event) => {
      if (!isOurs(event)) return;
      event.preventDefault();
      event.stopPropagation();
      this.#step(STEPS[event.key] ?? 0);
    }, { signal });
  }

  /** The mouse is somewhere; with its button down, that is where the list goes. */
  #point(event: PointerEvent): void {
    const box = this.#plot.getBoundingClientRect();
    if (!box.width) return;
    this.#hover = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const drawing = this.#drawing();
    if (drawing && this.#dragging) this.#events.onSeek(lineAt(this.#hover, ...drawing).line);
    this.#refresh();
  }

  #step(buckets: number): void {
    const [, histogram] = this.#drawing() ?? [];
    const view = this.#state?.view;
    if (!histogram || !view) return;
    const middle = Math.floor((view[0] + view[1]) / 2);
    const to = neighbour(bucketOf(Math.min(middle, histogram.total - 1), histogram), buckets, histogram);
    const line = buckets === Infinity ? histogram.total - 1 : (histogram.firsts[to] ?? 0);
    this.#events.onSeek(line);
  }

  /** What can be drawn. */
  #drawing(): [axis: Axis, histogram: Histogram] | undefined {
    const { histogram } = this.#data;
    if (!histogram?.lines.length || !this.#state) return undefined;
    // While lines wait to be counted the axis waits as well: beyond what was counted it would tell of silence.
    const { status, total, elapsed = 0 } = this.#state;
    const ended = status !== undefined && hasEnded(status.status);
    this.#seconds = ended ? elapsed : Math.max(this.#seconds, total > histogram.total ? this.#data.seconds : elapsed);
    return [axisOf(histogram, this.#seconds), histogram];
  }

  #refresh(anew = false): void {
    if (anew) this.#drawn = "";
    // Measured in the frame: while the page changes its theme, there may be no room for a moment.
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#prepare()) this.#draw();
    });
  }

  /** Asks for what is to be drawn; whether anything is. */
  #prepare(): boolean {
    const state = this.#state;
    if (!state) return false;
    [this.#width, this.#height] = this.arrange(state) ? [this.#plot.clientWidth, this.#plot.clientHeight] : [0, 0];
    if (!this.root.hidden && !this.#plot.hasAttribute("aria-valuenow")) this.#sayLine(state); // before it is drawn
    if (this.#width < LEAST_PX || !state.visible || document.visibilityState !== "visible") {
      this.#tip.hide();
      this.#data.rest();
      return false;
    }
    const buckets = Math.min(MOST_BUCKETS, Math.max(BUCKET_STEP, Math.round(this.#width / BAR_PX / BUCKET_STEP) * BUCKET_STEP));
    const ended = state.status !== undefined && hasEnded(state.status.status);
    this.#data.want({ buckets, total: state.total, seconds: state.elapsed ?? 0, ended });
    return true;
  }

  #draw(): void {
    const [state, drawing] = [this.#state, this.#drawing()];
    if (!state || !drawing || !this.#width) return;
    const [axis, histogram] = drawing;
    const ratio = window.devicePixelRatio || 1;
    const key = [this.#width, this.#height, ratio, this.#data.version, axis.end, state.view, this.#marksVersion, this.#hover, state.utc].join();
    if (key === this.#drawn) return;
    this.#drawn = key;
    const context = this.#sized(ratio);
    if (!context) return;
    const place = (line: number): number => placeOfLine(line, axis, histogram);
    const view = state.view && ([place(state.view[0]), place(state.view[1])] as const);
    const usage = this.#usage(axis);
    const zone = state.utc ? 0 : -new Date(axis.end / 1000).getTimezoneOffset();
    const style = getComputedStyle(this.#plot);
    const colors = new Map<string, string>();
    const color = (name: string): string => {
      if (!colors.has(name)) colors.set(name, style.getPropertyValue(`--prismq-${name}`).trim());
      return colors.get(name) as string;
    };
    const corner = CORNER_PX + this.#legend.render(usage, this.#width);
    const marks = this.#places(place, axis);
    const picture = { axis, histogram, usage, view, marks, hover: this.#hover, corner, zone };
    draw(context, this.#width, this.#height, ratio, picture, color);
    this.#say({ axis, histogram, usage, place: view ? (view[0] + view[1]) / 2 : 1, utc: state.utc }, state);
    if (this.#hover !== undefined) this.#tip.tell({ axis, histogram, usage, place: this.#hover, utc: state.utc }, this.#width);
  }

  /** Where the marks are; there may be very many, and a list that scrolls draws often. */
  #places(place: (line: number) => number, { end }: Axis): readonly number[] {
    const key = [this.#marksVersion, this.#data.version, end].join();
    if (this.#marked[0] !== key) this.#marked = [key, this.#marks.map(place)];
    return this.#marked[1];
  }

  #sized(ratio: number): CanvasRenderingContext2D | null {
    const [width, height] = [Math.round(this.#width * ratio), Math.round(this.#height * ratio)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    return this.#canvas.getContext("2d");
  }

  /** The samples, and the newest of a run that goes on, which came with the stream. */
  #usage({ end }: Axis): readonly UsagePoint[] {
    const { usage, status } = this.#state as TimelineState;
    if (usage?.cpu_percent == null || usage.memory_bytes == null || status?.status !== "running") return this.#data.usage;
    return [...this.#data.usage, { time: end, cpu: usage.cpu_percent, memory: usage.memory_bytes }];
  }

  #say(moment: Moment, state: TimelineState): void {
    const { view, total, status } = state;
    const follows = status?.status === "running" && (view?.[1] ?? 0) >= total - 1;
    if (follows && performance.now() < this.#said + SAY_MS) return;
    this.#said = performance.now();
    setAttribute(this.#plot, "aria-valuetext", spokenPlace(moment, this.#sayLine(state)));
  }

  /** Tells the line in the middle of what is in view, and returns it. */
  #sayLine({ view, total }: TimelineState): number {
    const line = view ? Math.min(total - 1, Math.floor((view[0] + view[1]) / 2)) : total - 1;
    setAttribute(this.#plot, "aria-valuemax", String(total));
    setAttribute(this.#plot, "aria-valuenow", lineNumber(line));
    setAttribute(this.#plot, "aria-valuetext", `line ${spokenLine(line)} of ${count(total)}`);
    return line;
  }
}
