/** The keys of the JSON records that a viewer has drawn, for the View menu. */

import type { JsonRecord } from "./json-record.js";

/** Maximum number of keys; a log can have any number. */
const MAX_KEYS = 40;

export class KnownFields {
  readonly #keys = new Set<string>();

  add({ pairs }: JsonRecord): void {
    for (const { key } of pairs)
      if (this.#keys.size < MAX_KEYS && !key.includes(",")) this.#keys.add(key);
  }

  get keys(): readonly string[] {
    return [...this.#keys];
  }

  /** The option `fields` after toggling a key. */
  toggled(shown: ReadonlySet<string> | undefined, key: string): string {
    const now = new Set(shown ?? this.#keys);
    if (!now.delete(key)) now.add(key);
    if (this.keys.every((each) => now.has(each))) return "";
    return [...now].join(",") || NONE;
  }
}

/** Not a key: only messages are shown. */
const NONE = "-";
