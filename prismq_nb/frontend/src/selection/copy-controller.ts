/**
 * Copy from one list: selected lines, or selected text across rows that are not all on the page.
 *
 * Joins the input (`selection-input.ts`), the bar (`selection-bar.ts`) and the requests
 * (`copy.ts`).
 */

import { count, countOf, messageOf } from "../base/format.js";
import { lineAddress } from "../base/line-address.js";
import { spokenLine } from "../base/line-numbers.js";
import { LineSelection, type Lines } from "../base/line-selection.js";
import { url } from "../base/page.js";
import type { Line } from "../base/protocol.js";
import { rawText } from "../base/raw-text.js";
import type { FetchPage } from "../stream/fetch.js";
import { plainText } from "../text/ansi.js";
import { COPY_LINES, type Copied, type CopyStyle, copyRange, toClipboard } from "./copy.js";
import { SelectionBar } from "./selection-bar.js";
import { SelectionInput } from "./selection-input.js";

/** What copying needs from the list. */
export interface CopySource {
  readonly run: string;
  fetchPage: FetchPage;
  total(): number;
  /**
   * The lines between `first` and `last` in the list; undefined: not all are on the page in full.
   */
  between(first: number, last: number): readonly Line[] | undefined;
  style(): CopyStyle;
  /** The last line in the row of a line. */
  lastOf(line: number): number;
  /** The visible lines that are marked or were navigated to last; undefined: none. */
  pointed(): Lines | undefined;
  /** Query parameters of the list's filter, as for a poll; empty: all lines. */
  filter(): string;
  /** Show a line in the whole log. */
  context(line: number): void;
  changed(): void;
  /** The person selected lines: they must not scroll away. */
  touched(): void;
}

/** The two ends of a selection of text, and the text in their rows. */
interface TextSelection {
  readonly lines: Lines;
  readonly head: string;
  readonly tail: string;
}

export class CopyController {
  readonly bar: SelectionBar;
  readonly #scroller: HTMLElement;
  readonly #source: CopySource;
  readonly #selection = new LineSelection();
  #request: AbortController | undefined;
  /** Fetched text, while the browser requires a click for the clipboard. */
  #pending: Copied | undefined;

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
    new SelectionInput(scroller, this.#selection, events, signal);
    // a drag can end outside the list
    document.addEventListener("copy", (event) => this.#copied(event), { signal });
    signal.addEventListener("abort", () => this.#request?.abort());
  }

  /** The selected lines; undefined: none. */
  get lines(): Lines | undefined {
    return this.#selection.lines;
  }

  clear(): void {
    this.#selection.clear();
    this.bar.say("");
    this.#changed();
    this.#scroller.focus({ preventScroll: true });
  }

  /** Mark the rows of selected lines; to be called after each render. */
  render(): void {
    for (const row of this.#scroller.querySelectorAll<HTMLElement>(".prismq-row[data-line]")) {
      const on = this.#selection.has(Number(row.dataset.line));
      if (row.classList.contains("prismq-selected") !== on)
        row.classList.toggle("prismq-selected", on);
    }
    this.bar.render(this.#selection.lines);
  }

  #changed(): void {
    this.#request?.abort();
    this.#pending = undefined;
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
    if (this.#pending) return this.#writeToClipboard(this.#pending);
    this.#request?.abort();
    this.#request = new AbortController();
    const { signal } = this.#request;
    const style = this.#source.style();
    const timestamps = !stamps ? "off" : style.timestamps === "off" ? "datetime" : style.timestamps;
    const onLines = (done: number): void => this.bar.say(`Copying: ${countOf(done, "line")}`, true);
    try {
      const { run, fetchPage } = this.#source;
      const copied = await copyRange(
        fetchPage,
        run,
        lines,
        { ...style, timestamps },
        this.#source.filter(),
        onLines,
        signal,
      );
      if (!signal.aborted) await this.#writeToClipboard({ ...copied, text: edit(copied.text) });
    } catch (error) {
      if (!signal.aborted) this.bar.say(`Could not copy: ${messageOf(error)}`);
    }
  }

  async #writeToClipboard(copied: Copied): Promise<void> {
    const done = await toClipboard(copied.text);
    this.#pending = done ? undefined : copied;
    const { lines, cut } = copied;
    if (!done) this.bar.say(`${countOf(lines, "line")} ready: press Copy again`, true);
    else if (cut)
      this.bar.say(
        `Copied the first ${count(lines)} lines ` +
          `(the limit is ${count(COPY_LINES)} lines or 16 MB). Download to get all of them.`,
        true,
      );
    else this.bar.say(`${countOf(lines, "line")} copied`);
  }

  /** Let the browser copy selected text as it is; across several rows, give it their lines. */
  #copied(event: ClipboardEvent): void {
    const textSelection = this.#textSelection();
    if (!textSelection) return;
    event.preventDefault();
    const between = this.#source.between(...textSelection.lines);
    if (between)
      event.clipboardData?.setData(
        "text/plain",
        [
          textSelection.head,
          ...between.map(({ text }) => plainText(text)),
          textSelection.tail,
        ].join("\n"),
      );
    else
      void this.#fetch(textSelection.lines, false, (text) =>
        [textSelection.head, ...text.split("\n").slice(1, -1), textSelection.tail].join("\n"),
      );
  }

  /**
   * The selection of text that began in the list; undefined: there is none, or it is within one
   * row.
   */
  #textSelection(): TextSelection | undefined {
    const selection = document.getSelection();
    if (
      !selection?.rangeCount ||
      selection.isCollapsed ||
      !this.#scroller.contains(selection.anchorNode)
    )
      return undefined;
    const range = selection.getRangeAt(0);
    const rows = [...this.#scroller.querySelectorAll<HTMLElement>(".prismq-row[data-line]")].filter(
      (row) => range.intersectsNode(row),
    );
    const [head, tail] = [rows[0], rows.at(-1)];
    if (!head || !tail || head === tail) return undefined;
    return {
      lines: [Number(head.dataset.line), Number(tail.dataset.line)],
      head: part(head, range),
      tail: part(tail, range),
    };
  }
}

/** The selected text of the message in a row. */
function part(row: HTMLElement, range: Range): string {
  const message = row.querySelector(".prismq-message");
  if (!message) return "";
  const raw = rawText(row);
  const inside = document.createRange();
  inside.selectNodeContents(message);
  // entirely outside
  if (
    range.comparePoint(message, 0) > 0 ||
    range.comparePoint(message, message.childNodes.length) < 0
  )
    return "";
  if (message.contains(range.startContainer))
    inside.setStart(range.startContainer, range.startOffset);
  if (message.contains(range.endContainer)) inside.setEnd(range.endContainer, range.endOffset);
  const isSome = inside.toString() !== "";
  // a row in another form, such as JSON, yields its line
  return raw !== undefined && isSome ? raw : inside.toString();
}
