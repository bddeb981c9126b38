/**
 * Copying out of one list: selected lines, and selected text that reaches over rows of which not all are on the page.
 *
 * Puts together what selects (`selecting.ts`), what is said (`selection-bar.ts`) and what fetches (`copy.ts`).
 */

import { plainText } from "../text/ansi.js";
import { type Copied, COPY_LINES, copyRange, type CopyStyle, toClipboard } from "./copy.js";
import { count, countOf } from "../base/format.js";
import { lineAddress, spokenLine } from "../base/line-numbers.js";
import { type Lines, LineSelection } from "../base/line-selection.js";
import { url } from "../base/page.js";
import type { Line } from "../base/protocol.js";
import { rawText } from "../base/raw-text.js";
import { Selecting } from "./selecting.js";
import { SelectionBar } from "./selection-bar.js";
import type { FetchPage } from "../stream/fetch.js";

/** What it has to know of the list. */
export interface CopySource {
  readonly run: string;
  fetchPage: FetchPage;
  total(): number;
  /** The lines after `first` and before `last` that the list shows; undefined: not all are on the page, in full. */
  between(first: number, last: number): readonly Line[] | undefined;
  style(): CopyStyle;
  /** The last line that stands in the row of a line. */
  lastOf(line: number): number;
  /** The lines in sight that are marked, or were gone to last; undefined: none. */
  pointed(): Lines | undefined;
  /** Parameters that the lines of the list match, as the poll takes them; empty: all lines. */
  filter(): string;
  /** A line is to be shown among all lines. */
  context(line: number): void;
  changed(): void;
  /** The person selected lines, and wants them to stay where they are. */
  touched(): void;
}

/** The two ends of a selection of text, and the text in their rows. */
interface Ends {
  readonly lines: Lines;
  readonly head: string;
  readonly tail: string;
}

export class Copying {
  readonly bar: SelectionBar;
  readonly #scroller: HTMLElement;
  readonly #source: CopySource;
  readonly #selection = new LineSelection();
  #job: AbortController | undefined;
  /** What was fetched, while the browser waits for a click to take it. */
  #ready: Copied | undefined;

  constructor(scroller: HTMLElement, source: CopySource, signal: AbortSignal) {
    this.#scroller = scroller;
    this.#source = source;
    this.bar = new SelectionBar({
      onCopy: (stamps) => void this.#copyLines(stamps),
      onLink: () => void this.#copyLink(this.#selection.lines ?? [0, 0]),
      onContext: () => source.context(this.#selection.lines?.[0] ?? 0),
      onClear: () => this.clear(),
    });
    const events = {
      changed: () => this.#changed(),
      copy: () => void this.#copyLines(false),
      link: (lines: Lines) => void this.#copyLink(lines),
      total: () => source.total(),
      pointed: () => source.pointed(),
    };
    new Selecting(scroller, this.#selection, events, signal);
    document.addEventListener("copy", (event) => this.#copied(event), { signal }); // a drag can end outside of the list
    signal.addEventListener("abort", () => this.#job?.abort());
  }

  /** The lines selected; undefined: none. */
  get lines(): Lines | undefined {
    return this.#selection.lines;
  }

  clear(): void {
    this.#selection.clear();
    this.bar.say("");
    this.#changed();
    this.#scroller.focus({ preventScroll: true });
  }

  /** Marks the rows of selected lines; after each drawing. */
  render(): void {
    for (const row of this.#scroller.querySelectorAll<HTMLElement>(".prismq-row[data-line]")) {
      const on = this.#selection.has(Number(row.dataset["line"]));
      if (row.classList.contains("prismq-selected") !== on) row.classList.toggle("prismq-selected", on);
    }
    this.bar.render(this.#selection.lines);
  }

  #changed(): void {
    this.#job?.abort();
    this.#ready = undefined;
    this.bar.say("");
    this.render();
    if (this.#selection.lines) this.#source.touched();
    this.#source.changed();
  }

  async #copyLink(lines: Lines): Promise<void> {
    const page = `${location.origin}${url(`prismq/runs/${this.#source.run}`)}`;
    const [first, last] = lines.map(spokenLine);
    const what = first === last ? `line ${first}` : `lines ${first} to ${last}`;
    const isCopied = await toClipboard(page + lineAddress(lines));
    this.bar.say(isCopied ? `Link to ${what} copied` : "The browser blocked copying");
  }

  #copyLines(stamps: boolean): Promise<void> {
    const { lines } = this.#selection;
    if (!lines) return Promise.resolve();
    const [first, last] = lines;
    return this.#fetch([first, this.#source.lastOf(last)], stamps, (text) => text);
  }

  async #fetch(lines: Lines, stamps: boolean, edit: (text: string) => string): Promise<void> {
    if (this.#ready) return this.#put(this.#ready);
    this.#job?.abort();
    const { signal } = (this.#job = new AbortController());
    const style = this.#source.style();
    const timestamps = !stamps ? "off" : style.timestamps === "off" ? "datetime" : style.timestamps;
    const onLines = (done: number): void => this.bar.say(`Copying: ${countOf(done, "line")}`, true);
    try {
      const { run, fetchPage } = this.#source;
      const copied = await copyRange(fetchPage, run, lines, { ...style, timestamps }, this.#source.filter(), onLines, signal);
      if (!signal.aborted) await this.#put({ ...copied, text: edit(copied.text) });
    } catch (error) {
      if (!signal.aborted) this.bar.say(`Could not copy: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #put(copied: Copied): Promise<void> {
    const done = await toClipboard(copied.text);
    this.#ready = done ? undefined : copied;
    const { lines, cut } = copied;
    if (!done) this.bar.say(`${countOf(lines, "line")} ready: press Copy again`, true);
    else if (cut) this.bar.say(`Copied the first ${count(lines)} lines (the limit is ${count(COPY_LINES)} lines or 16 MB). Download to get all of them.`, true);
    else this.bar.say(`${countOf(lines, "line")} copied`);
  }

  /** The browser copies what is selected as text; where that is in several rows, it gets their lines. */
  #copied(event: ClipboardEvent): void {
    const ends = this.#ends();
    if (!ends) return;
    event.preventDefault();
    const between = this.#source.between(...ends.lines);
    if (between) event.clipboardData?.setData("text/plain", [ends.head, ...between.map(({ text }) => plainText(text)), ends.tail].join("\n"));
    else void this.#fetch(ends.lines, false, (text) => [ends.head, ...text.split("\n").slice(1, -1), ends.tail].join("\n"));
  }

  /** Where a selection of text that began in the list begins and ends; undefined: there is none, or within one row. */
  #ends(): Ends | undefined {
    const selection = document.getSelection();
    if (!selection?.rangeCount || selection.isCollapsed || !this.#scroller.contains(selection.anchorNode)) return undefined;
    const range = selection.getRangeAt(0);
    const rows = [...this.#scroller.querySelectorAll<HTMLElement>(".prismq-row[data-line]")].filter((row) => range.intersectsNode(row));
    const [head, tail] = [rows[0], rows.at(-1)];
    if (!head || !tail || head === tail) return undefined;
    return { lines: [Number(head.dataset["line"]), Number(tail.dataset["line"])], head: part(head, range), tail: part(tail, range) };
  }
}

/** The selected text of the message in a row. */
function part(row: HTMLElement, range: Range): string {
  const message = row.querySelector(".prismq-message");
  if (!message) return "";
  const raw = rawText(row);
  const inside = document.createRange();
  inside.selectNodeContents(message);
  if (range.comparePoint(message, 0) > 0 || range.comparePoint(message, message.childNodes.length) < 0) return ""; // wholly outside
  if (message.contains(range.startContainer)) inside.setStart(range.startContainer, range.startOffset);
  if (message.contains(range.endContainer)) inside.setEnd(range.endContainer, range.endOffset);
  const isSome = inside.toString() !== "";
  return raw !== undefined && isSome ? raw : inside.toString(); // a row that shows another form gives its line
}
