/**
 * One row of the list -> an element. Every row is one fixed height; the list (`window.ts`) decides which ones exist.
 */

import { element, icon } from "./dom.js";
import { bytes, count, countOf, duration, exitReason, fullTimestamp, type Timestamps, timestamp } from "./format.js";
import { paint } from "./paint.js";
import type { Gap, Line, RunStatus, Stream } from "./protocol.js";
import type { Row } from "./rows.js";

export interface RowStyle {
  readonly timestamps: Timestamps;
  /** Start of the run, µs since the epoch; undefined: not known. */
  readonly start: number | undefined;
}

const GAP_REASONS: Readonly<Record<string, string>> = {
  "disk-full": "the disk was full",
  "run-limit": "the run reached its size limit",
  "write-error": "writing failed",
  truncated: "the file was cut by something else",
};

/** Equal keys: the same element can stay. */
export function rowKey(row: Row): string {
  switch (row.kind) {
    case "line":
      return `l${row.line.n}`;
    case "hole":
      return `h${row.n}`;
    case "gap":
      return `g${row.gap.before} ${row.gap.begin} ${row.gap.lines} ${row.gap.end}`;
    case "notice":
      return `n${row.text}`;
    case "pending":
      return `p${row.stream} ${row.text}`;
    case "end":
      return `e${row.status.status} ${row.status.exit_code}`;
  }
}

export function drawRow(row: Row, style: RowStyle): HTMLElement {
  switch (row.kind) {
    case "line":
      return drawLine(row.line, style);
    case "hole":
      return drawHole(row.n);
    case "gap":
      return aside("prismq-row-gap", icon("warning"), gapText(row.gap));
    case "notice":
      return aside("prismq-row-notice", row.text);
    case "pending":
      return drawPending(row.stream, row.text);
    case "end":
      return drawEnd(row.status);
  }
}

function drawLine(line: Line, style: RowStyle): HTMLElement {
  const message = element("span", "prismq-message");
  paint(message, line.text);
  const time = element("span", "prismq-time", timestamp(line.stamp, style.timestamps, style.start));
  const gutter = element("span", "prismq-gutter", element("span", "prismq-number", String(line.n)), time, streamTag(line.stream));
  gutter.title = `${line.level} · ${line.stream} · ${fullTimestamp(line.stamp)}`;
  const row = element("div", `prismq-row prismq-level-${line.level.toLowerCase()}`, gutter, message);
  row.dataset["line"] = String(line.n);
  if (line.length > line.text.length) row.append(cutMark(line));
  return row;
}

function cutMark(line: Line): HTMLElement {
  const mark = element("span", "prismq-cut", `${count(line.length - line.text.length)} more characters`);
  mark.title = "This line is too long to show in full; the download has all of it.";
  return mark;
}

function streamTag(stream: Stream): HTMLElement {
  return element("span", "prismq-stream", stream === "stderr" ? "err" : "");
}

function drawHole(n: number): HTMLElement {
  const bar = element("span", "prismq-hole-bar");
  bar.style.width = `${18 + ((n * 37) % 45)}ch`; // uneven, like text
  const gutter = element("span", "prismq-gutter", element("span", "prismq-number", String(n)), element("span", "prismq-time"), streamTag("stdout"));
  return element("div", "prismq-row prismq-row-hole", gutter, bar);
}

function drawPending(stream: Stream, text: string): HTMLElement {
  const message = element("span", "prismq-message");
  paint(message, text);
  const live = element("span", "prismq-time", "now");
  const gutter = element("span", "prismq-gutter", element("span", "prismq-number", "\u203a"), live, streamTag(stream));
  gutter.title = `${stream}: not finished yet`;
  return element("div", "prismq-row prismq-row-pending", gutter, message);
}

function drawEnd(status: RunStatus): HTMLElement {
  const name = status.status === "completed" || status.status === "failed" ? status.status : "cancelled";
  const length = status.duration_seconds === null ? "" : ` after ${duration(status.duration_seconds)}`;
  const head = element("strong", "", `${label(status)}${length}`);
  const details = [exitReason(status), status.error_message ?? ""].filter(Boolean).join(" · ");
  return aside(`prismq-row-end prismq-is-${name}`, icon(name), head, element("span", "prismq-end-detail", details));
}

function label(status: RunStatus): string {
  return status.status.charAt(0).toUpperCase() + status.status.slice(1);
}

function gapText({ lines, bytes: size, reason, begin, end }: Gap): string {
  const cause = GAP_REASONS[reason] ?? reason;
  return `${countOf(lines, "line")} (${bytes(size)}) not stored: ${cause}, ${begin.slice(11, 19)} to ${end.slice(11, 19)} UTC`;
}

function aside(className: string, ...children: (Node | string)[]): HTMLElement {
  return element("div", `prismq-row prismq-aside ${className}`, element("span", "prismq-aside-text", ...children));
}
