/** What the keys of a viewer do: which part of it does that. */

import type { Help } from "../ui/help.js";
import type { InputBar } from "../toolbar/input-bar.js";
import type { KeyCommands } from "../ui/keys.js";
import type { ViewerOptions } from "../base/options.js";
import type { LogPane } from "./pane.js";
import type { Search } from "../search/search.js";
import type { Sizing } from "../ui/sizing.js";
import { nextTimestamps } from "../toolbar/view-menu.js";

/** What keys reach. */
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

export function commandsOf(parts: Parts): KeyCommands {
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
