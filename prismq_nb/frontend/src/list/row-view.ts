/** Create the element of a row. The list (`virtual-list.ts`) decides which rows exist and where. */

import { element, icon } from "../base/dom.js";
import {
  bytes,
  count,
  countOf,
  duration,
  endDetails,
  fullTimestamp,
  localAndUtcTime,
  type Timestamps,
  timeSpan,
  timestamp,
} from "../base/format.js";
import { lineNumber } from "../base/line-numbers.js";
import type { Gap, Line, RunStatus, Stream } from "../base/protocol.js";
import { keepRawText } from "../base/raw-text.js";
import type { Row } from "../base/rows.js";
import { statusName } from "../base/run-words.js";
import type { Block } from "../folding/fold.js";
import { frameText } from "../folding/user-frames.js";
import { drawJson } from "../text/json-view.js";
import { locationNode } from "../text/location-node.js";
import { paint } from "../text/paint.js";
import { drawRecord } from "../text/record-view.js";
import { plain } from "../text/terminal-text.js";
import type { Earlier } from "./earlier-frames.js";
import type { RowState } from "./row-state.js";

export interface RowStyle {
  readonly timestamps: Timestamps;
  readonly utc: boolean;
  /** Start of the run, µs since the epoch; undefined: unknown. */
  readonly start: number | undefined;
  /** Show JSON records as printed. */
  readonly raw_json: boolean;
  /** Keys of JSON records to show, comma-separated; empty: all. */
  readonly fields: string;
  /** What the user has opened. */
  readonly state: RowState;
}

/**
 * From this many updates on, the button is always visible; below, only while the pointer is over
 * the row.
 */
const MANY_UPDATES = 3;
const GAP_REASONS: Readonly<Record<string, string>> = {
  "disk-full": "the disk was full",
  "run-limit": "the run reached its size limit",
  "write-error": "writing failed",
  truncated: "another program truncated the file",
};

/** Rows with equal keys can share an element. */
export function rowKey(row: Row, { state, timestamps, utc }: RowStyle): string {
  switch (row.kind) {
    case "line": {
      const isUndated = timestamps === "delta" && state.previous(row.line.n) === undefined;
      const group = row.startsGroup ? "|" : "";
      return `l${row.line.n}${group}${state.key(row.line)}${isUndated ? "?" : ""}`;
    }
    case "folded":
      return `f${row.n}`;
    case "hole":
      return `h${row.n}`;
    case "gap":
      return `g${row.gap.before} ${row.gap.begin} ${row.gap.lines} ${row.gap.end}${utc ? "u" : ""}`;
    case "notice":
    case "note":
      return `n${row.text}`;
    case "pending":
      return `p${row.stream}${row.place} ${row.text}`;
    case "end":
      return `e${row.status.status} ${row.status.exit_code}`;
  }
}

export function drawRow(row: Row, style: RowStyle): HTMLElement {
  switch (row.kind) {
    case "line":
      return drawLine(row.line, style, row.startsGroup);
    case "hole":
      return drawHole(row.n, row.isApproximate === true);
    case "folded":
      return element("div", ""); // the list skips it
    case "gap":
      return drawGap(row.gap, style.utc);
    case "notice":
      return aside("prismq-row-notice", row.text);
    case "note":
      return drawNote(row.text);
    case "pending":
      return drawPending(row.stream, row.text);
    case "end":
      return drawEnd(row.status);
  }
}

function drawLine(line: Line, style: RowStyle, startsGroup = false): HTMLElement {
  const { state, timestamps, utc, start } = style;
  const time = timestamp(line.stamp, timestamps, utc, {
    start,
    previous: timestamps === "delta" ? state.previous(line.n) : undefined,
  });
  const number = element("span", "prismq-number", lineNumber(line.n));
  const gutter = element(
    "span",
    "prismq-gutter",
    number,
    element("span", "prismq-time", time),
    streamTag(line.stream),
  );
  gutter.title = `${line.level} \u00b7 ${line.stream} \u00b7 ${fullTimestamp(line.stamp)}`;
  const { shown } = state.earlier(line);
  const opened = state.isJsonOpen(line.n)
    ? drawJson(state.text(line))
    : shown && drawEarlier(shown, state.pen(line));
  const record = opened || style.raw_json ? undefined : state.record(line);
  const message = opened ?? (record ? drawRecord(record, style.fields) : plainMessage(line, state));
  const row = element(
    "div",
    `prismq-row prismq-level-${line.level.toLowerCase()}`,
    gutter,
    message,
    ...tools(line, state),
  );
  if (opened || state.extent(line) === "whole") row.classList.add("prismq-row-tall");
  if (record || state.isJsonOpen(line.n)) keepRawText(row, plain(state.text(line)));
  if (startsGroup) row.classList.add("prismq-row-group-start");
  row.dataset.line = String(line.n);
  return row;
}

function plainMessage(line: Line, state: RowState): HTMLElement {
  const message = element("span", "prismq-message");
  const extent = state.extent(line);
  paint(message, state.text(line), state.pen(line), extent === "cut" || extent === "fetching");
  const answer = state.answer(line);
  if (answer) {
    const echo = element("span", "prismq-answer");
    paint(echo, answer.text, answer.pen);
    const parts = [`Line ${lineNumber(answer.n)}`, answer.stream, fullTimestamp(answer.stamp)];
    echo.title = parts.join(" \u00b7 ");
    message.append(echo);
  }
  return message;
}

/** Draw all earlier frames of a line, scrolled to the newest at the end. */
function drawEarlier({ frames, omitted }: Earlier, pen: string): HTMLElement {
  const drawn = frames.map((text) => {
    const frame = element("span", "prismq-frame");
    paint(frame, text, pen);
    frame.append("\n");
    return frame;
  });
  const older = omitted
    ? [element("span", "prismq-frame-omitted", `${countOf(omitted, "earlier update")} not shown\n`)]
    : [];
  const message = element("span", "prismq-message prismq-frames", ...older, ...drawn);
  message.tabIndex = 0;
  requestAnimationFrame(() => {
    message.scrollTop = message.scrollHeight;
  });
  return message;
}

/** Buttons after a message that show more of it, or less. */
function tools(line: Line, state: RowState): HTMLElement[] {
  const buttons: HTMLElement[] = [];
  const frame = state.frame(line.n);
  if (frame) {
    const origin = locationNode(frame, [frameText(frame)]);
    origin.classList.add("prismq-tool", "prismq-origin");
    buttons.push(element("span", "prismq-origin-end", origin));
  }
  const fold = state.fold(line.n);
  if (fold) {
    const [text, title] = foldText(fold.block, fold.open);
    const button = tool("fold", fold.block.first, text, title, () =>
      state.toggleFold(fold.block.first),
    );
    button.setAttribute("aria-expanded", String(fold.open));
    buttons.push(button);
  }
  const { updates, state: earlier } = state.earlier(line);
  if (updates) buttons.push(earlierButton(line, updates, earlier, state));
  const extent = state.extent(line);
  if (extent !== "short") buttons.push(wholeButton(line, extent, state));
  if (state.isJson(line)) {
    const open = state.isJsonOpen(line.n);
    const button = tool("json", line.n, "{ }", open ? "Show as printed" : "Format this JSON", () =>
      state.toggleJson(line.n),
    );
    button.setAttribute("aria-pressed", String(open));
    buttons.push(button);
  }
  return buttons;
}

function foldText(
  { kind, shown, repeats, size }: Block,
  open: boolean,
): [text: string, title: string] {
  const verb = open ? "Fold" : "Show";
  if (kind === "redraw")
    return [countOf(size - shown.length, "overwritten line"), `${verb} what was overwritten`];
  if (repeats === 1) return [countOf(size, "line"), `${verb} the whole traceback`];
  return [
    `${countOf(size, "line")} \u00d7 ${count(repeats)}`,
    `${verb} this traceback, printed ${count(repeats)} times in a row`,
  ];
}

function earlierButton(
  { n }: Line,
  updates: number,
  shown: "closed" | "fetching" | "open",
  state: RowState,
): HTMLElement {
  const text = shown === "fetching" ? "Loading\u2026" : countOf(updates, "earlier update");
  const title =
    shown === "open" ? "Hide earlier updates of this line" : "Show earlier updates of this line";
  const button = tool("updates", n, text, title, () => void state.toggleEarlier(n));
  button.setAttribute("aria-expanded", String(shown === "open"));
  button.toggleAttribute("aria-busy", shown === "fetching");
  button.classList.toggle("prismq-tool-few", updates < MANY_UPDATES);
  return button;
}

function wholeButton(
  line: Line,
  extent: "cut" | "fetching" | "whole",
  state: RowState,
): HTMLElement {
  const more = countOf(line.length - line.text.length, "more character");
  const text =
    extent === "whole"
      ? "Show less"
      : extent === "fetching"
        ? "Loading\u2026"
        : `${more} \u2013 show all`;
  const button = tool(
    "whole",
    line.n,
    text,
    extent === "whole" ? "Shorten this line" : `Show all ${count(line.length)} characters`,
    () => void state.toggleWhole(line.n),
  );
  button.setAttribute("aria-expanded", String(extent === "whole"));
  button.toggleAttribute("aria-busy", extent === "fetching");
  return button;
}

function tool(
  name: string,
  n: number,
  text: string,
  title: string,
  onClick: () => void,
): HTMLButtonElement {
  const button = element("button", `prismq-tool prismq-tool-${name}`, text);
  button.type = "button";
  button.title = title;
  button.addEventListener("click", onClick);
  button.dataset.tool = `${name} ${n}`;
  return button;
}

function streamTag(stream: Stream): HTMLElement {
  return element("span", "prismq-stream", stream === "stderr" ? "err" : "");
}

function drawHole(n: number, isApproximate: boolean): HTMLElement {
  const bar = element("span", "prismq-hole-bar");
  bar.style.width = `${18 + ((n * 37) % 45)}ch`; // uneven, like text
  const gutter = element(
    "span",
    "prismq-gutter",
    element("span", "prismq-number", isApproximate ? "" : lineNumber(n)),
    element("span", "prismq-time"),
    streamTag("stdout"),
  );
  return element("div", "prismq-row prismq-row-hole", gutter, bar);
}

function drawPending(stream: Stream, text: string): HTMLElement {
  const live = element("span", "prismq-time", "now");
  const gutter = element(
    "span",
    "prismq-gutter",
    element("span", "prismq-number", "\u203a"),
    live,
    streamTag(stream),
  );
  gutter.title = `${stream}: not finished yet`;
  const message = element("span", "prismq-message");
  paint(message, text, "", true);
  return element("div", "prismq-row prismq-row-pending", gutter, message);
}

function drawEnd(status: RunStatus): HTMLElement {
  const name =
    status.status === "completed" || status.status === "failed" ? status.status : "cancelled";
  const length =
    status.duration_seconds === null ? "" : ` after ${duration(status.duration_seconds)}`;
  const head = element("strong", "", `${statusName(status)}${length}`);
  const details = endDetails(status);
  return aside(
    `prismq-row-end prismq-is-${name}`,
    icon(name),
    head,
    element("span", "prismq-end-detail", details),
  );
}

function drawNote(text: string): HTMLElement {
  const row = aside("prismq-row-note", icon("info"), element("span", "prismq-end-detail", text));
  row.title = text;
  return row;
}

function drawGap({ lines, bytes: size, reason, begin, end }: Gap, utc: boolean): HTMLElement {
  const cause = GAP_REASONS[reason] ?? reason;
  const loss = `${countOf(lines, "line")} (${bytes(size)}) not stored`;
  const times = [Date.parse(begin), Date.parse(end)] as const;
  const text = `${loss}: ${cause}, ${timeSpan(...times, utc)}`;
  const words = element("span", "prismq-aside-words", text);
  const row = aside("prismq-row-gap", icon("warning"), words);
  row.title = [text, ...times.map((time) => localAndUtcTime(time))].join("\n");
  return row;
}

function aside(className: string, ...children: (Node | string)[]): HTMLElement {
  return element(
    "div",
    `prismq-row prismq-aside ${className}`,
    element("span", "prismq-aside-text", ...children),
  );
}
