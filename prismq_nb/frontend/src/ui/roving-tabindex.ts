/**
 * A roving tabindex: several focusable elements are one stop of the Tab key, with arrow keys
 * between them, as in WAI-ARIA's toolbar pattern.
 */

const BACK = new Set(["ArrowLeft", "ArrowUp"]);
const ON = new Set(["ArrowRight", "ArrowDown"]);

export interface RovingOptions {
  /** Selector of the focusable elements. */
  readonly items: string;
  /** Home and End go to the first and last element, and arrows wrap around at the ends. */
  readonly closed: boolean;
}

export class RovingTabindex {
  readonly #root: HTMLElement;
  readonly #options: RovingOptions;
  /** The element that Tab reaches. */
  #stop: HTMLElement | undefined;

  /** @param signal aborts when `root` is removed. */
  constructor(root: HTMLElement, options: RovingOptions, signal: AbortSignal) {
    this.#root = root;
    this.#options = options;
    root.addEventListener("focusin", ({ target }) => this.#focused(target), { signal });
    root.addEventListener("keydown", (event) => this.#key(event), { signal });
    const seen = new MutationObserver(() => this.refresh());
    seen.observe(root, { subtree: true, childList: true, attributeFilter: ["hidden"] });
    // the style sheet hides some when space is short
    const size = new ResizeObserver(() => this.refresh());
    size.observe(root);
    signal.addEventListener("abort", () => {
      seen.disconnect();
      size.disconnect();
    });
    this.refresh();
  }

  /** Make sure that Tab reaches an element that is visible. */
  refresh(): void {
    const all = this.#all();
    if (!this.#stop || !all.includes(this.#stop) || !isSeen(this.#stop))
      this.#stop = all.find(isSeen);
    for (const item of all) {
      const index = item === this.#stop ? 0 : -1;
      if (item.tabIndex !== index) item.tabIndex = index;
    }
  }

  #all(): HTMLElement[] {
    const all = this.#root.querySelectorAll<HTMLElement>(this.#options.items);
    return [...all].filter((item) => !isElsewhere(item));
  }

  #focused(target: EventTarget | null): void {
    if (
      !(target instanceof HTMLElement) ||
      !target.matches(this.#options.items) ||
      isElsewhere(target)
    )
      return;
    this.#stop = target;
    this.refresh();
  }

  #key(event: KeyboardEvent): void {
    const { key, target, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (ctrlKey || metaKey || altKey || shiftKey || event.defaultPrevented) return;
    const items = this.#all().filter(isSeen);
    const place = items.indexOf(target as HTMLElement);
    const next = place < 0 ? undefined : this.#next(key, place, items);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  }

  #next(key: string, place: number, items: readonly HTMLElement[]): HTMLElement | undefined {
    const { closed } = this.#options;
    if (closed && key === "Home") return items[0];
    if (closed && key === "End") return items.at(-1);
    const to = place + (ON.has(key) ? 1 : BACK.has(key) ? -1 : 0);
    return to === place ? undefined : closed ? items.at(to % items.length) : items[to];
  }
}

function isSeen(item: Element): boolean {
  return item.checkVisibility({ visibilityProperty: true });
}

/** Whether it is in a popover, which handles its own keys. */
function isElsewhere(item: Element): boolean {
  return item.closest("[popover]") !== null;
}
