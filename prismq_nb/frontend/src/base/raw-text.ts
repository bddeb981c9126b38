/** Printed text of rows that show it in another form. Held weakly, by element. */

const TEXTS = new WeakMap<Element, string>();

/** Store the printed text of a row that shows it in another form. */
export function keepRawText(row: Element, text: string): void {
  TEXTS.set(row, text);
}

/**
 * Return the printed text of a row without escape sequences; undefined: the row shows it as
 * printed.
 */
export function rawText(row: Element): string | undefined {
  return TEXTS.get(row);
}
