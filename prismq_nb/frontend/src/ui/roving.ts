/**
 * Several things that can have the focus as one stop of the Tab key, with arrow keys between them:
 * WAI-ARIA's roving tabindex, as its toolbar pattern has it. Knows nothing of logs.
 */

const BACK = new Set(["ArrowLeft", "ArrowUp"]);
const ON = new Set(["ArrowRight", "ArrowDown"]);

export interface RovingOptions {
  /** What can have the focus. */
  readonly items: string;
  /** Home and End, and the arrows at the ends, which go round, mean these things only. */
  readonly closed: boolean;
}

export class Roving {
  readonly #root: HTMLElement;
  readonly #options: RovingOptions;
  /** The one that Tab leads to. */
  #stop: HTMLElement | undefined;

  /** @param signal aborts when `root` goes. */
  constructor(root: HTMLElement, options: RovingOptions, signal: AbortSignal) {
    this.#root = root;
    this.#options = options;
    root.addEventListener("focusin", ({ target }) => this.#focused(target), { signal });
    root.addEventListener("keydown", (event) => this.#key(event), { signal });
    const seen = new MutationObserver(() => this.refresh());
    seen.observe(root, { subtree: true, childList: true, attributeFilter: ["hidden"] });
    const size = new ResizeObserver(() => this.refresh()); // the style sheet hides some where there is no room
    size.observe(root);
    signal.addEventListener("abort", () => {
      seen.disconnect();
      size.disconnect();
    });
    this.refresh();
  }

  /** Sees to it that Tab leads to one of those that can be seen. */
  refresh(): void {
    const all = this.#all();
    if (!this.#stop || !all.includes(this.#stop) || !isSeen(this.#stop)) this.#stop = all.find(isSeen);
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
    if (!(target instanceof HTMLElement) || !target.matches(this.#options.items) || isElsewhere(target)) return;
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

/** What is in a panel of its own has keys of its own. */
function isElsewhere(item: Element): boolean {
  return item.closest("[popover]") !== null;
}
