/**
 * The menu of what else a person can do: all that has a key, by mouse, with its key beside it; and
 * what a narrow toolbar has no room for.
 */

import { Menu, type MenuItem } from "./menu.js";

export interface MoreEvents {
  /** The same as that key in the list. */
  press(key: string): void;
  /** Opens the run on a page of its own. */
  page(): void;
  /** What may be done now. */
  state(): { readonly full: boolean; readonly collapsed: boolean; readonly page: boolean; readonly input: boolean };
}

/** A menu of the toolbar, and its button. */
export interface Dropped {
  readonly root: HTMLElement;
  readonly items: () => readonly MenuItem[];
}

const PLACES: readonly (readonly [key: string, text: string])[] = [
  ["e", "Next error"],
  ["E", "Previous error"],
  ["g", "First line"],
  ["G", "Last line, and follow"],
];
const LINE: readonly (readonly [key: string, text: string])[] = [
  ["y", "Copy a link to the line"],
  ["c", "Show the line in context"],
];

/** @param dropped menus whose buttons go when the toolbar is narrow. */
export function moreMenu(events: MoreEvents, dropped: readonly Dropped[]): Menu {
  // After the menu has closed and given the focus back, which some of these take elsewhere.
  const action = (hint: string, text: string): MenuItem => {
    return { kind: "action", text, hint, pick: () => queueMicrotask(() => events.press(hint)) };
  };
  const items = (): MenuItem[] => {
    const { full, collapsed, page, input } = events.state();
    const hidden = dropped.filter(({ root }) => root.offsetWidth === 0);
    return [
      { kind: "heading", text: "Go to" },
      ...PLACES.map(([key, text]) => action(key, text)),
      action("/", "Find"),
      { kind: "heading", text: "Line" },
      ...LINE.map(([key, text]) => action(key, text)),
      ...hidden.flatMap((menu) => menu.items()),
      { kind: "heading", text: "Viewer" },
      ...(input ? [action("i", "Send a line to the run")] : []),
      ...(page ? [] : [action("z", full ? "Leave full screen" : "Full screen in this tab")]),
      ...(page || full ? [] : [action("m", collapsed ? "Expand" : "Collapse to the toolbar")]),
      ...(page ? [] : [{ kind: "action", text: "Open on a page of its own", pick: events.page } as const]),
      action("?", "Keyboard shortcuts"),
    ];
  };
  return new Menu("more", "More", "More: what has a key, and what has no room here", items);
}
