/** The download menu. The browser saves what the server sends; nothing passes through the page. */

import { countOf } from "../base/format.js";
import { url } from "../base/page.js";
import { parametersOf, rowsQueryOf, type SearchOptions } from "../search/search-query.js";
import { Menu, type MenuItem } from "../ui/menu.js";

const FORMATS = [
  ["text", "Text", ".log", "times and levels"],
  ["jsonl", "JSON lines", ".jsonl", "one object per line"],
  ["raw", "Raw", ".log", "as printed"],
] as const;

export type Filter = Omit<SearchOptions, "mode">;

/**
 * The URL of a download: of all lines, of those that match `filter`, or of lines `first` to `last`.
 */
export function downloadUrl(
  run: string,
  format: string,
  filter?: Filter,
  lines?: readonly [first: number, last: number],
): string {
  const query = filter && rowsQueryOf({ ...filter, mode: "filter" });
  const parameters = new URLSearchParams(query && parametersOf(query));
  parameters.set("format", format);
  if (lines) {
    parameters.set("after", String(lines[0] - 1));
    parameters.set("before", String(lines[1] + 1));
  }
  return url(`api/runs/${run}/logs/download?${parameters}`);
}

/**
 * @param filter the filter of the viewer.
 * @param selected the selected lines; undefined: none.
 * @param ready whether the log can be read now; shows why not.
 */
export function downloadMenu(
  run: string,
  filter: () => Filter,
  selected: () => readonly [first: number, last: number] | undefined,
  ready: () => Promise<boolean>,
): Menu {
  const items = (): MenuItem[] => {
    const now = filter();
    const lines = selected();
    const whole = FORMATS.map(([format, text, suffix, hint]): MenuItem => {
      return {
        kind: "link",
        text,
        hint,
        href: downloadUrl(run, format),
        download: run + suffix,
        ready,
      };
    });
    const part = (
      name: string,
      file: string,
      ...rest: [Filter?, (readonly [number, number])?]
    ): MenuItem[] => [
      { kind: "heading", text: name },
      ...FORMATS.slice(0, 2).map(([format, text, suffix, hint]): MenuItem => {
        return {
          kind: "link",
          text,
          hint,
          href: downloadUrl(run, format, ...rest),
          download: `${run}-${file}${suffix}`,
          ready,
        };
      }),
    ];
    return [
      { kind: "heading", text: "The whole log" },
      ...whole,
      ...(now.level || now.query ? part("Lines that match", "matches", now) : []),
      ...(lines
        ? part(
            countOf(lines[1] - lines[0] + 1, "selected line"),
            `lines-${lines[0]}-${lines[1]}`,
            undefined,
            lines,
          )
        : []),
    ];
  };
  return new Menu("download", "Download", "Download the log, up to now", items);
}
