/**
 * Keeps the focus in the viewer where what had it goes: a bar that closes, a button that has done
 * its work and is hidden, a row that scrolls away. Else the page's body would have it, and keys would do nothing.
 */

export class FocusKeeper {
  readonly #heir: HTMLElement;
  #last: Element | undefined;
  #frame = 0;

  /**
   * @param heir gets the focus.
   * @param signal aborts when the viewer goes.
   */
  constructor(root: HTMLElement, heir: HTMLElement, signal: AbortSignal) {
    this.#heir = heir;
    root.addEventListener("focusin", ({ target }) => void (this.#last = target as Element), { signal });
    for (const name of ["click", "keyup", "focusout"]) root.addEventListener(name, () => this.look(), { signal });
    signal.addEventListener("abort", () => cancelAnimationFrame(this.#frame));
  }

  /** Looks, once what follows from an event is drawn, whether what had the focus is still there. */
  look(): void {
    if (!this.#last || this.#last === this.#heir) return;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.keep();
      });
    });
  }

  /** Looks now, after a drawing that may have hidden it: a frame later the page's body has the focus. */
  keep(): void {
    const { activeElement, body } = document;
    const last = this.#last;
    if (!last || last === this.#heir) return;
    const isLost = activeElement === null || activeElement === body || activeElement === last;
    const isThere = isShown(last);
    if (isLost && !isThere) this.#heir.focus({ preventScroll: true });
    else if (activeElement !== last) this.#last = undefined; // a person who leaves what is still there goes elsewhere
  }
}

function isShown(node: Element): boolean {
  return node.isConnected && node.checkVisibility({ visibilityProperty: true });
}
