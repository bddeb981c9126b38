/**
 * Recent search texts of this tab, recalled with the arrow keys.
 *
 * In session storage, which ends with the tab, and never in a notebook, because search texts can be
 * as sensitive as the log.
 */

const KEY = "prismq_nb.searches.v1";
/** Maximum number of texts; the oldest is dropped first. */
const MAX_TEXTS = 50;
const MAX_CHARS = 1_000;

export class SearchHistory {
  /** Position in the history; -1: not recalling. */
  #at = -1;
  #draft = "";

  /** Add a text as the newest. */
  add(text: string): void {
    this.#at = -1;
    if (!text.trim() || text.length > MAX_CHARS) return;
    const texts = [text, ...read().filter((other) => other !== text)].slice(0, MAX_TEXTS);
    try {
      sessionStorage.setItem(KEY, JSON.stringify(texts));
    } catch {
      // Without storage, or if it is full, there is no history.
    }
  }

  /** Return the next older (1) or newer (-1) text; undefined: there is none. */
  step(direction: 1 | -1, shown: string): string | undefined {
    const texts = read();
    if (texts[this.#at] !== shown) this.#at = -1; // it was edited
    if (this.#at < 0) this.#draft = shown;
    const next = this.#at + (this.#at < 0 && texts[0] === shown ? 2 * direction : direction);
    if (next < -1 || next >= texts.length || next === this.#at) return undefined;
    this.#at = Math.max(-1, next);
    return texts[next] ?? this.#draft;
  }
}

/** Read the texts, newest first. The storage may contain anything. */
function read(): string[] {
  try {
    const texts: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(texts)
      ? texts.filter((text) => typeof text === "string").slice(0, MAX_TEXTS)
      : [];
  } catch {
    return [];
  }
}
