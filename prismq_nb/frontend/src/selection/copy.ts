/**
 * Lines of a log as plain text for the clipboard, fetched from the server in pages.
 *
 * Without line numbers, buttons and escape sequences. Bounded, because page and clipboard hold it
 * in memory.
 */

import { type Origin, type Timestamps, timestamp } from "../base/format.js";
import { type Line, stampOf } from "../base/protocol.js";
import type { FetchPage } from "../stream/fetch.js";
import { plainText } from "../text/ansi.js";

/** Bounds of one copy. */
export const COPY_LINES = 100_000;
export const COPY_CHARS = 16_000_000;
/** Lines per request. */
const PAGE_LINES = 5_000;

export interface CopyStyle {
  /** `off`: the text alone. */
  readonly timestamps: Timestamps;
  readonly utc: boolean;
  /** Start of the run, µs since the epoch; undefined: not known. */
  readonly start: number | undefined;
}

export interface Copied {
  readonly text: string;
  readonly lines: number;
  /** The bounds were exceeded. */
  readonly cut: boolean;
}

/**
 * The text of one line.
 *
 * @param previous stamp of the line before.
 */
export function copiedLine(
  { text, stamp }: Pick<Line, "text" | "stamp">,
  style: CopyStyle,
  previous: number | undefined,
): string {
  const origin: Origin = { start: style.start, previous };
  const time = timestamp(stamp, style.timestamps, style.utc, origin);
  return time ? `${time} ${plainText(text)}` : plainText(text);
}

/**
 * Lines `first` to `last` in full.
 *
 * @param filter query parameters that lines have to match, as for a poll; empty: all.
 * @param onLines called with the number of lines so far.
 * @throws what a request throws; `AbortError` when `signal` aborts.
 */
export async function copyRange(
  fetchPage: FetchPage,
  run: string,
  [first, last]: readonly [first: number, last: number],
  style: CopyStyle,
  filter: string,
  onLines: (lines: number) => void,
  signal: AbortSignal,
): Promise<Copied> {
  const parts: string[] = [];
  let [chars, cursor] = [0, first - 1];
  let previous: number | undefined;
  while (cursor < last) {
    signal.throwIfAborted();
    const page = await fetchPage(
      run,
      `after=${cursor}&before=${last + 1}&limit=${PAGE_LINES}${filter && `&${filter}`}`,
    );
    signal.throwIfAborted(); // otherwise it would keep reporting progress
    for (const log of page.logs) {
      const stamp = stampOf(log.timestamp);
      const part = copiedLine({ text: log.message, stamp }, style, previous);
      if (parts.length >= COPY_LINES || chars + part.length > COPY_CHARS) return done(parts, true);
      parts.push(part);
      chars += part.length + 1;
      previous = stamp;
    }
    onLines(parts.length);
    if (page.next_after <= cursor) break; // the log is shorter than expected
    cursor = page.next_after;
  }
  return done(parts, false);
}

function done(parts: readonly string[], cut: boolean): Copied {
  return { text: parts.join("\n"), lines: parts.length, cut };
}

/**
 * Write a text to the clipboard.
 *
 * @returns false if the browser requires a click that is not too long ago, as after a slow request.
 */
export async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return byCommand(text); // no permission, or a page without TLS, which has no such object
  }
}

function byCommand(text: string): boolean {
  const put = (event: ClipboardEvent): void => {
    event.preventDefault();
    event.stopImmediatePropagation();
    event.clipboardData?.setData("text/plain", text);
  };
  window.addEventListener("copy", put, { capture: true, once: true });
  const done = document.execCommand("copy");
  window.removeEventListener("copy", put, { capture: true });
  return done;
}
