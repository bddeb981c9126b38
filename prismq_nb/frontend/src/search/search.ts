/**
 * Search in one viewer: applies the search options to the whole log, and connects the bar, the
 * marks and the navigation.
 *
 * Only wires the parts together: it gives the list the rows of a filter and the position to go to.
 */

import type { ViewerOptions } from "../base/options.js";
import { listenToValues } from "../text/record-view.js";
import { Toast } from "../ui/toast.js";
import { type ErrorPlace, Errors } from "./errors.js";
import type { Place } from "./hit-jump.js";
import { HitNavigation } from "./hit-navigation.js";
import { QueryResults } from "./query-results.js";
import { ReadingPosition } from "./reading-position.js";
import { SearchBar } from "./search-bar.js";
import type { SearchHost } from "./search-host.js";
import { SearchMarks } from "./search-marks.js";
import { type Matcher, matcherOf } from "./search-match.js";
import {
  errorsOf,
  parametersOf,
  queryOf,
  rowsQueryOf,
  type TextQuery,
  wantedOf,
} from "./search-query.js";
import { SearchStrip } from "./search-strip.js";
import { quoted } from "./search-terms.js";

export class Search {
  readonly bar: SearchBar;
  readonly strip: SearchStrip;
  /** Shows brief messages, such as that there are no matches. */
  readonly toast = new Toast();
  readonly #host: SearchHost;
  readonly #marks: SearchMarks;
  readonly #navigation: HitNavigation;
  readonly #end = new AbortController();
  readonly #position: ReadingPosition;
  readonly #results = new Map<string, QueryResults>();
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
    this.#position = new ReadingPosition(host.list);
    this.#navigation = new HitNavigation(
      host,
      (place) => this.#arrive(place),
      (text) => this.toast.say(text),
    );
    listenToValues(
      host.list.scroller,
      (text, exclude) => this.addTerm(text, exclude),
      this.#end.signal,
    );
    host.list.scroller.addEventListener("dblclick", (event) => this.#doubleClicked(event));
  }

  /** Results of the current query; undefined: there is no query. */
  get results(): QueryResults | undefined {
    const query = queryOf(this.#host.options());
    return query && this.#results.get(parametersOf(query));
  }

  dispose(): void {
    this.#end.abort();
    this.#navigation.dispose();
    this.#marks.dispose();
    this.#errors.dispose();
    for (const results of this.#results.values()) results.dispose();
    this.toast.dispose();
  }

  /** Open the bar and focus its field. */
  open(): void {
    this.#open = true;
    this.bar.focus();
    this.#host.changed();
  }

  /** Add a term to the query, to include or to exclude it, and show only matching lines. */
  addTerm(text: string, exclude: boolean): void {
    const { query, regex } = this.#host.options();
    const before = regex ? "" : query.trimEnd();
    const term = (exclude ? "-" : "") + quoted(text);
    if (wantedOf({ text: before, regex: false })[exclude ? "exclude" : "include"].includes(text))
      return;
    this.#change({ query: before ? `${before} ${term}` : term, regex: false, mode: "filter" });
  }

  /** Close the bar and clear the query; return false if the bar was closed. */
  close(): boolean {
    if (!this.#isOpen) return false;
    this.#open = false;
    if (this.bar.hasFocus) this.#host.list.scroller.focus({ preventScroll: true });
    if (this.#host.options().query) this.#change({ query: "" });
    this.#host.changed();
    return true;
  }

  /** Go to the next or previous hit. */
  step(direction: 1 | -1): void {
    const query = queryOf(this.#host.options());
    if (!query) {
      this.open();
      return;
    }
    const results = this.#ensure(query);
    if (!results.search.isRejected)
      this.#navigation.toHit(results, direction, this.#current?.line, this.#rows);
  }

  /** Go to the next or previous error. */
  error(direction: 1 | -1): void {
    const shown = rowsQueryOf(this.#host.options());
    const arrive = (stop: Parameters<Errors["arrive"]>[0]): void => this.#errors.arrive(stop);
    this.#navigation.toError(errorsOf(shown), direction, this.#current?.line, this.#rows, arrive);
  }

  /** Position among the errors; undefined: the user is elsewhere. */
  get errorPlace(): ErrorPlace | undefined {
    return this.#errors.place(this.#current?.line);
  }

  /**
   * Show a line in the context of the whole log; return false if no filter is active, or there is
   * no line.
   */
  context(line = this.#current?.line ?? this.#host.list.visible()?.[0]): boolean {
    if (line === undefined || !this.#host.list.filter) return false;
    const { query } = this.#host.options();
    this.#host.change({ level: "", ...(query && { mode: "highlight" }), follow: false });
    this.#current = this.#current?.line === line ? this.#current : { line, index: undefined };
    this.#host.list.goTo(line, { center: true, mark: true });
    this.#host.list.scroller.focus({ preventScroll: true });
    return true;
  }

  /** Update searches and the list's rows; call this before the list is drawn. */
  prepare(): void {
    const options = this.#host.options();
    const { total } = this.#host.store.buffer;
    const wanted = queryOf(options);
    const rows = rowsQueryOf(options);
    const keep = new Set([wanted, rows].flatMap((query) => (query ? [parametersOf(query)] : [])));
    for (const [key, results] of this.#results) {
      if (keep.has(key)) continue;
      results.dispose();
      this.#results.delete(key);
    }
    for (const query of [wanted, rows]) if (query) this.#ensure(query).search.advance(total);
    const shown = rows && this.#ensure(rows);
    // an incomplete pattern is often invalid while it is being typed
    this.#position.filter(shown?.search.isRejected ? undefined : shown?.rows);
    this.#position.restore(shown);
    if (this.#host.list.scroller.clientHeight) this.#errors.advance();
  }

  /** Update the bar and the marks; call this after the list was drawn. */
  render(): void {
    const options = this.#host.options();
    const shown = textOf(options);
    const { results } = this;
    const key = JSON.stringify(shown);
    if (key !== this.#findKey) {
      this.#findKey = key;
      this.#find = matcherOf(shown);
      this.#current = undefined;
    }
    if (results && this.#current && this.#current.index === undefined)
      this.#number(results, this.#current);
    const search = shown.text ? results?.search : undefined;
    this.bar.render({
      open: this.#isOpen,
      ...shown,
      mode: options.mode,
      hits: search?.isRejected ? undefined : search?.hits,
      index: this.#current?.index,
      progress: search?.ready ? 1 : (search?.progress ?? 1),
      error: search?.isConnectionLost ? undefined : search?.error,
    });
    this.#host.list.current = this.#current?.line;
    const { scroller, filter } = this.#host.list;
    this.#marks.set(this.#find, this.#current?.line, filter && rowsQueryOf(options));
    // Without a scroll bar, marks would be beside the wrong lines.
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

  /** Results that the list is restricted to; undefined: none. */
  get #rows(): QueryResults | undefined {
    const rows = rowsQueryOf(this.#host.options());
    const results = rows && this.#results.get(parametersOf(rows));
    return results?.search.isRejected ? undefined : results;
  }

  #ensure(query: Parameters<typeof parametersOf>[0]): QueryResults {
    const key = parametersOf(query);
    let results = this.#results.get(key);
    if (!results) {
      const { run, store, changed } = this.#host;
      results = new QueryResults(
        run,
        query,
        (line) => store.buffer.get(line),
        () => changed(),
      );
      this.#results.set(key, results);
    }
    return results;
  }

  #arrive(place: Place): void {
    this.#position.moved();
    this.#current = place;
    this.#host.changed();
  }

  /** Determine the index of the current hit once that is possible. */
  #number(results: QueryResults, place: Place): void {
    if (place.line >= results.search.searched || results.numbering) return;
    results.numbering = true;
    void results.jump
      .indexOf(place.line)
      .then((index) => {
        if (index !== undefined && this.#current?.line === place.line)
          this.#arrive({ line: place.line, index });
      })
      .catch(() => undefined) // the next render tries again
      .finally(() => (results.numbering = false));
  }

  /**
   * Handle a double click on a line number. Uses the position, because the event's target is the
   * element that captured the pointer.
   */
  #doubleClicked({ clientX, clientY }: MouseEvent): void {
    const row = document
      .elementFromPoint(clientX, clientY)
      ?.closest(".prismq-gutter")
      ?.closest<HTMLElement>("[data-line]");
    if (row?.dataset.line !== undefined) this.context(Number(row.dataset.line));
  }
}

function textOf({ query, regex, case: exact, word }: ViewerOptions): TextQuery {
  return { text: query, regex, case: exact, word };
}
