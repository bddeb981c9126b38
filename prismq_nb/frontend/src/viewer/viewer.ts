/**
 * The viewer of one run in an element: puts the parts together and draws them, at most once per animation frame.
 *
 * Knows nothing of Jupyter's widgets: the cell, the lab extension and the page mount the same thing. It works from the server's stream only, so a
 * busy, restarted or absent kernel makes no difference.
 */

import { ActionBar } from "../toolbar/action-bar.js";
import { RunActions } from "../api/actions.js";
import { Attempts } from "../toolbar/attempts.js";
import { BackgroundBar } from "../toolbar/background-bar.js";
import { everySecond } from "../base/clock.js";
import { commandsOf, type Parts } from "./commands.js";
import { ConnectionBar } from "../toolbar/connection-bar.js";
import { element, iconButton } from "../base/dom.js";
import { Details } from "../toolbar/details.js";
import { downloadMenu } from "../toolbar/download-menu.js";
import { RunHead } from "./head.js";
import { FocusKeeper } from "../ui/focus-keeper.js";
import { numberWidth } from "../base/format.js";
import { Help } from "../ui/help.js";
import { InputBar } from "../toolbar/input-bar.js";
import { listenToKeys } from "../ui/keys.js";
import { Launched } from "../api/launched.js";
import { levelText, NoteBar } from "../toolbar/notes.js";
import { listenToPlaces } from "./open-place.js";
import type { ViewerOptions } from "../base/options.js";
import { pageLink } from "../toolbar/page-link.js";
import { moreMenu } from "../toolbar/more-menu.js";
import { LogPane } from "./pane.js";
import { takesInput, waitsForInput } from "../base/run-words.js";
import { Roving } from "../ui/roving.js";
import { Search } from "../search/search.js";
import { Sizing } from "../ui/sizing.js";
import { type Lease, shared } from "../stream/shared.js";
import { followTheme } from "../base/theme.js";
import { viewMenu } from "../toolbar/view-menu.js";

/** How soon before a viewer is scrolled into sight it is opened. */
const SIGHT_MARGIN = "200px";
/** How long (ms) a failed request is told. */
const PROBLEM_MS = 10_000;
/** Options that change what stands in a row, or how high it is. */
const ROW_OPTIONS = ["timestamps", "utc", "numbers", "wrap", "fold", "raw_json", "fields"] as const satisfies readonly (keyof ViewerOptions)[];

export class RunViewer {
  readonly #root = element("div", "prismq-root");
  readonly #run: string;
  readonly #lease: Lease;
  readonly #actions: RunActions;
  readonly #buttons: ActionBar;
  readonly #input: InputBar;
  readonly #background: BackgroundBar;
  readonly #launched: Launched;
  readonly #details: Details;
  readonly #attempts: Attempts;
  readonly #head: RunHead;
  readonly #pane: LogPane;
  readonly #linkBar: ConnectionBar;
  readonly #problemBar = new NoteBar("prismq-banner prismq-note-bad", "warning");
  readonly #filterBar: NoteBar;
  readonly #search: Search;
  readonly #help = new Help();
  readonly #sizing: Sizing;
  readonly #theme: ReturnType<typeof followTheme>;
  readonly #onState: (changed: Partial<ViewerOptions>) => void;
  readonly #end = new AbortController();
  #keeper: FocusKeeper | undefined;
  #options: ViewerOptions;
  /** Somebody can see it, or nearly. */
  #inSight = false;
  #frame = 0;
  #timelineFrame = 0;

  /**
   * @param onRun that run is to be shown in place of this one: another attempt.
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
    const room = { options: () => this.#options, filled: (fill: boolean) => this.update({ fill }) };
    this.#sizing = new Sizing(this.#root, { ...room, change: (changed) => this.#change(changed) }, this.#end.signal);
    this.#lease = shared().lease(run);
    this.#actions = new RunActions(run, () => this.#schedule(), (text) => this.#problem(text), (text) => this.#search.toast.say(text));
    this.#input = new InputBar({
      send: (...what) => this.#actions.send(...what),
      changed: () => this.#schedule(),
      left: () => this.#pane.scroller.focus({ preventScroll: true }),
    });
    this.#background = new BackgroundBar(() => void this.#actions.stop());
    this.#launched = new Launched(run, () => this.#pane.redraw());
    this.#details = new Details(run, this.#launched);
    const shown = { show: onRun, changed: () => this.#schedule(), utc: () => this.#options.utc };
    const say = (text: string): void => this.#search.toast.say(text);
    this.#attempts = new Attempts(run, { ...shown, say }, this.#end.signal);
    const view = viewMenu(() => this.#options, () => this.#pane.fields, (changed) => this.#change(changed));
    const download = downloadMenu(
      run,
      () => this.#options,
      () => this.#pane.selected,
      () => this.#actions.canRead(),
    );
    const find = iconButton("search", "Find", () => this.#search.open());
    find.title = "Find in the whole log (/)";
    this.#buttons = new ActionBar([find, view.root, download.root, this.#details.root], {
      onFollow: () => this.#pane.setFollow(!this.#pane.follow, true),
      onInput: () => this.#input.toggle(),
      onStop: () => void this.#actions.stop(),
      onGiveUp: () => void this.#actions.giveUp(),
      onRestart: () => void this.#restart(onRun),
    });
    const page = pageLink(run);
    const host = { list: () => this.#pane.scroller, page, sizing: this.#sizing, input: () => takesInput(this.#lease.store.status) };
    const more = moreMenu(host, [view, download]);
    view.root.classList.add("prismq-drops-late");
    download.root.classList.add("prismq-drops");
    this.#buttons.root.append(page, more.root);
    this.#head = new RunHead(run, this.#lease.store, this.#buttons.root, this.#attempts.root, {
      onLevels: (levels) => this.#change({ level: levels.join(",") }),
      onError: (direction) => this.#search.error(direction),
      onSeek: (line) => this.#pane.goTo(line, { mark: false }),
      onTimeline: (open) => this.#change({ timeline: open }),
    });
    this.#linkBar = new ConnectionBar(() => this.#lease.retryNow());
    this.#filterBar = new NoteBar("prismq-note-filter", undefined, iconButton("close", "Clear filter", () => this.#change({ level: "" })));
    const events = {
      changed: () => this.#schedule(),
      isExact: () => this.#sizing.isExact,
      folder: () => this.#folder(),
      problem: (text: string) => this.#problem(text),
      context: (line: number) => void this.#search.context(line),
      onState: (changed: Partial<ViewerOptions>) => this.#change(changed),
    };
    this.#pane = new LogPane(run, this.#lease, () => this.#options, events, this.#end.signal);
    this.#search = new Search({
      run,
      store: this.#lease.store,
      list: this.#pane,
      options: () => this.#options,
      change: (changed) => this.#change(changed),
      changed: () => this.#schedule(),
    });
    if (reserve !== undefined) this.#root.style.minHeight = `${reserve}px`;
    this.#assemble(el);
    this.#pane.reserve();
    this.#theme = followTheme(this.#root, () => this.#options.theme);
    this.#listen();
    this.#applyOptions();
    this.#open(options);
  }

  /** As they are now, with what the person changed. */
  get options(): ViewerOptions {
    return { ...this.#options, fill: this.#sizing.isPage };
  }

  update(options: Partial<ViewerOptions>): void {
    const before = this.#options;
    this.#options = { ...before, ...options };
    this.#pane.setFollow(this.#options.follow, false);
    if (ROW_OPTIONS.some((name) => this.#options[name] !== before[name])) this.#pane.redraw();
    if (this.#options.line !== before.line || this.#options.lastLine !== before.lastLine) this.#open(this.#options);
    this.#applyOptions();
  }

  dispose(): void {
    if (this.#end.signal.aborted) return;
    this.#sizing.toggleFull(false);
    this.#end.abort();
    cancelAnimationFrame(this.#frame);
    cancelAnimationFrame(this.#timelineFrame);
    this.#theme.dispose();
    this.#head.dispose();
    this.#search.dispose();
    this.#lease.release(this.#pane);
    this.#root.remove();
  }

  /** Takes the keyboard. */
  focus(): void {
    this.#pane.scroller.focus({ preventScroll: true });
  }

  async #restart(onRun: (run: string) => void): Promise<void> {
    if (this.#attempts.problem !== undefined) return this.#attempts.explain();
    const next = await this.#actions.restart();
    if (next !== undefined && !this.#end.signal.aborted) onRun(next);
  }

  /** Goes to the line that the options name. */
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
    const { toolbar, timeline, state, errors } = this.#head;
    const banners = element("div", "prismq-banners", this.#linkBar.root, this.#problemBar.root);
    this.#pane.root.append(banners);
    const above = [toolbar, this.#attempts.bars, this.#background.root, this.#filterBar.root, timeline, this.#search.bar.root];
    this.#root.append(...above, this.#pane.root, this.#input.root, this.#sizing.handle, this.#help.root, state, errors);
    toolbar.prepend(this.#sizing.collapse);
    this.#root.dataset["run"] = this.#run;
    el.append(this.#root);
  }

  #listen(): void {
    const { signal } = this.#end;
    const see = (inSight: boolean): void => {
      this.#inSight = inSight;
      this.#lease.watch(inSight);
      this.#schedule();
    };
    const sight = new IntersectionObserver((entries) => see(entries.at(-1)?.isIntersecting === true), { rootMargin: SIGHT_MARGIN });
    sight.observe(this.#root);
    const size = new ResizeObserver(() => this.#measure());
    size.observe(this.#root);
    const unwind = everySecond(() => this.#inSight && this.#tick());
    const say = (text: string): void => this.#search.toast.say(text);
    listenToPlaces(this.#root, { launched: this.#launched, say }, signal);
    listenToKeys(this.#root, this.#pane.scroller, commandsOf(this.#parts()), () => this.#options.fill, signal);
    this.#keeper = new FocusKeeper(this.#root, this.#pane.scroller, signal);
    new Roving(this.#head.toolbar, { items: "button, a[href]", closed: true }, signal);
    const inRows = ":is(.prismq-tool, .prismq-row a[href], .prismq-place):not(.prismq-held *)";
    new Roving(this.#pane.scroller, { items: inRows, closed: false }, signal);
    const unlisten = this.#lease.store.listen((calm) => !calm && this.#schedule());
    signal.addEventListener("abort", () => {
      sight.disconnect();
      size.disconnect();
      unwind();
      unlisten();
    });
  }

  #parts(): Parts {
    return {
      ...{ search: this.#search, list: this.#pane, input: this.#input, help: this.#help, sizing: this.#sizing },
      options: () => this.#options,
      change: (changed) => this.#change(changed),
      takesInput: () => takesInput(this.#lease.store.status),
    };
  }

  #applyOptions(): void {
    this.#root.dataset["timestamps"] = this.#options.timestamps;
    this.#root.classList.toggle("prismq-wrap", this.#options.wrap);
    this.#root.classList.toggle("prismq-no-numbers", !this.#options.numbers);
    this.#sizing.apply();
    this.#theme.refresh();
    this.#schedule();
  }

  /** The page's font may have another size than ours, and people change it. */
  #measure(): void {
    this.#root.style.setProperty("--prismq-row", `${this.#pane.measure()}px`);
    this.#schedule();
  }

  /** What changes by time alone: little of it is seen each second, so that a quiet page rests. */
  #tick(): void {
    const { status } = this.#lease.store;
    if (status?.status !== "running" || this.#frame) return;
    const isDue = this.#head.tick(this.#options);
    if (this.#details.isOpen) this.#renderDetails();
    if (isDue) this.#timelineFrame ||= requestAnimationFrame(() => this.#renderTimeline());
  }

  #schedule(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (!this.#end.signal.aborted) this.#render();
    });
  }

  #render(): void {
    const { store } = this.#lease;
    this.#root.style.setProperty("--prismq-digits", String(numberWidth(store.buffer.total)));
    this.#head.render(this.#options, this.#height, this.#search.errorPlace);
    this.#renderControls();
    this.#renderNotes();
    this.#search.prepare();
    this.#root.classList.toggle("prismq-filtered", this.#pane.filter !== undefined);
    const isKnown = store.buffer.total || store.status || store.link.state === "error";
    if (isKnown) this.#root.style.minHeight = ""; // not before, whatever the connection does; the list measures what is around it
    if (!this.#sizing.isCollapsed) this.#pane.render(() => this.#root.offsetHeight);
    this.#search.render();
    this.#keeper?.keep();
    this.#renderTimeline();
  }

  #renderTimeline(): void {
    this.#timelineFrame = 0;
    this.#head.renderTimeline(this.#options, {
      view: this.#pane.visible(),
      visible: this.#inSight,
      height: this.#height,
      hits: this.#options.query ? this.#search.found?.search : undefined,
    });
  }

  #renderDetails(): void {
    this.#details.render(this.#lease.store.status, this.#head.elapsed, this.#head.figures);
  }

  get #height(): number {
    return this.#options.fill ? this.#root.clientHeight : this.#options.height;
  }

  #renderControls(): void {
    const { status, buffer, link } = this.#lease.store;
    const { busy } = this.#actions;
    const input = {
      can: takesInput(status) && link.state === "live",
      waits: waitsForInput(status),
      hides: status?.hides_input === true,
      echoes: Boolean(status?.terminal),
    };
    this.#input.render(input);
    this.#background.render(status, link.state !== "error", busy);
    this.#renderDetails();
    this.#attempts.render(status);
    const pressed = { follow: this.#pane.follow, input: !this.#input.root.hidden };
    this.#buttons.render({ status, link, ...pressed, busy, restartProblem: this.#attempts.problem });
    this.#root.dataset["state"] = status?.status ?? "unknown";
    this.#root.toggleAttribute("data-waits", input.can && input.waits);
    this.#root.dataset["link"] = link.state;
    this.#root.dataset["lines"] = String(buffer.total);
  }

  #renderNotes(): void {
    const { status, link } = this.#lease.store;
    const { search } = this.#search.found ?? {};
    this.#linkBar.render(link, status !== undefined);
    this.#filterBar.say(search && !this.#options.query ? levelText(search.query.level, search.hits, search.ready, search.error) : "");
  }

  /** The run's, as soon as it is known. */
  #folder(): string | undefined {
    this.#launched.want();
    return this.#launched.now?.cwd ?? undefined;
  }

  #problem(text: string): void {
    this.#problemBar.say(text);
    setTimeout(() => this.#problemBar.say(""), PROBLEM_MS);
  }
}
