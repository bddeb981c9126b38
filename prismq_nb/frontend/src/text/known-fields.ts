/** Which keys the JSON records of one viewer have, as far as they were drawn; for the menu that chooses among them. */

import type { JsonRecord } from "./json-record.js";

/** Keys remembered; a log can have any number. */
const MOST = 40;

export class KnownFields {
  readonly #keys = new Set<string>();

  see({ pairs }: JsonRecord): void {
    for (const { key } of pairs) if (this.#keys.size < MOST && !key.includes(",")) this.#keys.add(key);
  }

  get keys(): readonly string[] {
    return [...this.#keys];
  }

  /** The option `fields` once a key is shown that was not, or the other way round. */
  toggled(shown: ReadonlySet<string> | undefined, key: string): string {
    const now = new Set(shown ?? this.#keys);
    if (!now.delete(key)) now.add(key);
    if (this.keys.every((each) => now.has(each))) return "";
    return [...now].join(",") || NONE;
  }
}

/** No key is called so: only messages are shown. */
const NONE = "-";
