/**
 * Searching in one viewer: what the options look for, found in the whole log; the bar, the marks, the way from hit to hit.
 *
 * Puts the parts together and decides nothing about the list: it gives it the rows of a filter, and tells it where to go.
 */

import { Errors, type ErrorPlace } from "./errors.js";
import { Found } from "./found.js";
import type { Place } from "./hit-jump.js";
import { KeptPlace } from "./kept-place.js";
import type { ViewerOptions } from "../base/options.js";
import { listenToValues } from "../text/record-view.js";
import { SearchBar } from "./search-bar.js";
import type { SearchHost } from "./search-host.js";
import { SearchMarks } from "./search-marks.js";
import { type Matcher, matcherOf } from "./search-match.js";
import { errorsOf, parametersOf, queryOf, rowsQueryOf, type TextQuery, wantedOf } from "./search-query.js";
import { quoted } from "./search-terms.js";
import { SearchStrip } from "./search-strip.js";
import { Walk } from "./search-walk.js";
import { Toast } from "../ui/toast.js";

export class Search {
  readonly bar: SearchBar;
  readonly strip: SearchStrip;
  /** Says now and then that there is nothing. */
  readonly toast = new Toast();
  readonly #host: SearchHost;
  readonly #marks: SearchMarks;
  readonly #walk: Walk;
  readonly #end = new AbortController();
  readonly #kept: KeptPlace;
  readonly #found = new Map<string, Found>();
  readonly #errors: Errors;
  #open = false;
  #current: Place | undefined;
  #find: Matcher | undefined;
  #findKey = "";

  constructor(host: SearchHost) {
    this.#host = host;
    this.bar = new SearchBar({
      onText: (query) => this.#change({ query }),
      onChange: (changed) => host.change(changed),
      around: () => [host.options().lines_before, host.options().lines_after],
      onStep: (direction) => this.step(direction),
      onClose: () => this.close(),
    });
    this.strip = new SearchStrip((line) => host.list.goTo(line, { center: true, mark: true }));
    this.#errors = new Errors(host.run, host.store, () => host.changed());
    this.#marks = new SearchMarks(host.list.scroller);
    this.#kept = new KeptPlace(host.list);
    this.#walk = new Walk(host, (place) => this.#arrive(place), (text) => this.toast.say(text));
    listenToValues(host.list.scroller, (text, exclude) => this.addTerm(text, exclude), this.#end.signal);
    host.list.scroller.addEventListener("dblclick", (event) => this.#doubleClicked(event));
  }

  /** What is looked for, with all that was found; undefined: nothing is. */
  get found(): Found | undefined {
    const query = queryOf(this.#host.options());
    return query && this.#found.get(parametersOf(query));
  }

  dispose(): void {
    this.#end.abort();
    this.#walk.dispose();
    this.#marks.dispose();
    this.#errors.dispose();
    for (const found of this.#found.values()) found.dispose();
    this.toast.dispose();
  }

  /** Opens the bar for typing. */
  open(): void {
    this.#open = true;
    this.bar.focus();
    this.#host.changed();
  }

  /** Shows only lines with this text, beside what is looked for already; or without it. */
  addTerm(text: string, exclude: boolean): void {
    const { query, regex } = this.#host.options();
    const before = regex ? "" : query.trimEnd();
    const term = (exclude ? "-" : "") + quoted(text);
    if (wantedOf({ text: before, regex: false })[exclude ? "exclude" : "include"].includes(text)) return;
    this.#change({ query: before ? `${before} ${term}` : term, regex: false, mode: "filter" });
  }

  /** Closes the bar and forgets what was looked for; false: there is no bar. */
  close(): boolean {
    if (!this.#isOpen) return false;
    this.#open = false;
    if (this.bar.hasFocus) this.#host.list.scroller.focus({ preventScroll: true });
    if (this.#host.options().query) this.#change({ query: "" });
    this.#host.changed();
    return true;
  }

  /** To the next hit, or the one before. */
  step(direction: 1 | -1): void {
    const query = queryOf(this.#host.options());
    if (!query) return this.open();
    const found = this.#ensure(query);
    if (!found.search.hopeless) this.#walk.toHit(found, direction, this.#current?.line, this.#rows);
  }

  /** To the next error, or the one before. */
  error(direction: 1 | -1): void {
    const shown = rowsQueryOf(this.#host.options());
    const arrive = (stop: Parameters<Errors["arrive"]>[0]): void => this.#errors.arrive(stop);
    this.#walk.toError(errorsOf(shown), direction, this.#current?.line, this.#rows, arrive);
  }

  /** Which of the errors the person went to last; undefined: they went elsewhere since. */
  get errorPlace(): ErrorPlace | undefined {
    return this.#errors.place(this.#current?.line);
  }

  /** Shows a line among its neighbours: the whole log from now on, at that line. False: it is shown so already, or there is none. */
  context(line = this.#current?.line ?? this.#host.list.visible()?.[0]): boolean {
    if (line === undefined || !this.#host.list.filter) return false;
    const { query } = this.#host.options();
    this.#host.change({ level: "", ...(query && { mode: "highlight" }), follow: false });
    this.#current = this.#current?.line === line ? this.#current : { line, index: undefined };
    this.#host.list.goTo(line, { center: true, mark: true });
    this.#host.list.scroller.focus({ preventScroll: true });
    return true;
  }

  /** Before the list is drawn: which rows it has. */
  prepare(): void {
    const options = this.#host.options();
    const { total } = this.#host.store.buffer;
    const wanted = queryOf(options);
    const rows = rowsQueryOf(options);
    const keep = new Set([wanted, rows].flatMap((query) => (query ? [parametersOf(query)] : [])));
    for (const [key, found] of this.#found) {
      if (keep.has(key)) continue;
      found.dispose();
      this.#found.delete(key);
    }
    for (const query of [wanted, rows]) if (query) this.#ensure(query).search.advance(total);
    const shown = rows && this.#ensure(rows);
    this.#kept.filter(shown?.search.hopeless ? undefined : shown?.rows); // while a pattern is being typed it often is none
    this.#kept.keep(shown);
    if (this.#host.list.scroller.clientHeight) this.#errors.advance();
  }

  /** After the list was drawn. */
  render(): void {
    const options = this.#host.options();
    const shown = textOf(options);
    const { found } = this;
    const key = JSON.stringify(shown);
    if (key !== this.#findKey) {
      this.#findKey = key;
      this.#find = matcherOf(shown);
      this.#current = undefined;
    }
    if (found && this.#current && this.#current.index === undefined) this.#number(found, this.#current);
    const search = shown.text ? found?.search : undefined;
    this.bar.render({
      open: this.#isOpen,
      ...shown,
      mode: options.mode,
      hits: search?.hopeless ? undefined : search?.hits,
      index: this.#current?.index,
      progress: search?.ready ? 1 : (search?.progress ?? 1),
      error: search?.away ? undefined : search?.error,
    });
    this.#host.list.current = this.#current?.line;
    const { scroller, filter } = this.#host.list;
    this.#marks.set(this.#find, this.#current?.line, filter && rowsQueryOf(options));
    // Where nothing scrolls there is no bar, and a mark would be beside another line.
    const whole = filter === undefined && scroller.scrollHeight > scroller.clientHeight;
    this.strip.render(
      {
        hits: whole ? search : undefined,
        errors: whole ? this.#errors.search : undefined,
        total: whole ? this.#host.store.buffer.total : 0,
        current: this.#current?.line,
      },
      scroller.clientHeight,
    );
  }

  get #isOpen(): boolean {
    return this.#open || this.#host.options().query !== "";
  }

  #change(changed: Partial<ViewerOptions>): void {
    if (changed.query) this.#open = true;
    this.#host.change(changed);
  }

  /** What the list is restricted to; undefined: nothing. */
  get #rows(): Found | undefined {
    const rows = rowsQueryOf(this.#host.options());
    const found = rows && this.#found.get(parametersOf(rows));
    return found?.search.hopeless ? undefined : found;
  }

  #ensure(query: Parameters<typeof parametersOf>[0]): Found {
    const key = parametersOf(query);
    let found = this.#found.get(key);
    if (!found) {
      const { run, store, changed } = this.#host;
      this.#found.set(key, (found = new Found(run, query, (line) => store.buffer.get(line), () => changed())));
    }
    return found;
  }

  #arrive(place: Place): void {
    this.#kept.moved();
    this.#current = place;
    this.#host.changed();
  }

  /** Says which one of all hits it is as soon as that is known. */
  #number(found: Found, place: Place): void {
    if (place.line >= found.search.searched || found.numbering) return;
    found.numbering = true;
    void found.jump
      .indexOf(place.line)
      .then((index) => {
        if (index !== undefined && this.#current?.line === place.line) this.#arrive({ line: place.line, index });
      })
      .catch(() => undefined) // it is asked for again
      .finally(() => (found.numbering = false));
  }

  /** On a line's number. The event's own target is whatever captured the pointer. */
  #doubleClicked({ clientX, clientY }: MouseEvent): void {
    const row = document.elementFromPoint(clientX, clientY)?.closest(".prismq-gutter")?.closest<HTMLElement>("[data-line]");
    if (row?.dataset["line"] !== undefined) this.context(Number(row.dataset["line"]));
  }
}

function textOf({ query, regex, case: exact, word }: ViewerOptions): TextQuery {
  return { text: query, regex, case: exact, word };
}
