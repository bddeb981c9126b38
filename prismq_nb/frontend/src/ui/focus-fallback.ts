/**
 * Keep the focus in the viewer when the focused element disappears: a bar that closes, a button
 * that is hidden after its work, a row that scrolls away. Otherwise the body would get the focus
 * and keys would do nothing.
 */

export class FocusFallback {
  readonly #fallback: HTMLElement;
  #last: Element | undefined;
  #frame = 0;

  /**
   * @param fallback the element that gets the focus.
   * @param signal aborts when the viewer is removed.
   */
  constructor(root: HTMLElement, fallback: HTMLElement, signal: AbortSignal) {
    this.#fallback = fallback;
    const remember = ({ target }: Event): void => {
      this.#last = target as Element;
    };
    root.addEventListener("focusin", remember, { signal });
    for (const name of ["click", "keyup", "focusout"])
      root.addEventListener(name, () => this.checkSoon(), { signal });
    signal.addEventListener("abort", () => cancelAnimationFrame(this.#frame));
  }

  /** Check as soon as the effects of an event are drawn. */
  checkSoon(): void {
    if (!this.#last || this.#last === this.#fallback) return;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.check();
      });
    });
  }

  /** Check now, after a render that may have hidden it: one frame later the body has the focus. */
  check(): void {
    const { activeElement, body } = document;
    const last = this.#last;
    if (!last || last === this.#fallback) return;
    const isLost = activeElement === null || activeElement === body || activeElement === last;
    const isThere = isShown(last);
    if (isLost && !isThere) this.#fallback.focus({ preventScroll: true });
    // the person moved on while it is still there
    else if (activeElement !== last) this.#last = undefined;
  }
}

function isShown(node: Element): boolean {
  return node.isConnected && node.checkVisibility({ visibilityProperty: true });
}
