/**
 * The viewer of one run in an element: creates the parts and draws them, at most once per animation
 * frame.
 *
 * Cell, lab extension and page mount the same viewer. It reads the server's stream only, so a busy,
 * restarted or missing kernel makes no difference.
 */

import { LaunchDetails } from "../api/launch-details.js";
import { everySecond } from "../base/clock.js";
import { element, iconButton } from "../base/dom.js";
import { numberWidth } from "../base/format.js";
import type { ViewerOptions } from "../base/options.js";
import { takesInput, waitsForInput } from "../base/run-words.js";
import { followTheme } from "../base/theme.js";
import { Search } from "../search/search.js";
import { type StoreSubscription, shared } from "../stream/shared.js";
import { ConnectionBar } from "../toolbar/connection-bar.js";
import { levelText, NoteBar } from "../toolbar/notes.js";
import { FocusFallback } from "../ui/focus-fallback.js";
import { Help } from "../ui/help.js";
import { onSight } from "../ui/in-sight.js";
import { Sizing } from "../ui/sizing.js";
import { listenToKeyboard, type Parts } from "./commands.js";
import { RunControls } from "./controls.js";
import { RunHeader } from "./header.js";
import { listenToLocations } from "./open-location.js";
import { LogPane } from "./pane.js";

/** Distance from the viewport at which a viewer is opened. */
const SIGHT_MARGIN = "200px";
/** How long (ms) a failed request is shown. */
const PROBLEM_MS = 10_000;
/** Options that change the content or the height of a row. */
const ROW_OPTIONS = ["timestamps", "utc", "numbers", "wrap", "fold", "raw_json", "fields"] as const;

export class RunViewer {
  readonly #root = element("div", "prismq-root");
  readonly #run: string;
  readonly #subscription: StoreSubscription;
  readonly #launchDetails: LaunchDetails;
  readonly #controls: RunControls;
  readonly #header: RunHeader;
  readonly #pane: LogPane;
  readonly #connectionBar: ConnectionBar;
  readonly #problemBar = new NoteBar("prismq-banner prismq-note-bad", "warning");
  readonly #filterBar: NoteBar;
  readonly #search: Search;
  readonly #help = new Help();
  readonly #sizing: Sizing;
  readonly #theme: ReturnType<typeof followTheme>;
  readonly #onState: (changed: Partial<ViewerOptions>) => void;
  readonly #end = new AbortController();
  #focus: FocusFallback | undefined;
  #options: ViewerOptions;
  /** In the viewport, or close to it. */
  #inSight = false;
  #frame = 0;
  #timelineFrame = 0;

  /**
   * @param onRun show that run in place of this one: another attempt.
   * @param reserve height (px) to keep until the log is known.
   */
  constructor(
    el: HTMLElement,
    run: string,
    options: ViewerOptions,
    onState: (changed: Partial<ViewerOptions>) => void,
    onRun: (run: string) => void,
    reserve?: number,
  ) {
    this.#run = run;
    this.#options = options;
    this.#onState = onState;
    this.#subscription = shared().subscribe(run);
    this.#launchDetails = new LaunchDetails(run, () => this.#pane.redraw());
    this.#sizing = this.#makeSizing();
    this.#controls = this.#makeControls(onRun);
    this.#header = this.#makeHeader();
    this.#connectionBar = new ConnectionBar(() => this.#subscription.retryNow());
    this.#filterBar = new NoteBar(
      "prismq-note-filter",
      undefined,
      iconButton("close", "Clear filter", () => this.#change({ level: "" })),
    );
    this.#pane = this.#makePane();
    this.#search = this.#makeSearch();
    if (reserve !== undefined) this.#root.style.minHeight = `${reserve}px`;
    this.#assemble(el);
    this.#pane.height.reserve();
    this.#theme = followTheme(this.#root, () => this.#options.theme);
    this.#listen();
    this.#applyOptions();
    this.#open(options);
  }

  #makeSizing(): Sizing {
    const events = {
      options: () => this.#options,
      change: (changed: Partial<ViewerOptions>) => this.#change(changed),
      filled: (fill: boolean) => this.update({ fill }),
    };
    return new Sizing(this.#root, events, this.#end.signal);
  }

  #makeControls(onRun: (run: string) => void): RunControls {
    return new RunControls({
      run: this.#run,
      store: this.#subscription.store,
      launchDetails: this.#launchDetails,
      sizing: this.#sizing,
      signal: this.#end.signal,
      pane: () => this.#pane,
      options: () => this.#options,
      change: (changed) => this.#change(changed),
      changed: () => this.#schedule(),
      say: (text) => this.#search.toast.say(text),
      problem: (text) => this.#problem(text),
      find: () => this.#search.open(),
      showRun: onRun,
    });
  }

  #makeHeader(): RunHeader {
    const { buttons, attempts } = this.#controls;
    return new RunHeader(this.#run, this.#subscription.store, buttons, attempts, {
      onLevels: (levels) => this.#change({ level: levels.join(",") }),
      onError: (direction) => this.#search.error(direction),
      onSeek: (line) => this.#pane.goTo(line, { mark: false }),
      onTimeline: (open) => this.#change({ timeline: open }),
    });
  }

  #makePane(): LogPane {
    const events = {
      changed: () => this.#schedule(),
      isExact: () => this.#sizing.isExact,
      folder: () => this.#folder(),
      problem: (text: string) => this.#problem(text),
      context: (line: number) => void this.#search.context(line),
      onState: (changed: Partial<ViewerOptions>) => this.#change(changed),
    };
    const options = (): ViewerOptions => this.#options;
    return new LogPane(this.#run, this.#subscription, options, events, this.#end.signal);
  }

  #makeSearch(): Search {
    return new Search({
      run: this.#run,
      store: this.#subscription.store,
      list: this.#pane,
      options: () => this.#options,
      change: (changed) => this.#change(changed),
      changed: () => this.#schedule(),
    });
  }

  /** The current options, with the person's changes. */
  get options(): ViewerOptions {
    return { ...this.#options, fill: this.#sizing.isPage };
  }

  update(options: Partial<ViewerOptions>): void {
    const before = this.#options;
    this.#options = { ...before, ...options };
    this.#pane.setFollow(this.#options.follow, false);
    if (ROW_OPTIONS.some((name) => this.#options[name] !== before[name])) this.#pane.redraw();
    if (this.#options.line !== before.line || this.#options.lastLine !== before.lastLine)
      this.#open(this.#options);
    this.#applyOptions();
  }

  dispose(): void {
    if (this.#end.signal.aborted) return;
    this.#sizing.toggleFull(false);
    this.#end.abort();
    cancelAnimationFrame(this.#frame);
    cancelAnimationFrame(this.#timelineFrame);
    this.#theme.dispose();
    this.#header.dispose();
    this.#search.dispose();
    this.#subscription.end(this.#pane);
    this.#root.remove();
  }

  /** Move the focus to the list. */
  focus(): void {
    this.#pane.scroller.focus({ preventScroll: true });
  }

  /** Go to the line in the options. */
  #open({ line, lastLine }: ViewerOptions): void {
    if (line !== undefined) this.#pane.goTo(line, { last: lastLine ?? line });
  }

  /** The person changed options in the viewer. */
  #change(changed: Partial<ViewerOptions>): void {
    this.update(changed);
    this.#onState(changed);
  }

  #assemble(el: HTMLElement): void {
    this.#pane.root.append(this.#search.strip.root, this.#search.toast.root);
    const { toolbar, timeline, state, errors } = this.#header;
    const banners = element(
      "div",
      "prismq-banners",
      this.#connectionBar.root,
      this.#problemBar.root,
    );
    this.#pane.root.append(banners);
    const above = [toolbar, ...this.#controls.bars, this.#filterBar.root, timeline];
    const list = [this.#search.bar.root, this.#pane.root, this.#controls.input.root];
    const below = [this.#sizing.handle, this.#help.root, state, errors];
    this.#root.append(...above, ...list, ...below);
    toolbar.prepend(this.#sizing.collapse);
    this.#root.dataset.run = this.#run;
    el.append(this.#root);
  }

  #listen(): void {
    const { signal } = this.#end;
    const see = (inSight: boolean): void => {
      this.#inSight = inSight;
      this.#subscription.watch(inSight);
      this.#schedule();
    };
    onSight(this.#root, see, signal, SIGHT_MARGIN);
    const size = new ResizeObserver(() => this.#measure());
    size.observe(this.#root);
    const unwind = everySecond(() => this.#inSight && this.#tick());
    const say = (text: string): void => this.#search.toast.say(text);
    listenToLocations(this.#root, { launchDetails: this.#launchDetails, say }, signal);
    listenToKeyboard(this.#root, this.#header.toolbar, this.#parts(), signal);
    this.#focus = new FocusFallback(this.#root, this.#pane.scroller, signal);
    const unlisten = this.#subscription.store.listen((calm) => !calm && this.#schedule());
    signal.addEventListener("abort", () => {
      size.disconnect();
      unwind();
      unlisten();
    });
  }

  #parts(): Parts {
    return {
      search: this.#search,
      list: this.#pane,
      input: this.#controls.input,
      help: this.#help,
      sizing: this.#sizing,
      options: () => this.#options,
      change: (changed) => this.#change(changed),
      takesInput: () => takesInput(this.#subscription.store.status),
    };
  }

  #applyOptions(): void {
    this.#root.dataset.timestamps = this.#options.timestamps;
    this.#root.classList.toggle("prismq-wrap", this.#options.wrap);
    this.#root.classList.toggle("prismq-no-numbers", !this.#options.numbers);
    this.#sizing.apply();
    this.#theme.refresh();
    this.#schedule();
  }

  /** Measure rows again: the page's font may have another size, and people change it. */
  #measure(): void {
    this.#root.style.setProperty("--prismq-row", `${this.#pane.height.measureRow()}px`);
    this.#schedule();
  }

  /** Draw what changes with time alone. That is little, so that a quiet page stays idle. */
  #tick(): void {
    const { status } = this.#subscription.store;
    if (status?.status !== "running" || this.#frame) return;
    const isDue = this.#header.tick(this.#options);
    this.#controls.tick(this.#header.elapsed, this.#header.figures);
    if (isDue) this.#timelineFrame ||= requestAnimationFrame(() => this.#renderTimeline());
  }

  #schedule(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (!this.#end.signal.aborted) this.#render();
    });
  }

  #render(): void {
    const { store } = this.#subscription;
    this.#root.style.setProperty("--prismq-digits", String(numberWidth(store.buffer.total)));
    this.#header.render(this.#options, this.#height, this.#search.errorPlace);
    this.#renderControls();
    this.#renderNotes();
    this.#search.prepare();
    this.#root.classList.toggle("prismq-filtered", this.#pane.filter !== undefined);
    const isKnown = store.buffer.total || store.status || store.connection.state === "error";
    // not earlier, whatever the connection does; the list measures its surroundings
    if (isKnown) this.#root.style.minHeight = "";
    if (!this.#sizing.isCollapsed) this.#pane.render(() => this.#root.offsetHeight);
    this.#search.render();
    this.#focus?.check();
    this.#renderTimeline();
  }

  #renderTimeline(): void {
    this.#timelineFrame = 0;
    this.#header.renderTimeline(this.#options, {
      view: this.#pane.visible(),
      visible: this.#inSight,
      height: this.#height,
      hits: this.#options.query ? this.#search.results?.search : undefined,
    });
  }

  get #height(): number {
    return this.#options.fill ? this.#root.clientHeight : this.#options.height;
  }

  #renderControls(): void {
    const { status, buffer, connection } = this.#subscription.store;
    this.#controls.render(this.#header.elapsed, this.#header.figures);
    this.#root.dataset.state = status?.status ?? "unknown";
    this.#root.toggleAttribute("data-waits", this.#controls.canInput && waitsForInput(status));
    this.#root.dataset.link = connection.state;
    this.#root.dataset.lines = String(buffer.total);
  }

  #renderNotes(): void {
    const { status, connection } = this.#subscription.store;
    const { search } = this.#search.results ?? {};
    this.#connectionBar.render(connection, status !== undefined);
    this.#filterBar.say(
      search && !this.#options.query
        ? levelText(search.query.level, search.hits, search.ready, search.error)
        : "",
    );
  }

  /** The working directory of the run, as soon as it is known. */
  #folder(): string | undefined {
    this.#launchDetails.want();
    return this.#launchDetails.value?.cwd ?? undefined;
  }

  #problem(text: string): void {
    this.#problemBar.say(text);
    setTimeout(() => this.#problemBar.say(""), PROBLEM_MS);
  }
}
