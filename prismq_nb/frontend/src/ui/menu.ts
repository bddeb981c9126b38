/**
 * A button that opens a menu of choices, switches and links. Follows WAI-ARIA's menu button
 * pattern.
 */

import { element, type IconName } from "../base/dom.js";
import { Popover } from "./popover.js";

/** One entry of a menu. */
export type MenuItem =
  | { readonly kind: "heading"; readonly text: string; readonly hint?: string }
  | {
      readonly kind: "choice" | "switch";
      readonly text: string;
      readonly hint?: string;
      /** Shown before the text. */
      readonly mark?: Node;
      readonly on: boolean;
      readonly pick: () => void;
    }
  | {
      readonly kind: "action";
      readonly text: string;
      readonly hint?: string;
      readonly pick: () => void;
    }
  | {
      readonly kind: "link";
      readonly text: string;
      readonly hint?: string;
      readonly href: string;
      readonly download: string;
      /** Whether the link may be followed now. */
      readonly ready: () => Promise<boolean>;
    };

const ROLES = {
  choice: "menuitemradio",
  switch: "menuitemcheckbox",
  action: "menuitem",
  link: "menuitem",
} as const;

export class Menu {
  readonly root: HTMLElement;
  readonly #popover: Popover;
  /** The entries that the menu has now. */
  readonly items: () => readonly MenuItem[];

  /** @param items called whenever the menu opens, and after each choice. */
  constructor(mark: IconName, label: string, title: string, items: () => readonly MenuItem[]) {
    this.items = items;
    const events = { fill: () => this.#fill(), opened: () => this.#focus(0) };
    this.#popover = new Popover(mark, label, "menu", events);
    this.root = this.#popover.root;
    this.#popover.button.title = title;
    this.#popover.button.addEventListener("keydown", (event) => this.#buttonKey(event));
    this.#popover.panel.addEventListener("keydown", (event) => this.#key(event));
  }

  get button(): HTMLButtonElement {
    return this.#popover.button;
  }

  close(): void {
    this.#popover.close();
  }

  #fill(): void {
    this.#popover.panel.replaceChildren(...this.items().map((item) => this.#draw(item)));
  }

  #draw(item: MenuItem): HTMLElement {
    if (item.kind === "heading") {
      return element(
        "div",
        "prismq-menu-heading",
        element("span", "prismq-menu-text", item.text),
        ...hintOf(item),
      );
    }
    const node =
      item.kind === "link"
        ? element("a", "prismq-menu-item")
        : element("button", "prismq-menu-item");
    if ("mark" in item && item.mark) node.append(item.mark);
    node.append(element("span", "prismq-menu-text", item.text), ...hintOf(item));
    node.setAttribute("role", ROLES[item.kind]);
    node.tabIndex = -1;
    if (item.kind === "choice" || item.kind === "switch")
      node.setAttribute("aria-checked", String(item.on));
    if (item.kind === "link") Object.assign(node, { href: item.href, download: item.download });
    node.addEventListener("click", (event) => this.#activate(item, node, event));
    return node;
  }

  #activate(item: Exclude<MenuItem, { kind: "heading" }>, node: HTMLElement, event: Event): void {
    if (item.kind === "link") {
      event.preventDefault();
      this.#popover.close();
      void item.ready().then((ready) => ready && save(item));
      return;
    }
    const place = this.#focusable().indexOf(node);
    item.pick();
    if (item.kind === "action") {
      this.#popover.close();
      return;
    }
    this.#fill(); // stays open: people often set several
    this.#focus(place);
  }

  #focusable(): HTMLElement[] {
    return [...this.#popover.panel.querySelectorAll<HTMLElement>(".prismq-menu-item")];
  }

  #focus(place: number): void {
    const items = this.#focusable();
    items.at(place % items.length)?.focus();
  }

  #buttonKey(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" || this.#popover.isOpen) return;
    event.preventDefault();
    event.stopPropagation();
    this.#popover.open();
  }

  #key(event: KeyboardEvent): void {
    const items = this.#focusable();
    const place = items.indexOf(document.activeElement as HTMLElement);
    const places: Record<string, number> = {
      ArrowDown: place + 1,
      ArrowUp: place - 1,
      Home: 0,
      End: -1,
    };
    const next = places[event.key];
    event.stopPropagation();
    if (next !== undefined) {
      event.preventDefault();
      this.#focus(next);
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      this.#popover.close();
    } else if (event.key === " " && items[place] instanceof HTMLAnchorElement) {
      event.preventDefault();
      items[place].click();
    }
  }
}

function hintOf({ hint }: { readonly hint?: string }): HTMLElement[] {
  return hint ? [element("span", "prismq-menu-hint", hint)] : [];
}

/** Let the browser save the target of a link. */
function save({ href, download }: { readonly href: string; readonly download: string }): void {
  const link = element("a", "");
  Object.assign(link, { href, download });
  link.click();
}
