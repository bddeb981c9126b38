/**
 * What a viewer shows above the list: toolbar and timeline, and the announcements for screen
 * readers. All of it reads the store once per render.
 */

import { isIdle } from "../base/clock.js";
import { element, setText } from "../base/dom.js";
import type { ViewerOptions } from "../base/options.js";
import { stampOf } from "../base/protocol.js";
import { isOutputOpen, waitsForInput } from "../base/run-words.js";
import type { ErrorPlace } from "../search/errors.js";
import type { RunStore } from "../stream/store.js";
import { plainText } from "../text/ansi.js";
import { Timeline, type TimelineState } from "../timeline/timeline.js";
import { CONNECTION_LABELS } from "../toolbar/connection-bar.js";
import type { FactsState } from "../toolbar/facts.js";
import { Toolbar } from "../toolbar/toolbar.js";
import { Announcer } from "./announcer.js";

export interface HeaderEvents {
  onLevels(levels: readonly string[]): void;
  /** The person wants to see the next error, or the previous one. */
  onError(direction: 1 | -1): void;
  /** The person wants to go to that line. */
  onSeek(line: number): void;
  /** The person opened or closed the timeline. */
  onTimeline(open: boolean): void;
}

/** What the timeline marks: the part in view, and hits. */
export interface InView extends Pick<TimelineState, "view" | "visible" | "height"> {
  readonly hits: Parameters<Timeline["hits"]>[0];
}

/** Minimum interval (s) of drawing the timeline of a silent run. */
const TIMELINE_SECONDS = 10;
/** The same while nobody has used the page for some time: ten canvases cost more than the rest. */
const RESTING_SECONDS = 30;
const TIMELINE_STEPS = 200;

export class RunHeader {
  readonly toolbar: HTMLElement;
  readonly timeline: HTMLElement;
  /** The state of the run and the connection; announced when it changes. */
  readonly state = element("div", "prismq-spoken");
  /** New errors; announced at intervals. */
  readonly errors = element("div", "prismq-spoken");
  readonly #run: string;
  readonly #store: RunStore;
  readonly #toolbar: Toolbar;
  readonly #timeline: Timeline;
  readonly #announcer = new Announcer();
  #elapsed: number | undefined;
  #error: ErrorPlace | undefined;
  /** Seconds that the run had taken when the timeline was drawn last. */
  #timelineAt = 0;

  /**
   * @param buttons shown at the end of the toolbar.
   * @param attempts shown beside the name.
   */
  constructor(
    run: string,
    store: RunStore,
    buttons: HTMLElement,
    attempts: HTMLElement,
    events: HeaderEvents,
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

  /** Seconds that the run has taken; undefined: it has not started, or that is not known. */
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
   * @param error the error that the person went to last.
   */
  render(options: ViewerOptions, height: number, error: ErrorPlace | undefined): void {
    const { status, buffer, connection } = this.#store;
    this.#error = error;
    this.#renderToolbar(options);
    const { timeline: open } = options;
    this.#timeline.arrange({ total: buffer.total, elapsed: this.#elapsed, height, open });
    const name = status?.module_name ?? this.#run;
    const news = this.#announcer.announcement(
      status,
      buffer.total,
      (n) => buffer.get(n),
      performance.now(),
      plainText,
    );
    if (news) setText(this.errors, news);
    const ended = status && status.status !== "running";
    const left = isOutputOpen(status) ? "; background processes can still print" : "";
    const hidden = status?.hides_input ? " hidden" : "";
    const asks = waitsForInput(status) ? `${name}: waiting for${hidden} input` : "";
    const away =
      connection.state === "live" ? "" : `${name}: ${CONNECTION_LABELS[connection.state][0]}`;
    setText(this.state, ended ? `${name}: ${status.status}${left}` : away || asks);
  }

  /**
   * A second has passed.
   *
   * @returns whether the timeline is to be drawn: it grows by less than a pixel per second, except
   *   in a short run.
   */
  tick(options: ViewerOptions): boolean {
    this.#measureTime();
    this.#toolbar.tick(this.#facts);
    const elapsed = this.#elapsed ?? 0;
    const least = isIdle() ? RESTING_SECONDS : TIMELINE_SECONDS;
    return (
      options.timeline && elapsed - this.#timelineAt > Math.max(least, elapsed / TIMELINE_STEPS)
    );
  }

  #renderToolbar({ level }: ViewerOptions): void {
    this.#measureTime();
    const levels = level
      .toUpperCase()
      .split(/[\s,]+/)
      .filter(Boolean);
    const { connection } = this.#store;
    this.#toolbar.render({ ...this.#facts, levels, error: this.#error, connection });
  }

  get #facts(): FactsState {
    const { status, progress, usage, buffer, connection } = this.#store;
    const [elapsed, silence] = [this.#elapsed, this.#silence()];
    const live = connection.state === "live";
    return { status, progress, usage, total: buffer.total, elapsed, silence, live };
  }

  /** To be called after the list was drawn, because only then it is known what is in view. */
  renderTimeline({ timeline: open, utc }: ViewerOptions, { hits, ...seen }: InView): void {
    const { status, usage, buffer } = this.#store;
    this.#timelineAt = this.#elapsed ?? 0;
    this.#timeline.hits(hits);
    this.#timeline.update({
      status,
      usage,
      total: buffer.total,
      elapsed: this.#elapsed,
      open,
      utc,
      ...seen,
    });
  }

  /** Without a connection the clock stops: nobody knows whether the run is still active. */
  #measureTime(): void {
    const { status, statusAt, connection } = this.#store;
    if (status?.status !== "running") this.#elapsed = status?.duration_seconds ?? undefined;
    else if (connection.state === "live")
      this.#elapsed = (status.duration_seconds ?? 0) + (performance.now() - statusAt) / 1000;
  }

  /** Seconds since the last line, by the clock of the run. */
  #silence(): number | undefined {
    const { status, buffer } = this.#store;
    const last = buffer.get(buffer.total - 1);
    if (!last || !status?.started_at || this.#elapsed === undefined) return undefined;
    return Math.max(0, this.#elapsed - (last.stamp - stampOf(status.started_at)) / 1e6);
  }
}
