/**
 * The list of one run's lines: its rows, position and follow mode, and what has to be fetched.
 *
 * The viewer puts the bars around it and decides when to draw.
 */

import { element } from "../base/dom.js";
import type { Lines } from "../base/line-selection.js";
import type { ViewerOptions } from "../base/options.js";
import { lineOf, nearestRow, type RowSource } from "../base/rows.js";
import { LineMark } from "../list/line-mark.js";
import { RecordFolds } from "../list/record-folds.js";
import { RowState } from "../list/row-state.js";
import { drawRow, type RowStyle, rowKey } from "../list/row-view.js";
import { VirtualList } from "../list/virtual-list.js";
import { endRows, wholeLog } from "../list/whole-log.js";
import type { RowFilter } from "../search/hit-rows.js";
import type { Anchor } from "../search/reading-position.js";
import { CopyController, type CopySource } from "../selection/copy-controller.js";
import { linesBetween } from "../selection/lines-between.js";
import { fetchFrames, fetchPage, type StoreSubscription } from "../stream/shared.js";
import type { RunStore } from "../stream/store.js";
import type { KnownFields } from "../text/known-fields.js";
import { lastInRow, rowOf } from "../text/prompt-answers.js";
import { EmptyState, emptyText, JumpBar } from "../toolbar/notes.js";
import { listenToSelection } from "../ui/keys.js";
import { ListHeight } from "./list-height.js";
import { Prefetch } from "./prefetch.js";
import { firstLineRow, linesInRows } from "./visible-lines.js";

export interface PaneEvents {
  /** Whether the height is that of the option, even if the log needs less. */
  isExact(): boolean;
  /** Something has to be drawn again. */
  changed(): void;
  /** The working directory of the run; undefined: not known yet. */
  folder(): string | undefined;
  /** Something could not be done; a sentence for people. */
  problem(text: string): void;
  /** The person wants to see a line in the whole log. */
  context(line: number): void;
  /** The person changed options. */
  onState(changed: Partial<ViewerOptions>): void;
}

interface Target {
  readonly line: number;
  /** Px from the upper edge of the list. */
  readonly place: "center" | number;
  /** `moves` when the line was in view: see `ReadingPosition`. */
  readonly kept?: number;
  /** The last line to mark; undefined: mark none. */
  readonly last: number | undefined;
}

export class LogPane {
  readonly root: HTMLElement;
  readonly height: ListHeight;
  readonly #run: string;
  readonly #store: RunStore;
  readonly #options: () => ViewerOptions;
  readonly #events: PaneEvents;
  readonly #window: VirtualList;
  readonly #state: RowState;
  readonly #folds: RecordFolds;
  readonly #copying: CopyController;
  readonly #mark: LineMark;
  /** The hit or the error that the person went to last. */
  current: number | undefined;
  readonly #empty = new EmptyState();
  readonly #jump: JumpBar;
  #filter: RowFilter | undefined;
  #rows: RowSource | undefined;
  /** Where to go as soon as the line exists. */
  #target: Target | undefined;
  readonly #prefetch = new Prefetch();
  #follow: boolean;
  /** Lines in the log when following stopped. */
  #seen: number | undefined;
  /**
   * The start of the run when the rows were drawn: a filter's lines can arrive before the status.
   */
  #drawnStart: number | undefined;

  /** @param signal aborts when the viewer is removed. */
  constructor(
    run: string,
    subscription: StoreSubscription,
    options: () => ViewerOptions,
    events: PaneEvents,
    signal: AbortSignal,
  ) {
    this.#run = run;
    this.#store = subscription.store;
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
      unfiltered: () => !this.#filter,
    });
    this.#folds = new RecordFolds(this.#store, this.#state);
    const style = (): RowStyle => ({
      ...this.#options(),
      start: this.#store.start,
      state: this.#state,
    });
    this.#window = new VirtualList(
      { key: (row) => rowKey(row, style()), draw: (row) => drawRow(row, style()) },
      {
        onFollow: (follow) => this.setFollow(follow, true),
        onScroll: () => this.#events.changed(),
      },
      signal,
    );
    this.#window.follow = options().follow;
    this.#jump = new JumpBar(() => this.setFollow(true, true));
    this.height = new ListHeight(this.#window, this.#jump);
    const { scroller } = this.#window;
    scroller.setAttribute("role", "log");
    // a screen reader cannot read a flood; the viewer's status announces what matters
    scroller.setAttribute("aria-live", "off");
    scroller.setAttribute("aria-label", "Log");
    this.#mark = new LineMark(scroller, signal);
    this.#copying = new CopyController(scroller, this.#copySource(), signal);
    this.root = element(
      "div",
      "prismq-list",
      scroller,
      this.#jump.root,
      this.#empty.root,
      this.#copying.bar.root,
    );
    listenToSelection(scroller, () => this.setFollow(false, true), signal);
    const unlisten = this.#store.listen(() => this.#state.invalidateFolds());
    signal.addEventListener("abort", unlisten);
  }

  /** The scrolling element with the rows. */
  get scroller(): HTMLElement {
    return this.#window.scroller;
  }

  get filter(): RowFilter | undefined {
    return this.#filter;
  }

  /**
   * The rows to show instead of all lines; undefined: all lines. What the person reads stays in
   * view.
   */
  set filter(filter: RowFilter | undefined) {
    if (filter === this.#filter) return;
    this.#filter = filter;
    this.redraw();
  }

  /** The keys of the JSON records drawn so far. */
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
   * Go to a line, now or as soon as it exists, and stop following.
   *
   * @param mark mark lines up to `last` until the person moves on.
   */
  goTo(line: number, { center = true, mark = true, last = line } = {}): void {
    this.#target = { line, place: center ? "center" : 0, last: mark ? last : undefined };
    this.#window.moves++;
    this.#mark.set(undefined);
    this.setFollow(false, true);
    this.#events.changed();
  }

  /** How often the person scrolled or navigated. */
  get moves(): number {
    return this.#window.moves;
  }

  /**
   * The line that the person reads and the position of its row: a selected or marked line or the
   * current hit, else the first in view.
   */
  anchor(): Anchor | undefined {
    const [rows, seen] = [this.#rows, this.visible()];
    if (!rows || !seen) return undefined;
    const isSeen = (line = -1): boolean => line >= seen[0] && line <= seen[1];
    const chosen = [this.selected?.[0], this.#pointed()?.[0]].find(isSeen);
    const index =
      chosen === undefined ? firstLineRow(rows, this.#window.visible) : rows.indexOf(chosen);
    const line = lineOf(rows.at(index));
    return line === undefined ? undefined : { line, top: this.#window.topOf(index) };
  }

  /** Put a line, or the nearest one, at its old position, unless a navigation is pending. */
  moveTo({ line, top }: Anchor): void {
    this.#target ??= { line, place: top, last: undefined, kept: this.moves };
    this.#events.changed();
  }

  /** Numbers of the first and last line in view; undefined: there is none. */
  visible(): [first: number, last: number] | undefined {
    return this.#rows && linesInRows(this.#rows, this.#window.visible);
  }

  /** Draw all rows again. */
  redraw(): void {
    this.#window.reset();
    this.#events.changed();
  }

  /**
   * Draw the list.
   *
   * @param viewerHeight of the whole viewer, in px.
   */
  render(viewerHeight: () => number): void {
    const { total } = this.#store.buffer;
    if (this.#follow || this.#seen === undefined) this.#seen = total || undefined;
    const rows = this.#filter?.source(endRows(this.#store), this.#follow) ?? this.#logRows();
    const { status, connection } = this.#store;
    const [text, waiting] = emptyText(
      status,
      connection,
      !this.#filter ? "none" : this.#filter.ready ? "nothing" : "searching",
    );
    this.#empty.render(rows.count === 0, text, waiting);
    if (this.#drawnStart !== this.#store.start) this.#window.reset();
    this.#drawnStart = this.#store.start;
    this.#rows = rows;
    this.#goToTarget(rows);
    this.#resize(rows.count, viewerHeight);
    this.#window.render(rows);
    // rows were higher than estimated
    if (this.#resize(rows.count, viewerHeight)) this.#events.changed();
    this.#mark.render(this.visible(), this.moves);
    this.#copying.render();
    const canJump = !this.#follow && !this.#window.atEnd;
    if (this.#jump.render(canJump, total - (this.#seen ?? total))) {
      // at once, so that what is below the viewer does not move
      this.#resize(rows.count, viewerHeight);
      this.#window.render(rows);
    }
  }

  #goToTarget(rows: RowSource): void {
    const target = this.#target;
    if (!target || this.#follow || this.#store.buffer.total <= target.line) return;
    this.#target = undefined;
    const line = this.#filter ? target.line : rowOf(target.line, (n) => this.#store.buffer.get(n));
    if (target.kept !== undefined) {
      this.#goBack(rows, target, line);
      return;
    }
    this.#state.reveal(target.line);
    this.#window.goTo(rows.indexOf(line), target.place);
    if (target.last !== undefined) this.#mark.set([line, target.last]);
  }

  /** Return to an earlier position; until the rows around it are loaded, its index is not known. */
  #goBack(rows: RowSource, target: Target, line: number): void {
    if (target.kept !== this.moves) return;
    const [row, isSure] = nearestRow(rows, line);
    this.#window.goTo(row, target.place);
    if (!isSure) this.#target = target;
  }

  #logRows(): RowSource {
    const want = (first: number, last: number): void => {
      const around = this.#prefetch.around(first, last, this.#follow);
      this.#store.want(this, { shown: [first, last], around });
    };
    return wholeLog(this.#store, this.#state, endRows(this.#store), want);
  }

  #copySource(): CopySource {
    const { buffer } = this.#store;
    return {
      run: this.#run,
      fetchPage,
      total: () => buffer.total,
      between: (first, last) =>
        this.#filter
          ? this.#filter.between(first, last)
          : linesBetween((n) => buffer.get(n), first, last),
      style: () => ({ ...this.#options(), start: this.#store.start }),
      filter: () => this.#filter?.key ?? "",
      context: (line) => this.#events.context(line),
      changed: () => this.#events.changed(),
      touched: () => {
        this.#mark.set(undefined); // selected lines replace the mark
        this.setFollow(false, true);
      },
      pointed: () => this.#pointed(),
      lastOf: (n) => (this.#filter ? n : lastInRow(n, (other) => buffer.get(other))),
    };
  }

  /** The marked lines, or else the current hit or error, if they are in view. */
  #pointed(): Lines | undefined {
    const seen = this.visible();
    const current: Lines | undefined =
      this.current === undefined ? undefined : [this.current, this.current];
    return [this.#mark.lines, current].find(
      (lines) => lines && seen && lines[0] <= seen[1] && lines[1] >= seen[0],
    );
  }

  /** Returns whether the height has changed. */
  #resize(rows: number, viewerHeight: () => number): boolean {
    const { fill, height } = this.#options();
    const options = { fill, height, isExact: this.#events.isExact(), isFiltered: !!this.#filter };
    return this.height.fit(rows, viewerHeight, options);
  }
}
