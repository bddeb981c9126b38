/** What was printed, for rows that show it in another form. Kept beside the elements, and gone with them. */

const TEXTS = new WeakMap<Element, string>();

/** The row shows `text` in another form. */
export function keepRawText(row: Element, text: string): void {
  TEXTS.set(row, text);
}

/** The text of a row's line without escape sequences; undefined: as the row shows it. */
export function rawText(row: Element): string | undefined {
  return TEXTS.get(row);
}
