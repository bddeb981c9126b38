/**
 * The size of a viewer: the resize handle at its lower edge, collapsed to its toolbar, full screen.
 */

import { element, iconButton, setAttribute } from "../base/dom.js";
import type { ViewerOptions } from "../base/options.js";

/** Bounds (px) of the height that a person can choose; the trait has the same. */
export const MIN_HEIGHT = 120;
export const MAX_HEIGHT = 4_000;
/** Step (px) of the arrow keys. */
const STEP_PX = 20;
const PAGE_PX = 100;

export interface SizingEvents {
  options(): ViewerOptions;
  /** The person changed options. */
  change(changed: Partial<ViewerOptions>): void;
  /** It fills the whole tab, or no longer does. */
  filled(full: boolean): void;
}

export class Sizing {
  /** The resize handle at the lower edge. */
  readonly handle = element("div", "prismq-resize");
  /** The button that collapses the viewer to its toolbar. */
  readonly collapse = iconButton("chevron", "Collapse", () => this.toggle());
  /**
   * The person dragged the handle: the height is that of the option, even if the log needs less.
   */
  isExact = false;
  readonly #root: HTMLElement;
  readonly #events: SizingEvents;
  /** The height (px) before anybody dragged the handle. */
  readonly #usual: number;
  #full = false;

  /** @param root the viewer. */
  constructor(root: HTMLElement, events: SizingEvents, signal: AbortSignal) {
    this.#root = root;
    this.#events = events;
    this.#usual = events.options().height;
    this.collapse.classList.add("prismq-collapse");
    this.collapse.setAttribute("aria-label", "Log");
    const { handle } = this;
    handle.tabIndex = 0;
    handle.title = "Drag to change the height; double-click to fit the log";
    handle.setAttribute("role", "separator");
    handle.setAttribute("aria-orientation", "horizontal");
    handle.setAttribute("aria-label", "Height of the viewer");
    handle.setAttribute("aria-valuemin", String(MIN_HEIGHT));
    handle.setAttribute("aria-valuemax", String(MAX_HEIGHT));
    handle.setAttribute("aria-valuenow", "400");
    handle.addEventListener("pointerdown", (event) => this.#startDrag(event));
    handle.addEventListener("dblclick", () => this.#setHeight(undefined));
    handle.addEventListener("keydown", (event) => this.#key(event));
    // The focus may be anywhere in the page while the viewer covers it.
    const leave = (event: KeyboardEvent): void => {
      if (
        event.key !== "Escape" ||
        event.defaultPrevented ||
        !this.#full ||
        root.contains(event.target as Node)
      )
        return;
      this.toggleFull(false);
    };
    document.addEventListener("keydown", leave, { signal });
  }

  get isFull(): boolean {
    return this.#full;
  }

  /** The viewer has a page of its own. */
  get isPage(): boolean {
    return this.#events.options().fill && !this.#full;
  }

  /** Only the toolbar is shown. */
  get isCollapsed(): boolean {
    const { collapsed, fill } = this.#events.options();
    return collapsed && !fill;
  }

  /** Collapse to the toolbar, or expand. */
  toggle(): void {
    const { collapsed, fill } = this.#events.options();
    if (!fill) this.#change({ collapsed: !collapsed });
  }

  /** Apply the options. */
  apply(): void {
    const { fill, collapsed, height } = this.#events.options();
    this.#root.classList.toggle("prismq-fill", fill);
    this.#root.classList.toggle("prismq-collapsed", this.isCollapsed);
    this.#keepFocus();
    this.collapse.setAttribute("aria-expanded", String(!collapsed));
    this.collapse.title = collapsed ? "Expand (m)" : "Collapse to the toolbar (m)";
    const text = `${Math.round(height)} pixels`;
    setAttribute(this.handle, "aria-valuenow", String(Math.round(height)));
    setAttribute(this.handle, "aria-valuetext", text);
  }

  /**
   * Fill the whole tab, or return to the cell, whose height is kept meanwhile.
   *
   * Uses the page's top layer, because cells clip and move fixed elements inside them.
   *
   * @returns whether that was a change.
   */
  toggleFull(on = !this.#full): boolean {
    if (on === this.#full) return false;
    this.#full = on;
    const { style } = this.#root.parentElement ?? this.handle;
    const focused = document.activeElement;
    style.minHeight = on ? `${this.#root.offsetHeight}px` : "";
    this.#root.classList.toggle("prismq-full", on);
    this.#root.popover = on ? "manual" : null;
    if (on) this.#root.showPopover();
    this.#events.filled(on);
    if (focused instanceof HTMLElement && this.#root.contains(focused))
      focused.focus({ preventScroll: true });
    return true;
  }

  /** If the focused element is hidden now, focus the button that expands the viewer. */
  #keepFocus(): void {
    const { activeElement } = document;
    const isHidden = this.isCollapsed && activeElement?.checkVisibility() === false;
    if (isHidden && this.#root.contains(activeElement))
      this.collapse.focus({ preventScroll: true });
  }

  #setHeight(height: number | undefined): void {
    this.isExact = height !== undefined;
    this.#change({ height: height ?? this.#usual });
  }

  /** Also offer the size for saving with the document; see run-output.ts. */
  #change(changed: Partial<ViewerOptions>): void {
    this.#events.change(changed);
    const { height, collapsed } = this.#events.options();
    this.#root.dataset.size = JSON.stringify({ height, collapsed });
  }

  #startDrag(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    const { handle } = this;
    handle.focus({ preventScroll: true });
    handle.setPointerCapture(event.pointerId);
    const [from, height] = [event.clientY, this.#root.offsetHeight];
    const end = new AbortController();
    const { signal } = end;
    const move = ({ clientY }: PointerEvent): void => {
      if (clientY !== from) this.#resize(height + clientY - from);
    };
    handle.addEventListener("pointermove", move, { signal });
    for (const name of ["pointerup", "pointercancel"] as const)
      handle.addEventListener(name, () => end.abort(), { signal });
  }

  #key(event: KeyboardEvent): void {
    // Keys may be faster than frames: do not measure what is still to be drawn.
    const now = this.isExact ? this.#events.options().height : this.#root.offsetHeight;
    const heights: Readonly<Record<string, number>> = {
      ArrowDown: now + STEP_PX,
      ArrowUp: now - STEP_PX,
      PageDown: now + PAGE_PX,
      PageUp: now - PAGE_PX,
      Home: MIN_HEIGHT,
    };
    const height = heights[event.key];
    if (height === undefined && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (height === undefined) this.#setHeight(undefined);
    else this.#resize(height);
  }

  #resize(height: number): void {
    this.#setHeight(Math.round(Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, height))));
  }
}
