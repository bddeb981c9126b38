/**
 * A button that opens a panel in the top layer of the page, where neither a low viewer nor a notebook cell cuts it off.
 *
 * Knows nothing of what the panel holds: `Menu` and `Details` do.
 */

import { element, icon, type IconName } from "../base/dom.js";

/** Px between the button and the panel, and between the panel and the edge of the page. */
const GAP_PX = 4;

export interface PopoverEvents {
  /** The panel is about to be measured and shown. */
  fill(): void;
  /** It is shown, and something in it should get the focus. */
  opened(): void;
}

export class Popover {
  readonly root: HTMLElement;
  readonly button: HTMLButtonElement;
  readonly panel: HTMLElement;
  readonly #events: PopoverEvents;
  #openedAt = 0;
  /** While it is open, it follows its button. */
  readonly #follow = (): void => this.place();

  constructor(mark: IconName, label: string, role: "menu" | "dialog", events: PopoverEvents) {
    this.#events = events;
    this.button = element("button", "prismq-button", icon(mark), element("span", "prismq-button-label", label));
    this.button.type = "button";
    this.button.setAttribute("aria-label", label);
    this.button.setAttribute("aria-haspopup", role);
    this.button.setAttribute("aria-expanded", "false");
    this.panel = element("div", "prismq-popover");
    this.panel.setAttribute("role", role);
    this.panel.setAttribute("aria-label", label);
    this.panel.popover = "auto";
    this.panel.dataset["lmSuppressShortcuts"] = "true"; // its keys are not for the notebook
    this.root = element("span", "prismq-popover-anchor", this.button, this.panel);
    this.button.addEventListener("pointerdown", () => (this.#openedAt = this.isOpen ? performance.now() : 0));
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

  /** Puts the panel beside the button, where it is in sight; to be called again when it has another size. */
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

  /** Closes the panel, and gives the focus back to the button. */
  close(): void {
    this.panel.hidePopover();
    this.button.focus();
  }

  #toggled(): void {
    this.button.setAttribute("aria-expanded", String(this.isOpen));
    if (!this.isOpen) removeEventListener("resize", this.#follow);
  }

  /** A press on the button of an open panel closes it by itself before the click comes. */
  #clicked(): void {
    const wasOpen = this.#openedAt > 0;
    this.#openedAt = 0;
    if (!wasOpen && !this.isOpen) this.open();
    else if (this.isOpen) this.panel.hidePopover();
  }
}
