/**
 * How much room a viewer takes: the handle at its lower edge, collapsed to its toolbar, and the
 * whole tab. Knows nothing of logs.
 */

import { element, iconButton, setAttribute } from "../base/dom.js";
import type { ViewerOptions } from "../base/options.js";

/** Bounds (px) of a height that a person can give; as those of the trait. */
export const MIN_HEIGHT = 120;
export const MAX_HEIGHT = 4_000;
/** What a key changes, in px. */
const STEP_PX = 20;
const PAGE_PX = 100;

export interface SizingEvents {
  options(): ViewerOptions;
  /** The person wants it so. */
  change(changed: Partial<ViewerOptions>): void;
  /** It takes the whole tab, or no longer. */
  filled(full: boolean): void;
}

export class Sizing {
  /** The lower edge, to be dragged. */
  readonly handle = element("div", "prismq-resize");
  /** The button that collapses it to its toolbar. */
  readonly collapse = iconButton("chevron", "Collapse", () => this.toggle());
  /** It is exactly as high as the option says, also where the log needs less: the person dragged it. */
  isExact = false;
  readonly #root: HTMLElement;
  readonly #events: SizingEvents;
  /** What it may take where nobody dragged it. */
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
    handle.addEventListener("pointerdown", (event) => this.#grabbed(event));
    handle.addEventListener("dblclick", () => this.#setHeight(undefined));
    handle.addEventListener("keydown", (event) => this.#key(event));
    // The focus may be anywhere in the page while the viewer covers it.
    const leave = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || event.defaultPrevented || !this.#full || root.contains(event.target as Node)) return;
      this.toggleFull(false);
    };
    document.addEventListener("keydown", leave, { signal });
  }

  get isFull(): boolean {
    return this.#full;
  }

  /** It has a page of its own. */
  get isPage(): boolean {
    return this.#events.options().fill && !this.#full;
  }

  /** Only the toolbar is shown. */
  get isCollapsed(): boolean {
    const { collapsed, fill } = this.#events.options();
    return collapsed && !fill;
  }

  /** Collapses it, or shows all again. */
  toggle(): void {
    const { collapsed, fill } = this.#events.options();
    if (!fill) this.#change({ collapsed: !collapsed });
  }

  /** Looks as the options say. */
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
   * Takes the whole tab, above all else, or goes back to its place, which is kept meanwhile.
   *
   * In the page's top layer, because cells and outputs cut off and move what is fixed in them.
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
    if (focused instanceof HTMLElement && this.#root.contains(focused)) focused.focus({ preventScroll: true });
    return true;
  }

  /** What is hidden now has the focus no longer: then the button that shows it again does. */
  #keepFocus(): void {
    const { activeElement } = document;
    const isHidden = this.isCollapsed && activeElement?.checkVisibility() === false;
    if (isHidden && this.#root.contains(activeElement)) this.collapse.focus({ preventScroll: true });
  }

  #setHeight(height: number | undefined): void {
    this.isExact = height !== undefined;
    this.#change({ height: height ?? this.#usual });
  }

  /** What the person did can be kept with the document; see run-renderer.ts. */
  #change(changed: Partial<ViewerOptions>): void {
    this.#events.change(changed);
    const { height, collapsed } = this.#events.options();
    this.#root.dataset["size"] = JSON.stringify({ height, collapsed });
  }

  #grabbed(event: PointerEvent): void {
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
    for (const name of ["pointerup", "pointercancel"] as const) handle.addEventListener(name, () => end.abort(), { signal });
  }

  #key(event: KeyboardEvent): void {
    // Keys may come faster than frames are drawn.
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
