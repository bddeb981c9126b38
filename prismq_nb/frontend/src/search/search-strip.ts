/**
 * Marks beside the scroll bar for hits and, less prominently, errors in the whole log. A click
 * navigates there.
 *
 * Drawn on one canvas, once per px with a mark, whatever the number of hits, and only when
 * something changed.
 */

import { element } from "../base/dom.js";
import type { HitSearch } from "./hit-search.js";

/** Height of a mark, and the distance within which a click selects it, in px. */
const MARK_PX = 2;
const NEAR_PX = 6;
/** Width of the lane (see list.css) and its horizontal margin, in px. */
const WIDTH_PX = 10;
const EDGE_PX = 1;
/** Opacity factor of adjacent marks. */
const CROWD_ALPHA = 0.45;

export interface StripMarks {
  readonly hits: HitSearch | undefined;
  readonly errors: HitSearch | undefined;
  /** Lines of the log. */
  readonly total: number;
  readonly current: number | undefined;
}

export class SearchStrip {
  readonly root = element("canvas", "prismq-strip");
  readonly #onGo: (line: number) => void;
  #drawn = "";
  #marks: StripMarks = { hits: undefined, errors: undefined, total: 0, current: undefined };

  /** @param onGo called with the line at a clicked position. */
  constructor(onGo: (line: number) => void) {
    this.#onGo = onGo;
    this.root.setAttribute("aria-hidden", "true"); // the keys n, N, e and E do the same
    this.root.addEventListener("click", (event) => this.#clicked(event));
  }

  /**
   * Draw the marks.
   *
   * @param height height of the list, in px.
   */
  render(marks: StripMarks, height: number): void {
    this.#marks = marks;
    const { hits, errors, total, current } = marks;
    const on = total > 0 && ((hits?.hits ?? 0) > 0 || (errors?.hits ?? 0) > 0);
    const ratio = globalThis.devicePixelRatio || 1;
    const theme = this.root.closest(".prismq-root")?.className;
    const key = [
      on,
      height,
      ratio,
      total,
      current,
      hits?.key,
      hits?.hits,
      errors?.hits,
      theme,
    ].join(" ");
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.root.hidden = !on;
    if (!on) return;
    this.root.style.height = `${height}px`;
    this.root.width = Math.round(WIDTH_PX * ratio);
    this.root.height = Math.round(height * ratio);
    const context = this.root.getContext("2d");
    if (!context) return;
    context.scale(ratio, ratio);
    const style = getComputedStyle(this.root);
    const colours = ["hit-mark", "bad", "accent"].map((name) =>
      style.getPropertyValue(`--prismq-${name}`),
    );
    if (hits) draw(context, hits, total, height, colours[0] ?? "", 1);
    if (errors) draw(context, errors, total, height, colours[1] ?? "", hits ? 0.9 : 0.6);
    if (current !== undefined) {
      context.globalAlpha = 1;
      context.fillStyle = colours[2] ?? "";
      context.fillRect(0, place(current, total, height) - 1, WIDTH_PX, MARK_PX + 1);
    }
  }

  #clicked({ offsetY }: MouseEvent): void {
    const { hits, errors, total } = this.#marks;
    const height = this.root.clientHeight;
    if (!total || !height) return;
    const line = Math.min(total - 1, Math.floor((offsetY / height) * total));
    const near = (NEAR_PX / height) * total;
    const target = [hits, errors]
      .map((search) => search && nearest(search, line))
      .find((one) => one !== undefined && Math.abs(one - line) <= near);
    this.#onGo(target ?? line);
  }
}

function place(line: number, total: number, height: number): number {
  return Math.min(height - MARK_PX, (line / total) * height);
}

/**
 * Draw the known hits, with less opacity if adjacent. Between two samples that are not consecutive
 * hits, the positions of hits are unknown.
 */
function draw(
  context: CanvasRenderingContext2D,
  search: HitSearch,
  total: number,
  height: number,
  colour: string,
  alpha: number,
): void {
  const { samples } = search;
  const top = (position: number): number =>
    Math.floor(place(samples.lineAt(position), total, height));
  context.fillStyle = colour;
  let bottom = -Infinity; // of the last mark drawn
  for (let position = 0; position < samples.size; ) {
    const y = top(position);
    const isBelow = samples.floorLine(Math.ceil(((y + 1) / height) * total) - 1) + 1;
    const next = Math.max(position + 1, isBelow); // skip to the next px
    const isFar = next >= samples.size || top(next) - y > MARK_PX;
    const isGap = next < samples.size && samples.indexAt(next) - samples.indexAt(next - 1) > 1;
    context.globalAlpha = isFar && !isGap && y > bottom ? alpha : alpha * CROWD_ALPHA;
    const end = isGap ? top(next) : y + MARK_PX;
    const from = Math.max(y, bottom);
    if (end > from) context.fillRect(EDGE_PX, from, WIDTH_PX - 2 * EDGE_PX, end - from);
    bottom = Math.max(bottom, end);
    position = next;
  }
}

function nearest({ samples }: HitSearch, line: number): number | undefined {
  const position = samples.floorLine(line);
  const around = [position, position + 1]
    .filter((one) => one >= 0 && one < samples.size)
    .map((one) => samples.lineAt(one));
  return around.sort((a, b) => Math.abs(a - line) - Math.abs(b - line))[0];
}
