/** The View menu: how rows look. */

import type { Timestamps } from "../base/format.js";
import type { ViewerOptions } from "../base/options.js";
import type { KnownFields } from "../text/known-fields.js";
import { fieldSet } from "../text/record-view.js";
import { Menu, type MenuItem } from "../ui/menu.js";

const TIMES: readonly (readonly [Timestamps, string])[] = [
  ["off", "Off"],
  ["time", "Time of day"],
  ["datetime", "Date and time"],
  ["elapsed", "Since start"],
  ["delta", "Since previous line"],
];
type Switch = {
  readonly [Name in keyof ViewerOptions]: ViewerOptions[Name] extends boolean ? Name : never;
}[keyof ViewerOptions];
const SWITCHES: readonly (readonly [Switch, string, string?])[] = [
  ["numbers", "Line numbers"],
  ["wrap", "Wrap long lines", "w"],
  ["fold", "Fold tracebacks"],
  ["timeline", "Timeline"],
];

/** The next timestamp format, in the order of the menu. */
export function nextTimestamps(now: Timestamps): Timestamps {
  const place = TIMES.findIndex(([mode]) => mode === now);
  return TIMES[(place + 1) % TIMES.length]?.[0] ?? "time";
}

/**
 * @param fields the keys of JSON records.
 * @param change the person changed options.
 */
export function viewMenu(
  options: () => ViewerOptions,
  fields: () => KnownFields,
  change: (changed: Partial<ViewerOptions>) => void,
): Menu {
  const items = (): MenuItem[] => {
    const now = options();
    return [
      { kind: "heading", text: "Timestamps", hint: "t" },
      ...TIMES.map(
        ([mode, text]): MenuItem => ({
          kind: "choice",
          text,
          on: now.timestamps === mode,
          pick: () => change({ timestamps: mode }),
        }),
      ),
      { kind: "switch", text: "Use UTC", on: now.utc, pick: () => change({ utc: !options().utc }) },
      { kind: "heading", text: "Lines" },
      ...SWITCHES.map(([name, text, key]): MenuItem => {
        return {
          kind: "switch",
          text,
          on: now[name],
          pick: () => change({ [name]: !options()[name] }),
          ...(key ? { hint: key } : {}),
        };
      }),
      {
        kind: "switch",
        text: "Raw JSON",
        on: now.raw_json,
        pick: () => change({ raw_json: !options().raw_json }),
      },
      ...(now.raw_json || !fields().keys.length
        ? []
        : [{ kind: "heading", text: "JSON fields" } as const, ...fieldItems()]),
    ];
  };
  const fieldItems = (): MenuItem[] => {
    const shown = fieldSet(options().fields);
    return fields().keys.map((key): MenuItem => {
      const pick = (): void =>
        change({ fields: fields().toggled(fieldSet(options().fields), key) });
      return { kind: "switch", text: key, on: !shown || shown.has(key), pick };
    });
  };
  return new Menu("view", "View", "How the lines are shown", items);
}
