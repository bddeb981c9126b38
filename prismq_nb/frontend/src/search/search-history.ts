/**
 * What was looked for in this tab, so that the arrow keys bring it back.
 *
 * In the session's storage: it is gone with the tab, and never in a notebook, because what one looks
 * for in a log can be as sensitive as the log.
 */

const KEY = "prismq_nb.searches.v1";
/** Texts kept; the oldest goes first. */
const MOST = 50;
const MAX_CHARS = 1_000;

export class SearchHistory {
  /** How far back the person went; -1: not at all. */
  #at = -1;
  #draft = "";

  /** Remembers a text, as the newest. */
  add(text: string): void {
    this.#at = -1;
    if (!text.trim() || text.length > MAX_CHARS) return;
    const texts = [text, ...read().filter((other) => other !== text)].slice(0, MOST);
    try {
      sessionStorage.setItem(KEY, JSON.stringify(texts));
    } catch {
      // No storage, or no room: then there is no history.
    }
  }

  /** The text before the one that is shown, or behind it; undefined: there is none. */
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

/** The newest first. Anything may be in the storage. */
function read(): string[] {
  try {
    const texts: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(texts) ? texts.filter((text) => typeof text === "string").slice(0, MOST) : [];
  } catch {
    return [];
  }
}
