/**
 * What a viewer tells of its run above the list: toolbar, time line, and the words for screen readers. All from one look at the store.
 */

import { plainText } from "../text/ansi.js";
import { LINK_WORDS } from "../toolbar/connection-bar.js";
import { isResting } from "../base/clock.js";
import { element, setText } from "../base/dom.js";
import type { ErrorPlace } from "../search/errors.js";
import type { FactsState } from "../toolbar/facts.js";
import type { ViewerOptions } from "../base/options.js";
import { stampOf } from "../base/protocol.js";
import { isOutputOpen, waitsForInput } from "../base/run-words.js";
import { Speaker } from "./speaker.js";
import type { RunStore } from "../stream/store.js";
import { Timeline, type TimelineState } from "../timeline/timeline.js";
import { Toolbar } from "../toolbar/toolbar.js";

export interface HeadEvents {
  onLevels(levels: readonly string[]): void;
  /** Somebody wants to see the next error, or the one before. */
  onError(direction: 1 | -1): void;
  /** Somebody wants to see that line. */
  onSeek(line: number): void;
  /** The time line was opened or closed. */
  onTimeline(open: boolean): void;
}

/** What the time line marks as seen, and as found. */
export interface InView extends Pick<TimelineState, "view" | "visible" | "height"> {
  readonly hits: Parameters<Timeline["hits"]>[0];
}

/** Between two drawings of the time line of a run that prints nothing: so long (s), or this part of the run. */
const TIMELINE_SECONDS = 10;
/** The same where nobody has touched the page for a while: ten canvases cost more than all else does. */
const RESTING_SECONDS = 30;
const TIMELINE_STEPS = 200;

export class RunHead {
  readonly toolbar: HTMLElement;
  readonly timeline: HTMLElement;
  /** How the run and the connection are; spoken when it changes. */
  readonly state = element("div", "prismq-spoken");
  /** New errors; spoken now and then. */
  readonly errors = element("div", "prismq-spoken");
  readonly #run: string;
  readonly #store: RunStore;
  readonly #toolbar: Toolbar;
  readonly #timeline: Timeline;
  readonly #speaker = new Speaker();
  #elapsed: number | undefined;
  #error: ErrorPlace | undefined;
  /** Of the run's seconds, when the time line was drawn last. */
  #timelineAt = 0;

  /**
   * @param buttons at the end of the toolbar.
   * @param attempts beside the name.
   */
  constructor(
    run: string,
    store: RunStore,
    buttons: HTMLElement,
    attempts: HTMLElement,
    events: HeadEvents,
  ) {
    this.#run = run;
    this.#store = store;
    this.#toolbar = new Toolbar(buttons, attempts, events);
    this.#timeline = new Timeline(run, { onSeek: events.onSeek, onToggle: events.onTimeline });
    this.toolbar = this.#toolbar.root;
    this.timeline = this.#timeline.root;
    this.state.setAttribute("role", "status");
    this.errors.setAttribute("aria-live", "polite");
  }

  /** Seconds that the run has taken until now; undefined: it has not begun, or that is not known. */
  get elapsed(): number | undefined {
    return this.#elapsed;
  }

  /** All figures of the run in one line. */
  get figures(): string {
    return this.#toolbar.figures;
  }

  dispose(): void {
    this.#timeline.dispose();
  }

  /**
   * @param height of the viewer, in px.
   * @param error which of the errors the person went to last.
   */
  render(options: ViewerOptions, height: number, error: ErrorPlace | undefined): void {
    const { status, buffer, link } = this.#store;
    this.#error = error;
    this.#renderToolbar(options);
    const { timeline: open } = options;
    this.#timeline.arrange({ total: buffer.total, elapsed: this.#elapsed, height, open });
    const name = status?.module_name ?? this.#run;
    const news = this.#speaker.news(status, buffer.total, (n) => buffer.get(n), performance.now(), plainText);
    if (news) setText(this.errors, news);
    const ended = status && status.status !== "running";
    const left = isOutputOpen(status) ? "; background processes can still print" : "";
    const hidden = status?.hides_input ? " hidden" : "";
    const asks = waitsForInput(status) ? `${name}: waiting for${hidden} input` : "";
    const connection = link.state === "live" ? "" : `${name}: ${LINK_WORDS[link.state][0]}`;
    setText(this.state, ended ? `${name}: ${status.status}${left}` : connection || asks);
  }

  /** A second passed; whether the time line is to be drawn anew: it grows by less than a pixel a second, but for a short run. */
  tick(options: ViewerOptions): boolean {
    this.#measureTime();
    this.#toolbar.tick(this.#facts);
    const elapsed = this.#elapsed ?? 0;
    const least = isResting() ? RESTING_SECONDS : TIMELINE_SECONDS;
    return options.timeline && elapsed - this.#timelineAt > Math.max(least, elapsed / TIMELINE_STEPS);
  }

  #renderToolbar({ level }: ViewerOptions): void {
    this.#measureTime();
    const levels = level.toUpperCase().split(/[\s,]+/).filter(Boolean);
    const { link } = this.#store;
    this.#toolbar.render({ ...this.#facts, levels, error: this.#error, link });
  }

  get #facts(): FactsState {
    const { status, progress, usage, buffer, link } = this.#store;
    const [elapsed, silence] = [this.#elapsed, this.#silence()];
    const live = link.state === "live";
    return { status, progress, usage, total: buffer.total, elapsed, silence, live };
  }

  /** After the list was drawn, which knows only then what is in view. */
  renderTimeline({ timeline: open, utc }: ViewerOptions, { hits, ...seen }: InView): void {
    const { status, usage, buffer } = this.#store;
    this.#timelineAt = this.#elapsed ?? 0;
    this.#timeline.hits(hits);
    this.#timeline.update({ status, usage, total: buffer.total, elapsed: this.#elapsed, open, utc, ...seen });
  }

  /** Without a connection the clock stands still: nobody knows whether the run goes on. */
  #measureTime(): void {
    const { status, statusAt, link } = this.#store;
    if (status?.status !== "running") this.#elapsed = status?.duration_seconds ?? undefined;
    else if (link.state === "live") this.#elapsed = (status.duration_seconds ?? 0) + (performance.now() - statusAt) / 1000;
  }

  /** Seconds since the last line, by the clock of the run. */
  #silence(): number | undefined {
    const { status, buffer } = this.#store;
    const last = buffer.get(buffer.total - 1);
    if (!last || !status?.started_at || this.#elapsed === undefined) return undefined;
    return Math.max(0, this.#elapsed - (last.stamp - stampOf(status.started_at)) / 1e6);
  }
}
