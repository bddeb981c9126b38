/**
 * A button that opens a panel in the page's top layer, where neither a low viewer nor a notebook
 * cell clips it. `Menu` and `Details` fill the panel.
 */

import { element, type IconName, icon } from "../base/dom.js";

/** Px between the button and the panel, and between the panel and the edge of the page. */
const GAP_PX = 4;

export interface PopoverEvents {
  /** The panel is about to be measured and shown. */
  fill(): void;
  /** The panel is shown; the owner moves the focus into it. */
  opened(): void;
}

export class Popover {
  readonly root: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly panel: HTMLElement;
  readonly #events: PopoverEvents;
  #openedAt = 0;
  /** Keeps the open panel beside its button. */
  readonly #follow = (): void => this.place();

  constructor(mark: IconName, label: string, role: "menu" | "dialog", events: PopoverEvents) {
    this.#events = events;
    this.button = element(
      "button",
      "prismq-button",
      icon(mark),
      element("span", "prismq-button-label", label),
    );
    this.button.type = "button";
    this.button.setAttribute("aria-label", label);
    this.button.setAttribute("aria-haspopup", role);
    this.button.setAttribute("aria-expanded", "false");
    this.panel = element("div", "prismq-popover");
    this.panel.setAttribute("role", role);
    this.panel.setAttribute("aria-label", label);
    this.panel.popover = "auto";
    this.panel.dataset.lmSuppressShortcuts = "true"; // its keys are not for the notebook
    this.root = element("span", "prismq-popover-anchor", this.button, this.panel);
    this.button.addEventListener(
      "pointerdown",
      () => (this.#openedAt = this.isOpen ? performance.now() : 0),
    );
    this.button.addEventListener("click", () => this.#clicked());
    this.panel.addEventListener("toggle", () => this.#toggled());
  }

  get isOpen(): boolean {
    return this.panel.matches(":popover-open");
  }

  open(): void {
    this.#events.fill();
    this.panel.showPopover();
    addEventListener("resize", this.#follow);
    this.place();
    this.#events.opened();
  }

  /**
   * Place the panel beside the button, within the window. Call it again when the panel's size
   * changes.
   */
  place(): void {
    this.panel.style.maxHeight = "";
    const at = this.button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.panel;
    const left = Math.max(GAP_PX, Math.min(at.right - width, innerWidth - width - GAP_PX));
    const below = at.bottom + GAP_PX;
    const top = below + height > innerHeight && at.top > height ? at.top - height - GAP_PX : below;
    const maxHeight = `${innerHeight - Math.max(GAP_PX, top) - GAP_PX}px`;
    Object.assign(this.panel.style, { left: `${left}px`, top: `${top}px`, maxHeight });
  }

  /** Close the panel and return the focus to the button. */
  close(): void {
    this.panel.hidePopover();
    this.button.focus();
  }

  #toggled(): void {
    this.button.setAttribute("aria-expanded", String(this.isOpen));
    if (!this.isOpen) removeEventListener("resize", this.#follow);
  }

  /**
   * Open or close the panel. A press on the button of an open panel has closed it before the click.
   */
  #clicked(): void {
    const wasOpen = this.#openedAt > 0;
    this.#openedAt = 0;
    if (!wasOpen && !this.isOpen) this.open();
    else if (this.isOpen) this.panel.hidePopover();
  }
}
