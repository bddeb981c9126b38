/**
 * The list of one run's lines: which rows there are, where it stands, whether it follows, and what has to be fetched.
 *
 * Apart from the viewer, which puts the bars around it and decides when to draw. Reads the options, and tells what a person changed in them.
 */

import { lastInRow, rowOf } from "../text/answers.js";
import { linesBetween } from "../selection/copy-source.js";
import { Copying, type CopySource } from "../selection/copying.js";
import { element } from "../base/dom.js";
import type { Lines } from "../base/line-selection.js";
import type { KnownFields } from "../text/known-fields.js";
import type { RowFilter } from "../search/hit-rows.js";
import type { Anchor } from "../search/kept-place.js";
import { listenToSelection } from "../ui/keys.js";
import { LineMark } from "../list/line-mark.js";
import { EmptyState, emptyText, JumpBar } from "../toolbar/notes.js";
import type { ViewerOptions } from "../base/options.js";
import { RecordFolds } from "../list/record-folds.js";
import { RowState } from "../list/row-state.js";
import { drawRow, rowKey, type RowStyle } from "../list/row-view.js";
import { lineOf, nearestRow, type RowSource } from "../base/rows.js";
import { fetchFrames, fetchPage, type Lease } from "../stream/shared.js";
import type { RunStore } from "../stream/store.js";
import { endRows, wholeLog } from "../list/whole-log.js";
import { PADDING_PX, RowWindow } from "../list/window.js";

/** The list is never lower than this many rows, nor the viewer than this many px. */
const LEAST_ROWS = 5;
const LEAST_HEIGHT = 120;
/** A row's height in font sizes. */
const LINE_HEIGHT = 1.54;
/** Lines fetched ahead of those in view, in the direction in which the person goes. */
const AHEAD_LINES = 512;

export interface PaneEvents {
  /** Whether it is as high as the option says, also where the log needs less. */
  isExact(): boolean;
  /** Something has to be drawn anew. */
  changed(): void;
  /** The folder in which the run was started; undefined: not known, perhaps later. */
  folder(): string | undefined;
  /** Something could not be done; a sentence for people. */
  problem(text: string): void;
  /** The person wants to see a line among all lines. */
  context(line: number): void;
  /** The person changed this. */
  onState(changed: Partial<ViewerOptions>): void;
}

interface Target {
  readonly line: number;
  /** Px from the upper edge of the list. */
  readonly place: "center" | number;
  /** `moves` when it was in sight, or what stands for it: see `KeptPlace`. */
  readonly kept?: number;
  /** The last line of those to mark; undefined: none is marked. */
  readonly last: number | undefined;
}

export class LogPane {
  readonly root: HTMLElement;
  readonly #run: string;
  readonly #store: RunStore;
  readonly #options: () => ViewerOptions;
  readonly #events: PaneEvents;
  readonly #window: RowWindow;
  readonly #state: RowState;
  readonly #folds: RecordFolds;
  readonly #copying: Copying;
  readonly #mark: LineMark;
  /** The hit or the error that the person went to last. */
  current: number | undefined;
  readonly #empty = new EmptyState();
  readonly #jump: JumpBar;
  #filter: RowFilter | undefined;
  /** Rows that the list needed when it was last shown without a filter. */
  #unfiltered = 0;
  #rows: RowSource | undefined;
  /** Where to go as soon as there is such a line. */
  #target: Target | undefined;
  /** The first line that was wanted last, and whether the one before was below it. */
  #from = 0;
  #up = false;
  #follow: boolean;
  /** Lines that there were when following stopped. */
  #seen: number | undefined;
  #rowHeight = 20;
  /** Px below the list that are less than a row. */
  #rest = 0;
  /** The start that the rows were drawn with: a filter's lines can come before the run's status. */
  #drawnStart: number | undefined;

  /** @param signal aborts when the viewer goes. */
  constructor(run: string, lease: Lease, options: () => ViewerOptions, events: PaneEvents, signal: AbortSignal) {
    this.#run = run;
    this.#store = lease.store;
    this.#options = options;
    this.#events = events;
    this.#follow = options().follow;
    const { buffer } = this.#store;
    this.#state = new RowState(run, (n) => buffer.get(n), fetchPage, {
      changed: () => this.#events.changed(),
      folder: () => this.#events.folder(),
      problem: (text) => this.#events.problem(text),
      touched: () => this.setFollow(false, true),
      folding: () => this.#options().fold && !this.#filter,
      frames: (line) => fetchFrames(run, line),
      whole: () => !this.#filter,
    });
    this.#folds = new RecordFolds(this.#store, this.#state);
    const style = (): RowStyle => ({ ...this.#options(), start: this.#store.start, state: this.#state });
    this.#window = new RowWindow(
      { key: (row) => rowKey(row, style()), draw: (row) => drawRow(row, style()) },
      { onFollow: (follow) => this.setFollow(follow, true), onScroll: () => this.#events.changed() },
      signal,
    );
    this.#window.follow = options().follow;
    this.#jump = new JumpBar(() => this.setFollow(true, true));
    const { scroller } = this.#window;
    scroller.setAttribute("role", "log");
    scroller.setAttribute("aria-live", "off"); // a screen reader cannot read a flood; the viewer's status line says what matters
    scroller.setAttribute("aria-label", "Log");
    this.#mark = new LineMark(scroller, signal);
    this.#copying = new Copying(scroller, this.#copySource(), signal);
    this.root = element("div", "prismq-list", scroller, this.#jump.root, this.#empty.root, this.#copying.bar.root);
    listenToSelection(scroller, () => this.setFollow(false, true), signal);
    const unlisten = this.#store.listen(() => this.#state.renew());
    signal.addEventListener("abort", unlisten);
  }

  /** The element that scrolls, in which the rows are. */
  get scroller(): HTMLElement {
    return this.#window.scroller;
  }

  get filter(): RowFilter | undefined {
    return this.#filter;
  }

  /** What is shown instead of all lines; undefined: all. What is read stays in sight. */
  set filter(filter: RowFilter | undefined) {
    if (filter === this.#filter) return;
    this.#filter = filter;
    this.redraw();
  }

  /** The keys of the JSON records that were drawn. */
  get fields(): KnownFields {
    return this.#state.fields;
  }

  get follow(): boolean {
    return this.#follow;
  }

  /** Lines that the person selected; undefined: none. */
  get selected(): Lines | undefined {
    return this.#copying.lines;
  }

  /** See `FoldOf`. */
  async foldOf(record: number, direction: 1 | -1, signal: AbortSignal): Promise<Lines | undefined> {
    const isFolding = this.#options().fold && !this.#filter;
    return isFolding ? this.#folds.around(record, direction, signal) : undefined;
  }

  setFollow(follow: boolean, byPerson: boolean): void {
    if (this.#follow === follow) return;
    this.#follow = this.#window.follow = follow;
    if (follow) {
      this.#target = undefined;
      this.#mark.set(undefined);
    }
    if (byPerson) this.#events.onState({ follow });
    this.#events.changed();
  }

  /**
   * Shows a line and stops following. A line that is not there yet is shown when it is.
   *
   * @param mark it is marked, with those behind it to line `last`, until the person goes on.
   */
  goTo(line: number, { center = true, mark = true, last = line } = {}): void {
    this.#target = { line, place: center ? "center" : 0, last: mark ? last : undefined };
    this.#window.moves++;
    this.#mark.set(undefined);
    this.setFollow(false, true);
    this.#events.changed();
  }

  /** How often the person moved the list, or went somewhere. */
  get moves(): number {
    return this.#window.moves;
  }

  /** The line that is read, and where its row is: one that is selected, marked or gone to, else the first in view. */
  anchor(): Anchor | undefined {
    const [rows, seen] = [this.#rows, this.visible()];
    if (!rows || !seen) return undefined;
    const isSeen = (line = -1): boolean => line >= seen[0] && line <= seen[1];
    const chosen = [this.selected?.[0], this.#pointed()?.[0]].find(isSeen);
    let [index, last] = this.#window.visible;
    if (chosen !== undefined) index = rows.indexOf(chosen);
    else while (index < last && !["line", "hole"].includes(rows.at(index).kind)) index++;
    const line = lineOf(rows.at(index));
    return line === undefined ? undefined : { line, top: this.#window.topOf(index) };
  }

  /** Puts a line, or the nearest that there is, where it was, unless the person is about to go somewhere. */
  moveTo({ line, top }: Anchor): void {
    this.#target ??= { line, place: top, last: undefined, kept: this.moves };
    this.#events.changed();
  }

  /** Numbers of the first and the last line in view; undefined when there is none. */
  visible(): [first: number, last: number] | undefined {
    if (!this.#rows) return undefined;
    let [first, last] = this.#window.visible;
    last = Math.min(last, this.#rows.count - 1);
    while (first <= last && lineOf(this.#rows.at(first)) === undefined) first++;
    while (first <= last && lineOf(this.#rows.at(last)) === undefined) last--;
    const [from, to] = first <= last ? [lineOf(this.#rows.at(first)), lineOf(this.#rows.at(last))] : [];
    return from === undefined || to === undefined ? undefined : [from, to];
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

  /** Is as high as a short log from the beginning; as soon as it is on the page. */
  reserve(): void {
    const { scroller } = this.#window;
    const bar = scroller.offsetHeight - scroller.clientHeight;
    scroller.style.height = `${LEAST_ROWS * this.measure() + PADDING_PX + bar}px`;
  }

  /** Draws the list; `around`: height in px of what the viewer has beside it. */
  render(viewerHeight: () => number): void {
    const { total } = this.#store.buffer;
    if (this.#follow || this.#seen === undefined) this.#seen = total || undefined;
    const rows = this.#filter?.source(endRows(this.#store), this.#follow) ?? this.#logRows();
    const { status, link } = this.#store;
    const [text, waiting] = emptyText(status, link, !this.#filter ? "none" : this.#filter.ready ? "nothing" : "searching");
    this.#empty.render(rows.count === 0, text, waiting);
    if (this.#drawnStart !== this.#store.start) this.#window.reset();
    this.#drawnStart = this.#store.start;
    this.#rows = rows;
    this.#goToTarget(rows);
    this.#resize(rows.count, viewerHeight);
    this.#window.render(rows);
    if (this.#resize(rows.count, viewerHeight)) this.#events.changed(); // rows were higher than they were taken for
    this.#mark.render(this.visible(), this.moves);
    this.#copying.render();
    const canJump = !this.#follow && !this.#window.atEnd;
    if (this.#jump.render(canJump, total - (this.#seen ?? total))) {
      this.#resize(rows.count, viewerHeight); // at once: what is below the viewer does not move
      this.#window.render(rows);
    }
  }

  #goToTarget(rows: RowSource): void {
    const target = this.#target;
    if (!target || this.#follow || this.#store.buffer.total <= target.line) return;
    this.#target = undefined;
    const line = this.#filter ? target.line : rowOf(target.line, (n) => this.#store.buffer.get(n));
    if (target.kept !== undefined) return this.#goBack(rows, target, line);
    this.#state.reveal(target.line);
    this.#window.goTo(rows.indexOf(line), target.place);
    if (target.last !== undefined) this.#mark.set([line, target.last]);
  }

  /** Until the rows around it are here it is not known which one it is. */
  #goBack(rows: RowSource, target: Target, line: number): void {
    if (target.kept !== this.moves) return;
    const [row, isSure] = nearestRow(rows, line);
    this.#window.goTo(row, target.place);
    if (!isSure) this.#target = target;
  }

  #logRows(): RowSource {
    const want = (first: number, last: number): void => {
      if (first !== this.#from) this.#up = first < this.#from;
      const ahead = this.#follow ? 0 : AHEAD_LINES; // in a flood, what was skipped is of no use yet
      const around = this.#up ? ([first - ahead, last] as const) : ([first, last + ahead] as const);
      this.#store.want(this, { shown: [first, last], around });
      this.#from = first;
    };
    return wholeLog(this.#store, this.#state, endRows(this.#store), want);
  }

  #copySource(): CopySource {
    const { buffer } = this.#store;
    return {
      run: this.#run,
      fetchPage,
      total: () => buffer.total,
      between: (first, last) => (this.#filter ? this.#filter.between(first, last) : linesBetween((n) => buffer.get(n), first, last)),
      style: () => ({ ...this.#options(), start: this.#store.start }),
      filter: () => this.#filter?.key ?? "",
      context: (line) => this.#events.context(line),
      changed: () => this.#events.changed(),
      touched: () => this.#selected(),
      pointed: () => this.#pointed(),
      lastOf: (n) => (this.#filter ? n : lastInRow(n, (other) => buffer.get(other))),
    };
  }

  /** The person selected lines, which are the ones that count from now on. */
  #selected(): void {
    this.#mark.set(undefined);
    this.setFollow(false, true);
  }

  /** The lines that are marked, or the hit or error that was gone to, if they are in sight. */
  #pointed(): Lines | undefined {
    const seen = this.visible();
    const current: Lines | undefined = this.current === undefined ? undefined : [this.current, this.current];
    return [this.#mark.lines, current].find((lines) => lines && seen && lines[0] <= seen[1] && lines[1] >= seen[0]);
  }

  /** A short log takes little room; a long one takes the height that was asked for. Returns whether that is a change. */
  #resize(rows: number, viewerHeight: () => number): boolean {
    const { scroller } = this.#window;
    const jump = this.#jump.height;
    let height = `calc(100% - ${jump}px)`;
    let rest = 0;
    if (!this.#options().fill) {
      const bar = scroller.offsetHeight - scroller.clientHeight; // the horizontal scroll bar, where there is one
      const around = viewerHeight() - scroller.clientHeight - jump - this.#rest + PADDING_PX;
      const room = Math.max(LEAST_HEIGHT, this.#options().height) - around;
      const most = Math.max(1, Math.floor(room / this.#rowHeight)); // whole rows: none is cut at the top
      const needed = Math.ceil((this.#window.content(rows) - PADDING_PX) / this.#rowHeight);
      this.#unfiltered = this.#filter ? Math.max(this.#unfiltered, needed) : needed; // a search that finds little moves nothing below the viewer
      const shown = this.#events.isExact() ? most : Math.min(most, Math.max(LEAST_ROWS, this.#unfiltered));
      if (shown === most) rest = Math.max(0, room - most * this.#rowHeight); // what is less than a row stays free: bars that come and go move nothing below
      height = `${shown * this.#rowHeight + PADDING_PX + bar - jump}px`;
    }
    if (scroller.style.height === height && rest === this.#rest) return false;
    this.#rest = rest;
    scroller.style.marginBottom = `${rest}px`;
    scroller.style.height = height;
    this.#window.resized();
    return true;
  }
}
