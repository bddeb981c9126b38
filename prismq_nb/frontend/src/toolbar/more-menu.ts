/**
 * The More menu: all actions that have a key, with the key beside them, and what a narrow toolbar
 * hides.
 */

import { Menu, type MenuItem } from "../ui/menu.js";
import type { Sizing } from "../ui/sizing.js";

export interface MoreHost {
  /** The element that handles keys. */
  list(): HTMLElement;
  /** The link to the run's own page. */
  readonly page: HTMLAnchorElement;
  readonly sizing: Pick<Sizing, "isPage" | "isFull" | "isCollapsed">;
  /** Whether the run takes input. */
  input(): boolean;
}

/** A menu of the toolbar that a narrow toolbar hides. */
export interface HidableMenu {
  readonly root: HTMLElement;
  readonly items: () => readonly MenuItem[];
}

const GO_TO: readonly (readonly [key: string, text: string])[] = [
  ["e", "Next error"],
  ["E", "Previous error"],
  ["g", "First line"],
  ["G", "Last line and follow"],
];
const LINE: readonly (readonly [key: string, text: string])[] = [
  ["y", "Copy link to line"],
  ["c", "Show line in context"],
];

/** @param dropped menus whose buttons a narrow toolbar hides. */
export function moreMenu(
  { list, page, sizing, input }: MoreHost,
  dropped: readonly HidableMenu[],
): Menu {
  // Run after the menu has closed and returned the focus, which some actions move elsewhere.
  const action = (hint: string, text: string): MenuItem => {
    const press = (): unknown =>
      list().dispatchEvent(
        new KeyboardEvent("keydown", { key: hint, bubbles: true, cancelable: true }),
      );
    return { kind: "action", text, hint, pick: () => queueMicrotask(press) };
  };
  const items = (): MenuItem[] => {
    const { isPage, isFull, isCollapsed } = sizing;
    const hidden = dropped.filter(({ root }) => root.offsetWidth === 0);
    return [
      { kind: "heading", text: "Go to" },
      ...GO_TO.map(([key, text]) => action(key, text)),
      action("/", "Find"),
      { kind: "heading", text: "Line" },
      ...LINE.map(([key, text]) => action(key, text)),
      ...hidden.flatMap((menu) => menu.items()),
      { kind: "heading", text: "Viewer" },
      ...(input() ? [action("i", "Send a line to the run")] : []),
      ...(isPage ? [] : [action("z", isFull ? "Exit full screen" : "Full screen in this tab")]),
      ...(isPage || isFull
        ? []
        : [action("m", isCollapsed ? "Expand" : "Collapse to the toolbar")]),
      ...(isPage
        ? []
        : [{ kind: "action", text: "Open on its own page", pick: () => page.click() } as const]),
      action("?", "Keyboard shortcuts"),
    ];
  };
  return new Menu("more", "More", "More actions", items);
}
