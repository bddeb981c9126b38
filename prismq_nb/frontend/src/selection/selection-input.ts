/**
 * Select lines by mouse or touch in the gutter, by Shift and the arrow keys, and all of them by
 * Ctrl+A.
 *
 * Text inside rows is selected as on any page; `copy-controller.ts` handles that.
 */

import type { LineSelection, Lines } from "../base/line-selection.js";
import { suppressShortcuts } from "../ui/keys.js";

export interface SelectionInputEvents {
  /** The selection has changed. */
  changed(): void;
  /** Ctrl+C while lines are selected; `y`. */
  copy(): void;
  link(lines: Lines): void;
  /** The visible lines that are marked or were navigated to last; undefined: none. */
  pointed(): Lines | undefined;
  /** Number of lines in the log. */
  total(): number;
}

/** Px scrolled per frame for each px that the pointer is beyond the edge. */
const AUTO_SCROLL_SPEED = 0.4;

export class SelectionInput {
  readonly #scroller: HTMLElement;
  readonly #selection: LineSelection;
  readonly #events: SelectionInputEvents;
  #pointer: { readonly id: number; y: number } | undefined;
  #frame = 0;

  constructor(
    scroller: HTMLElement,
    selection: LineSelection,
    events: SelectionInputEvents,
    signal: AbortSignal,
  ) {
    this.#scroller = scroller;
    this.#selection = selection;
    this.#events = events;
    scroller.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    scroller.addEventListener("pointermove", (event) => this.#move(event), { signal });
    for (const name of ["pointerup", "pointercancel"] as const)
      scroller.addEventListener(name, () => this.#up(), { signal });
    scroller.addEventListener("keydown", (event) => this.#key(event), { signal });
    suppressShortcuts((event) => event.target === scroller && this.#isOurs(event), signal);
    signal.addEventListener("abort", () => this.#up());
  }

  /** Where a selection by keys begins: the marked line, or the first visible one. */
  get #start(): number | undefined {
    return this.#events.pointed()?.[0] ?? this.firstVisible;
  }

  get #top(): Lines | undefined {
    const line = this.firstVisible;
    return line === undefined ? undefined : [line, line];
  }

  /** The line whose row has the focus, on a button. */
  #focused({ target }: KeyboardEvent): Lines | undefined {
    const row = target instanceof Element ? target.closest<HTMLElement>("[data-line]") : null;
    const line = numberOf(row);
    return line === undefined ? undefined : [line, line];
  }

  /** The first visible line. */
  get firstVisible(): number | undefined {
    const { top } = this.#scroller.getBoundingClientRect();
    const rows = [...this.#scroller.querySelectorAll<HTMLElement>(".prismq-row[data-line]")];
    return numberOf(rows.find((row) => row.getBoundingClientRect().bottom > top + 1));
  }

  #down(event: PointerEvent): void {
    const gutter = event.target instanceof Element ? event.target.closest(".prismq-gutter") : null;
    const line = numberOf(gutter?.closest<HTMLElement>("[data-line]"));
    if (line === undefined || event.button !== 0) return;
    event.preventDefault(); // no selection of text
    this.#scroller.focus({ preventScroll: true });
    document.getSelection()?.removeAllRanges();
    const lines = this.#selection.lines;
    if (event.shiftKey) this.#selection.extend(line);
    else if (lines && lines[0] === line && lines[1] === line) this.#selection.clear();
    else this.#selection.start(line);
    this.#pointer = { id: event.pointerId, y: event.clientY };
    this.#scroller.setPointerCapture(event.pointerId);
    this.#events.changed();
  }

  #move(event: PointerEvent): void {
    if (this.#pointer?.id !== event.pointerId || this.#selection.focus === undefined) return;
    this.#pointer.y = event.clientY;
    this.#extend();
    this.#frame ||= requestAnimationFrame(() => this.#autoScroll());
  }

  #up(): void {
    this.#pointer = undefined;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  /** Scroll while the pointer is beyond the list's edge. */
  #autoScroll(): void {
    this.#frame = 0;
    if (!this.#pointer) return;
    const { top, bottom } = this.#scroller.getBoundingClientRect();
    const beyond = Math.min(0, this.#pointer.y - top) + Math.max(0, this.#pointer.y - bottom);
    if (!beyond) return;
    this.#scroller.scrollTop += beyond * AUTO_SCROLL_SPEED;
    this.#extend();
    this.#frame = requestAnimationFrame(() => this.#autoScroll());
  }

  #extend(): void {
    if (!this.#pointer) return;
    const { left, top, bottom } = this.#scroller.getBoundingClientRect();
    const y = Math.max(top + 2, Math.min(bottom - 12, this.#pointer.y));
    const line = numberOf(
      document.elementFromPoint(left + 16, y)?.closest<HTMLElement>("[data-line]"),
    );
    if (line === undefined || line === this.#selection.focus) return;
    this.#selection.extend(line);
    this.#events.changed();
  }

  #isOurs({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
    if (altKey) return false;
    const lines = this.#selection.lines;
    if (ctrlKey || metaKey)
      return (
        key === "a" ||
        (key === "c" && lines !== undefined && document.getSelection()?.isCollapsed !== false)
      );
    return (
      key === "y" ||
      (key === "Escape" && lines !== undefined) ||
      (shiftKey && (key === "ArrowUp" || key === "ArrowDown"))
    );
  }

  #key(event: KeyboardEvent): void {
    const isHere = event.target === this.#scroller || event.key === "y";
    if (!isHere || !this.#isOurs(event)) return;
    event.preventDefault();
    event.stopPropagation();
    const total = this.#events.total();
    const at = this.#selection.focus ?? this.#start;
    if (event.key === "c") this.#events.copy();
    else if (event.key === "y") {
      const lines =
        this.#selection.lines ?? this.#focused(event) ?? this.#events.pointed() ?? this.#top;
      if (lines) this.#events.link(lines);
    } else {
      if (event.key === "Escape") this.#selection.clear();
      else if (event.key === "a" && total) this.#selection.set(0, total - 1);
      else if (at !== undefined) this.#arrow(event.key === "ArrowUp" ? at - 1 : at + 1, total);
      this.#events.changed();
    }
  }

  #arrow(to: number, total: number): void {
    if (!this.#selection.lines) this.#selection.extend(this.#start ?? 0);
    else this.#selection.extend(Math.max(0, Math.min(total - 1, to)));
    const row = this.#scroller.querySelector(`[data-line="${this.#selection.focus}"]`);
    row?.scrollIntoView({ block: "nearest" });
  }
}

function numberOf(row: HTMLElement | null | undefined): number | undefined {
  const text = row?.dataset.line;
  return text === undefined ? undefined : Number(text);
}
