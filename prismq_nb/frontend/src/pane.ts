/**
 * The list of one run's lines: which rows there are, where it stands, whether it follows, and what has to be fetched.
 *
 * Apart from the viewer, which puts the bars around it and decides when to draw. Reads the options, and tells what a person changed in them.
 */

import { element } from "./dom.js";
import { FilteredLog } from "./filter.js";
import { listenToKeys, listenToSelection } from "./keys.js";
import { EmptyState, emptyText, JumpButton } from "./notes.js";
import type { ViewerOptions } from "./options.js";
import { hasEnded, stampOf } from "./protocol.js";
import { drawRow, rowKey } from "./row-view.js";
import { logRows, matchRows, type Row, type RowSource } from "./rows.js";
import { fetchPage, type Lease } from "./shared.js";
import type { RunStore } from "./store.js";
import { RowWindow } from "./window.js";

/** The list is never lower than this many rows, nor the viewer than this many px. */
const LEAST_ROWS = 5;
const LEAST_HEIGHT = 120;
/** Below the last row, in px, as in the style sheet. */
const LIST_PADDING = 6;
/** A row's height in font sizes. */
const LINE_HEIGHT = 1.54;
/** Lines around those in view that the buffer keeps. */
const KEEP_LINES = 200;

export interface PaneEvents {
  /** Something has to be drawn anew. */
  changed(): void;
  /** The person changed this. */
  onState(changed: Partial<ViewerOptions>): void;
}

export class LogPane {
  readonly root: HTMLElement;
  readonly #run: string;
  readonly #store: RunStore;
  readonly #options: () => ViewerOptions;
  readonly #events: PaneEvents;
  readonly #window: RowWindow;
  readonly #empty = new EmptyState();
  readonly #jump: JumpButton;
  #filter: FilteredLog | undefined;
  #follow: boolean;
  /** Lines that there were when following stopped. */
  #seen = 0;
  #rowHeight = 20;
  /** The start that the rows were drawn with: a filter's lines can come before the run's status. */
  #drawnStart: number | undefined;

  /** @param signal aborts when the viewer goes. */
  constructor(run: string, lease: Lease, options: () => ViewerOptions, events: PaneEvents, signal: AbortSignal) {
    this.#run = run;
    this.#store = lease.store;
    this.#options = options;
    this.#events = events;
    this.#follow = options().follow;
    const style = () => ({ timestamps: this.#options().timestamps, start: this.#start() });
    this.#window = new RowWindow(
      { key: rowKey, draw: (row) => drawRow(row, style()) },
      { onFollow: (follow) => this.setFollow(follow, true), onScroll: () => this.#events.changed() },
    );
    this.#window.follow = options().follow;
    this.#jump = new JumpButton(() => this.setFollow(true, true));
    const { scroller } = this.#window;
    scroller.setAttribute("role", "log");
    scroller.setAttribute("aria-live", "off"); // a screen reader cannot read a flood; the viewer's status line says what matters
    scroller.setAttribute("aria-label", "Log");
    this.root = element("div", "prismq-list", scroller, this.#empty.root, this.#jump.root);
    listenToKeys(scroller, () => this.setFollow(true, true), signal);
    listenToSelection(scroller, () => this.setFollow(false, true), signal);
    signal.addEventListener("abort", () => this.#filter?.dispose());
    this.setFilter();
  }

  get filter(): FilteredLog | undefined {
    return this.#filter;
  }

  get follow(): boolean {
    return this.#follow;
  }

  setFollow(follow: boolean, byPerson: boolean): void {
    if (this.#follow === follow) return;
    this.#follow = this.#window.follow = follow;
    if (this.#filter) this.#filter.hold = !follow;
    if (byPerson) this.#events.onState({ follow });
    this.#events.changed();
  }

  /** Filters as the options say now. */
  setFilter(): void {
    const { level, query } = this.#options();
    const filter = { level: level.replace(/\s/g, "").toUpperCase(), query };
    this.#filter?.dispose();
    this.#filter = filter.level || filter.query ? new FilteredLog(this.#run, filter, fetchPage, () => this.#events.changed()) : undefined;
    if (this.#filter) this.#filter.hold = !this.#follow;
    this.redraw();
  }

  /** Makes all rows anew. */
  redraw(): void {
    this.#window.reset();
    this.#events.changed();
  }

  /** Takes the height of a row from the page's font; returns it in px. */
  measure(): number {
    const size = Number.parseFloat(getComputedStyle(this.#window.scroller).fontSize) || 13;
    this.#rowHeight = this.#window.rowHeight = Math.round(size * LINE_HEIGHT);
    return this.#rowHeight;
  }

  /** Draws the list; `around`: height in px of what the viewer has beside it. */
  render(viewerHeight: () => number): void {
    if (this.#follow) this.#seen = this.#store.buffer.total;
    this.#filter?.advance(this.#store.buffer.total);
    const rows = this.#filter ? this.#filteredRows(this.#filter) : this.#logRows();
    const { status, link } = this.#store;
    const [text, waiting] = emptyText(status, link, !this.#filter ? "none" : this.#filter.ready ? "nothing" : "searching");
    this.#empty.render(rows.count === 0, text, waiting);
    this.#resize(rows.count, viewerHeight);
    if (this.#drawnStart !== this.#start()) this.#window.reset();
    this.#drawnStart = this.#start();
    this.#window.render(rows);
    this.#jump.render(!this.#follow && !this.#window.atEnd, this.#store.buffer.total - this.#seen);
    rows.want(...this.#window.range(rows.count));
  }

  #logRows(): RowSource {
    const { buffer, gaps, pending } = this.#store;
    const unfinished = (["stdout", "stderr"] as const).filter((stream) => pending[stream]);
    const tail: Row[] = unfinished.map((stream) => ({ kind: "pending", stream, text: pending[stream] }));
    const want = (first: number, last: number): void => {
      this.#store.kept.set(this, [first - KEEP_LINES, last + KEEP_LINES]);
      this.#store.want([first, last]);
    };
    return logRows({ total: buffer.total, gaps, get: (n) => buffer.get(n), tail: [...tail, ...this.#endRow()], want });
  }

  #filteredRows(filter: FilteredLog): RowSource {
    const head: Row[] = filter.omitted ? [{ kind: "notice", text: "Earlier lines that match are not listed" }] : [];
    return matchRows(filter.matches, head, filter.matches.length ? this.#endRow() : []);
  }

  #endRow(): Row[] {
    const { status, complete, buffer } = this.#store;
    return status && complete && hasEnded(status.status) && buffer.total ? [{ kind: "end", status }] : [];
  }

  /** A short log takes little room; a long one takes the height that was asked for. */
  #resize(rows: number, viewerHeight: () => number): void {
    const { scroller } = this.#window;
    const around = viewerHeight() - scroller.clientHeight + LIST_PADDING; // with a horizontal scroll bar, where there is one
    const most = Math.floor((Math.max(LEAST_HEIGHT, this.#options().height) - around) / this.#rowHeight); // whole rows: none is cut at the top
    const shown = Math.max(1, Math.min(most, Math.max(LEAST_ROWS, rows)));
    const height = `${shown * this.#rowHeight + LIST_PADDING + scroller.offsetHeight - scroller.clientHeight}px`;
    if (scroller.style.height !== height) scroller.style.height = height;
  }

  /** Start of the run, µs since the epoch. */
  #start(): number | undefined {
    const started = this.#store.status?.started_at;
    return started ? stampOf(started) : undefined;
  }
}
