/**
 * A button that opens a menu: choices, switches and links, by mouse and by keyboard as WAI-ARIA's menu button pattern has it.
 *
 * Knows nothing of logs. The menu is a popover, in the top layer of the page: neither a low viewer nor a notebook cell cuts it off.
 */

import { element, icon, type IconName } from "./dom.js";

/** One line of a menu. */
export type MenuItem =
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "choice" | "switch"; readonly text: string; readonly hint?: string; readonly on: boolean; readonly pick: () => void }
  | { readonly kind: "action"; readonly text: string; readonly hint?: string; readonly pick: () => void }
  | {
      readonly kind: "link";
      readonly text: string;
      readonly hint?: string;
      readonly href: string;
      readonly download: string;
      /** Whether the link may be followed now. */
      readonly ready: () => Promise<boolean>;
    };

/** Px between the button and the menu, and between the menu and the edge of the page. */
const GAP_PX = 4;
const ROLES = { choice: "menuitemradio", switch: "menuitemcheckbox", action: "menuitem", link: "menuitem" } as const;

export class Menu {
  readonly root: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #list = element("div", "prismq-menu");
  readonly #items: () => readonly MenuItem[];
  #openedAt = 0;

  /** @param items made anew at each opening, and after each pick. */
  constructor(mark: IconName, label: string, title: string, items: () => readonly MenuItem[]) {
    this.#items = items;
    this.#button = element("button", "prismq-button", icon(mark), element("span", "prismq-button-label", label));
    this.#button.type = "button";
    this.#button.title = title;
    this.#button.setAttribute("aria-label", label);
    this.#button.setAttribute("aria-haspopup", "menu");
    this.#button.setAttribute("aria-expanded", "false");
    this.#list.setAttribute("role", "menu");
    this.#list.setAttribute("aria-label", label);
    this.#list.popover = "auto";
    this.#list.dataset["lmSuppressShortcuts"] = "true"; // its keys are not for the notebook
    this.root = element("span", "prismq-menu-anchor", this.#button, this.#list);
    this.#button.addEventListener("pointerdown", () => (this.#openedAt = this.isOpen ? performance.now() : 0));
    this.#button.addEventListener("click", () => this.#clicked());
    this.#button.addEventListener("keydown", (event) => this.#buttonKey(event));
    this.#list.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("toggle", () => this.#button.setAttribute("aria-expanded", String(this.isOpen)));
  }

  get isOpen(): boolean {
    return this.#list.matches(":popover-open");
  }

  open(): void {
    this.#fill();
    this.#list.showPopover();
    const at = this.#button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.#list;
    const left = Math.max(GAP_PX, Math.min(at.right - width, innerWidth - width - GAP_PX));
    const below = at.bottom + GAP_PX;
    const top = below + height > innerHeight && at.top > height ? at.top - height - GAP_PX : below;
    Object.assign(this.#list.style, { left: `${left}px`, top: `${top}px`, maxHeight: `${innerHeight - Math.max(GAP_PX, top) - GAP_PX}px` });
    this.#focus(0);
  }

  /** A press on the button of an open menu closes it by itself before the click comes. */
  #clicked(): void {
    const wasOpen = this.#openedAt > 0;
    this.#openedAt = 0;
    if (!wasOpen && !this.isOpen) this.open();
    else if (this.isOpen) this.#list.hidePopover();
  }

  #fill(): void {
    this.#list.replaceChildren(...this.#items().map((item) => this.#drawn(item)));
  }

  #drawn(item: MenuItem): HTMLElement {
    if (item.kind === "heading") return element("div", "prismq-menu-heading", item.text);
    const node = item.kind === "link" ? element("a", "prismq-menu-item") : element("button", "prismq-menu-item");
    node.append(element("span", "prismq-menu-text", item.text), ...(item.hint ? [element("span", "prismq-menu-hint", item.hint)] : []));
    node.setAttribute("role", ROLES[item.kind]);
    node.tabIndex = -1;
    if (item.kind === "choice" || item.kind === "switch") node.setAttribute("aria-checked", String(item.on));
    if (item.kind === "link") Object.assign(node, { href: item.href, download: item.download });
    node.addEventListener("click", (event) => this.#picked(item, node, event));
    return node;
  }

  #picked(item: Exclude<MenuItem, { kind: "heading" }>, node: HTMLElement, event: Event): void {
    if (item.kind === "link") {
      event.preventDefault();
      this.#close();
      void item.ready().then((ready) => ready && save(item));
      return;
    }
    const place = this.#focusable().indexOf(node);
    item.pick();
    if (item.kind === "action") return this.#close();
    this.#fill(); // stays open: one sets several
    this.#focus(place);
  }

  #close(): void {
    this.#list.hidePopover();
    this.#button.focus();
  }

  #focusable(): HTMLElement[] {
    return [...this.#list.querySelectorAll<HTMLElement>(".prismq-menu-item")];
  }

  #focus(place: number): void {
    const items = this.#focusable();
    items.at(place % items.length)?.focus();
  }

  #buttonKey(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" || this.isOpen) return;
    event.preventDefault();
    event.stopPropagation();
    this.open();
  }

  #key(event: KeyboardEvent): void {
    const items = this.#focusable();
    const place = items.indexOf(document.activeElement as HTMLElement);
    const places: Record<string, number> = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: -1 };
    const next = places[event.key];
    event.stopPropagation();
    if (next !== undefined) {
      event.preventDefault();
      this.#focus(next);
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      this.#close();
    } else if (event.key === " " && items[place] instanceof HTMLAnchorElement) {
      event.preventDefault();
      items[place].click();
    }
  }
}

/** Lets the browser save what a link leads to. */
function save({ href, download }: { readonly href: string; readonly download: string }): void {
  const link = element("a", "");
  Object.assign(link, { href, download });
  link.click();
}
