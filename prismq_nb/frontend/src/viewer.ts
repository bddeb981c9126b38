/**
 * The viewer of one run in an element: puts the parts together and draws them, at most once per animation frame.
 *
 * Knows nothing of Jupyter's widgets: the cell, the lab extension and the page mount the same thing. It works from the server's stream only, so a
 * busy, restarted or absent kernel makes no difference.
 */

import { element, icon, iconButton, setText } from "./dom.js";
import { FilteredLog } from "./filter.js";
import { countOf, type Timestamps } from "./format.js";
import { listenToKeys, listenToSelection } from "./keys.js";
import { EmptyState, emptyText, filterText, JumpButton, linkText, NoteBar } from "./notes.js";
import { HttpError, request, url } from "./page.js";
import { hasEnded, isRunId, stampOf } from "./protocol.js";
import { drawRow, rowKey } from "./row-view.js";
import { logRows, matchRows, type Row, type Rows } from "./rows.js";
import { fetchPage, type Lease, shared } from "./shared.js";
import { type Part, Tail } from "./tail.js";
import { followTheme, type Theme } from "./theme.js";
import { Toolbar } from "./toolbar.js";
import { RowWindow } from "./window.js";

export interface ViewerOptions {
  /** The most that the viewer takes, in px; a short log takes less. */
  readonly height: number;
  /** Sticks to the end of the log. */
  readonly follow: boolean;
  /** Level names to show, comma-separated; empty: all. */
  readonly level: string;
  /** Text that lines must contain; empty: all. */
  readonly query: string;
  readonly timestamps: Timestamps;
  readonly theme: Theme;
}

export interface ViewerHandle {
  update(options: Partial<ViewerOptions>): void;
  /** Takes the viewer out of the page; the run goes on. */
  dispose(): void;
}

export interface MountArguments {
  readonly run_id: string;
  readonly options?: Partial<ViewerOptions>;
  /** What the person changed in the viewer. */
  readonly onState?: (changed: Partial<ViewerOptions>) => void;
}

const DEFAULTS: ViewerOptions = { height: 400, follow: true, level: "", query: "", timestamps: "time", theme: "auto" };
/** The list is never lower than this many rows, nor the viewer than this many px. */
const LEAST_ROWS = 5;
const LEAST_HEIGHT = 120;
/** Below the last row, in px, as in the style sheet. */
const LIST_PADDING = 6;
/** A row's height in font sizes. */
const LINE_HEIGHT = 1.54;
/** Lines around those in view that the buffer keeps. */
const KEEP_LINES = 200;
/** How soon before a viewer is scrolled into sight it is opened. */
const SIGHT_MARGIN = "200px";
/** The stop button rests this long (ms) after a click: the second click of a double click must not escalate. */
const STOP_REST_MS = 1_000;
/** How long (ms) a failed request is told. */
const PROBLEM_MS = 10_000;

/** Shows a run in `el`. */
export function mountRun(el: HTMLElement, { run_id, options, onState }: MountArguments): ViewerHandle {
  if (isRunId(run_id)) return new RunViewer(el, run_id, { ...DEFAULTS, ...options }, onState ?? (() => undefined));
  const message = element("div", "prismq-root prismq-page-colors prismq-bad", "This is not the id of a run.");
  el.append(message);
  return { update: () => undefined, dispose: () => message.remove() };
}

class RunViewer implements ViewerHandle {
  readonly #root = element("div", "prismq-root");
  readonly #run: string;
  readonly #lease: Lease;
  readonly #tail: Tail;
  readonly #toolbar: Toolbar;
  readonly #window: RowWindow;
  readonly #linkBar: NoteBar;
  readonly #problemBar = new NoteBar("prismq-note-bad", "warning");
  readonly #filterBar: NoteBar;
  readonly #empty = new EmptyState();
  readonly #jump: JumpButton;
  readonly #spoken = element("div", "prismq-spoken");
  readonly #theme: ReturnType<typeof followTheme>;
  readonly #onState: (changed: Partial<ViewerOptions>) => void;
  readonly #end = new AbortController();
  #options: ViewerOptions;
  #filter: FilteredLog | undefined;
  #part: Part = { base: 0, end: 0, fresh: 0 };
  #rowHeight = 20;
  #elapsed: number | undefined;
  /** The start that the rows were drawn with: a filter's lines can come before the run's status. */
  #drawnStart: number | undefined;
  #busy = false;
  #frame = 0;

  constructor(el: HTMLElement, run: string, options: ViewerOptions, onState: (changed: Partial<ViewerOptions>) => void) {
    this.#run = run;
    this.#options = options;
    this.#onState = onState;
    this.#tail = new Tail(options.follow);
    this.#lease = shared().lease(run);
    this.#toolbar = new Toolbar(this.#downloadLink(), {
      onFollow: () => this.#setFollow(!this.#tail.follow, true),
      onStop: () => void this.#stop(),
    });
    const style = () => ({ timestamps: this.#options.timestamps, start: this.#start() });
    this.#window = new RowWindow(
      { key: rowKey, draw: (row) => drawRow(row, style()) },
      { onFollow: (follow) => this.#setFollow(follow, true), onScroll: () => this.#schedule() },
    );
    this.#window.follow = options.follow;
    this.#jump = new JumpButton(() => this.#setFollow(true, true));
    this.#linkBar = new NoteBar("prismq-note-bad", "warning", iconButton("retry", "Retry now", () => this.#lease.retryNow()));
    this.#filterBar = new NoteBar("prismq-note-filter", undefined, iconButton("close", "Clear filter", () => this.#clearFilter()));
    this.#assemble(el);
    this.#theme = followTheme(this.#root, () => this.#options.theme);
    this.#listen();
    this.#applyOptions();
  }

  update(options: Partial<ViewerOptions>): void {
    const before = this.#options;
    this.#options = { ...before, ...options };
    if (this.#options.follow !== this.#tail.follow) this.#setFollow(this.#options.follow, false);
    if (this.#options.timestamps !== before.timestamps) this.#window.reset();
    if (this.#options.level !== before.level || this.#options.query !== before.query) this.#setFilter();
    this.#applyOptions();
  }

  dispose(): void {
    if (this.#end.signal.aborted) return;
    this.#end.abort();
    cancelAnimationFrame(this.#frame);
    this.#filter?.dispose();
    this.#theme.dispose();
    this.#lease.release();
    this.#root.remove();
  }

  #assemble(el: HTMLElement): void {
    const { scroller } = this.#window;
    scroller.setAttribute("role", "log");
    scroller.setAttribute("aria-live", "off"); // a screen reader cannot read a flood; `#spoken` says what matters
    scroller.setAttribute("aria-label", "Log");
    this.#spoken.setAttribute("role", "status");
    const list = element("div", "prismq-list", scroller, this.#empty.root, this.#jump.root);
    this.#root.append(this.#toolbar.root, this.#linkBar.root, this.#problemBar.root, this.#filterBar.root, list, this.#spoken);
    this.#root.dataset["run"] = this.#run;
    el.append(this.#root);
  }

  #listen(): void {
    const { signal } = this.#end;
    const sight = new IntersectionObserver((entries) => this.#lease.watch(entries.at(-1)?.isIntersecting === true), { rootMargin: SIGHT_MARGIN });
    sight.observe(this.#root);
    const size = new ResizeObserver(() => this.#measure());
    size.observe(this.#root);
    const clock = setInterval(() => {
      if (this.#lease.store.status?.status === "running") this.#schedule();
    }, 1_000);
    const unlisten = this.#lease.store.listen(() => this.#schedule());
    listenToKeys(this.#window.scroller, () => this.#setFollow(true, true), signal);
    listenToSelection(this.#window.scroller, () => this.#setFollow(false, true), signal);
    signal.addEventListener("abort", () => {
      sight.disconnect();
      size.disconnect();
      clearInterval(clock);
      unlisten();
    });
    this.#setFilter();
  }

  #applyOptions(): void {
    this.#root.dataset["timestamps"] = this.#options.timestamps;
    this.#theme.refresh();
    this.#schedule();
  }

  /** The page's font may have another size than ours, and people change it. */
  #measure(): void {
    const size = Number.parseFloat(getComputedStyle(this.#window.scroller).fontSize) || 13;
    this.#rowHeight = this.#window.rowHeight = Math.round(size * LINE_HEIGHT);
    this.#root.style.setProperty("--prismq-row", `${this.#rowHeight}px`);
    this.#schedule();
  }

  #schedule(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (!this.#end.signal.aborted) this.#render();
    });
  }

  #render(): void {
    const { store } = this.#lease;
    this.#part = this.#tail.part(store.buffer.total);
    this.#filter?.advance(store.buffer.total);
    const rows = this.#filter ? this.#filteredRows(this.#filter) : this.#logRows();
    this.#root.classList.toggle("prismq-two-streams", store.hasStderr);
    this.#root.style.setProperty("--prismq-digits", String(Math.max(3, String(store.buffer.total).length)));
    this.#renderToolbar();
    this.#renderNotes(rows.count);
    this.#resize(rows.count);
    if (this.#drawnStart !== this.#start()) this.#window.reset();
    this.#drawnStart = this.#start();
    this.#window.render(rows);
    this.#jump.render(!this.#tail.follow && !this.#window.atEnd, this.#part.fresh);
    if (!this.#filter) this.#fetchHoles(rows);
  }

  #logRows(): Rows {
    const { store } = this.#lease;
    const { base, end } = this.#part;
    const atEnd = end === store.buffer.total;
    const pending = (["stdout", "stderr"] as const).filter((stream) => atEnd && store.pending[stream]);
    const tail: Row[] = pending.map((stream) => ({ kind: "pending", stream, text: store.pending[stream] }));
    const head: Row[] = base
      ? [{ kind: "notice", text: `${countOf(base, "earlier line")} not listed here; the download has all` }]
      : [];
    return logRows({ base, end, gaps: store.gaps, get: (n) => store.buffer.get(n), head, tail: [...tail, ...this.#endRow()] });
  }

  #filteredRows(filter: FilteredLog): Rows {
    const head: Row[] = filter.omitted ? [{ kind: "notice", text: "Earlier lines that match are not listed" }] : [];
    return matchRows(filter.matches, head, filter.matches.length ? this.#endRow() : []);
  }

  #endRow(): Row[] {
    const { status, complete, buffer } = this.#lease.store;
    const whole = this.#part.end === buffer.total;
    return status && complete && hasEnded(status.status) && whole && buffer.total ? [{ kind: "end", status }] : [];
  }

  #renderToolbar(): void {
    const { status, statusAt, progress, buffer, link } = this.#lease.store;
    const running = status?.status === "running";
    if (!running) this.#elapsed = status?.duration_seconds ?? undefined;
    // Without a connection the clock stands still: nobody knows whether the run goes on.
    else if (link.state === "live") this.#elapsed = (status.duration_seconds ?? 0) + (performance.now() - statusAt) / 1000;
    this.#toolbar.render({ status, progress, total: buffer.total, elapsed: this.#elapsed, link, follow: this.#tail.follow, busy: this.#busy });
    const name = status?.module_name ?? this.#run;
    setText(this.#spoken, status && !running ? `${name}: ${status.status}` : link.state === "live" ? "" : `${name}: ${link.state}`);
    this.#root.dataset["state"] = status?.status ?? "unknown";
    this.#root.dataset["link"] = link.state;
    this.#root.dataset["lines"] = String(buffer.total);
  }

  #renderNotes(rows: number): void {
    const { status, link } = this.#lease.store;
    const filter = this.#filter;
    this.#linkBar.say(linkText(link, status !== undefined), "reason" in link ? link.reason : "", link.state === "disconnected");
    const found = filter ? filterText(this.#options.level, this.#options.query, filter.matches.length, filter.omitted, filterState(filter)) : "";
    this.#filterBar.say(found, "The server looks through the whole log");
    const [text, waiting] = emptyText(status, link, !filter ? "none" : filter.ready ? "nothing" : "searching");
    this.#empty.render(rows === 0, text, waiting);
  }

  /** A short log takes little room; a long one takes the height that was asked for. */
  #resize(rows: number): void {
    const { scroller } = this.#window;
    const around = this.#root.offsetHeight - scroller.clientHeight + LIST_PADDING; // with a horizontal scroll bar, where there is one
    const most = Math.floor((Math.max(LEAST_HEIGHT, this.#options.height) - around) / this.#rowHeight); // whole rows: none is cut at the top
    const shown = Math.max(1, Math.min(most, Math.max(LEAST_ROWS, rows)));
    const height = `${shown * this.#rowHeight + LIST_PADDING + scroller.offsetHeight - scroller.clientHeight}px`;
    if (scroller.style.height !== height) scroller.style.height = height;
  }

  #fetchHoles(rows: Rows): void {
    const { store } = this.#lease;
    const [first, last] = this.#window.range(rows.count);
    const numbers: number[] = [];
    for (let index = first; index <= last; index++) {
      const row = rows.at(index);
      if (row.kind === "hole") numbers.push(row.n);
      else if (row.kind === "line") numbers.push(row.line.n);
    }
    const [low, high] = [numbers[0], numbers.at(-1)];
    if (low === undefined || high === undefined) return;
    store.kept.set(this, [low - KEEP_LINES, high + KEEP_LINES]);
    store.want([low, high]);
  }

  #setFollow(follow: boolean, byPerson: boolean): void {
    if (this.#tail.follow === follow) return;
    this.#tail.follow = this.#window.follow = follow;
    if (this.#filter) this.#filter.hold = !follow;
    this.#options = { ...this.#options, follow };
    if (byPerson) this.#onState({ follow });
    this.#schedule();
  }

  #setFilter(): void {
    const filter = { level: this.#options.level.replace(/\s/g, "").toUpperCase(), query: this.#options.query };
    this.#filter?.dispose();
    this.#filter = filter.level || filter.query ? new FilteredLog(this.#run, filter, fetchPage, () => this.#schedule()) : undefined;
    if (this.#filter) this.#filter.hold = !this.#tail.follow;
    this.#window.reset();
    this.#schedule();
  }

  #clearFilter(): void {
    const cleared = { level: "", query: "" };
    this.update(cleared);
    this.#onState(cleared);
  }

  async #stop(): Promise<void> {
    if (this.#busy) return; // the second click of a double click, before the button is drawn as disabled
    this.#busy = true;
    this.#schedule();
    await request(`api/runs/${this.#run}`, { method: "DELETE" }).catch((error: unknown) => this.#stopFailed(error));
    await new Promise((resolve) => setTimeout(resolve, STOP_REST_MS));
    this.#busy = false;
    this.#schedule();
  }

  #stopFailed(error: unknown): void {
    if (error instanceof HttpError && error.status === 409) return; // it ended meanwhile, as was wanted
    this.#problemBar.say(`The run could not be stopped: ${error instanceof Error ? error.message : String(error)}`);
    setTimeout(() => this.#problemBar.say(""), PROBLEM_MS);
  }

  #downloadLink(): HTMLAnchorElement {
    const link = element("a", "prismq-button", icon("download"), element("span", "prismq-button-label", "Download"));
    link.href = url(`api/runs/${this.#run}/logs/download`);
    link.download = `${this.#run}.log`;
    link.title = "Download the whole log as text, up to now";
    return link;
  }

  /** Start of the run, µs since the epoch. */
  #start(): number | undefined {
    const started = this.#lease.store.status?.started_at;
    return started ? stampOf(started) : undefined;
  }
}

function filterState(filter: FilteredLog): string {
  return filter.error ?? (filter.ready ? "ready" : "searching");
}
