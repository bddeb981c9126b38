/** The keyboard of a viewer: the part that handles each key, and the stops of Tab. */

import type { ViewerOptions } from "../base/options.js";
import type { Search } from "../search/search.js";
import type { InputBar } from "../toolbar/input-bar.js";
import { nextTimestamps } from "../toolbar/view-menu.js";
import type { Help } from "../ui/help.js";
import { type KeyCommands, listenToKeys } from "../ui/keys.js";
import { RovingTabindex } from "../ui/roving-tabindex.js";
import type { Sizing } from "../ui/sizing.js";
import type { LogPane } from "./pane.js";

/** The parts that keys control. */
export interface Parts {
  readonly search: Search;
  readonly list: LogPane;
  readonly input: InputBar;
  readonly help: Help;
  readonly sizing: Sizing;
  options(): ViewerOptions;
  change(changed: Partial<ViewerOptions>): void;
  takesInput(): boolean;
}

/** Focusable elements in rows, except rows that are only held in place for a moment. */
const IN_ROWS = ":is(.prismq-tool, .prismq-row a[href], .prismq-place):not(.prismq-held *)";

/** Listen to keys in the viewer `root`, until `signal` aborts. */
export function listenToKeyboard(
  root: HTMLElement,
  toolbar: HTMLElement,
  parts: Parts,
  signal: AbortSignal,
): void {
  const { scroller } = parts.list;
  listenToKeys(root, scroller, commandsOf(parts), () => parts.options().fill, signal);
  new RovingTabindex(toolbar, { items: "button, a[href]", closed: true }, signal);
  new RovingTabindex(scroller, { items: IN_ROWS, closed: false }, signal);
}

function commandsOf(parts: Parts): KeyCommands {
  const { search, list, input, help, sizing, options, change } = parts;
  return {
    search: () => search.open(),
    find: () => {
      if (search.bar.hasFocus) return false;
      help.close();
      search.open();
      return true;
    },
    hit: (direction) => search.step(direction),
    error: (direction) => search.error(direction),
    context: () => search.context(list.selected?.[0]),
    first: () => list.goTo(0, { center: false, mark: false }),
    last: () => list.setFollow(true, true),
    follow: () => list.setFollow(!list.follow, true),
    wrap: () => change({ wrap: !options().wrap }),
    timestamps: () => change({ timestamps: nextTimestamps(options().timestamps) }),
    input: () => parts.takesInput() && input.toggle(true),
    help: () => help.open(),
    full: () => sizing.isPage || sizing.toggleFull(),
    collapse: () => sizing.toggle(),
    escape: () => help.close() || search.close() || sizing.toggleFull(false),
  };
}
