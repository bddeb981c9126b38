/**
 * How much room a viewer takes: the handle at its lower edge, collapsed to its toolbar, and the
 * whole tab. Knows nothing of logs.
 */

import { element, setAttribute } from "./dom.js";

/** Bounds (px) of a height that a person can give; as those of the trait. */
export const MIN_HEIGHT = 120;
export const MAX_HEIGHT = 4_000;
/** What a key changes, in px. */
const STEP_PX = 20;
const PAGE_PX = 100;

export interface SizingEvents {
  /** The person wants this height (px); undefined: as much as the log needs, up to the usual one. */
  resized(height: number | undefined): void;
  /** It takes the whole tab, or no longer. */
  filled(full: boolean): void;
}

export class Sizing {
  /** The lower edge, to be dragged. */
  readonly handle = element("div", "prismq-resize");
  readonly #root: HTMLElement;
  readonly #events: SizingEvents;
  #full = false;

  /** @param root the viewer. */
  constructor(root: HTMLElement, events: SizingEvents, signal: AbortSignal) {
    this.#root = root;
    this.#events = events;
    const { handle } = this;
    handle.tabIndex = 0;
    handle.title = "Drag to change the height; double click: as high as the log needs";
    handle.setAttribute("role", "separator");
    handle.setAttribute("aria-orientation", "horizontal");
    handle.setAttribute("aria-label", "Height of the viewer");
    handle.setAttribute("aria-valuemin", String(MIN_HEIGHT));
    handle.setAttribute("aria-valuemax", String(MAX_HEIGHT));
    handle.setAttribute("aria-valuenow", "400");
    handle.addEventListener("pointerdown", (event) => this.#grabbed(event));
    handle.addEventListener("dblclick", () => events.resized(undefined));
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

  /** Tells assistive technology the height. */
  render(height: number): void {
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
    const { offsetHeight: now } = this.#root;
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
    if (height === undefined) this.#events.resized(undefined);
    else this.#resize(height);
  }

  #resize(height: number): void {
    this.#events.resized(Math.round(Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, height))));
  }
}
