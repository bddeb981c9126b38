/** The cells of a terminal's row, and the text that they make. Pure; imports nothing. */

export interface Cell {
  /** Colours, as one sequence; empty: none. */
  readonly style: string;
  /** Address of the link that it is in; undefined: none. */
  readonly link: string | undefined;
  /** Empty: the right half of a wide character. */
  readonly text: string;
}

/** A blank that a cursor move or an erase left. */
export const BLANK: Cell = { style: "", link: undefined, text: " " };

/** Without blanks at the end. */
export function trimmed(cells: readonly Cell[]): readonly Cell[] {
  let end = cells.length;
  while (end && cells[end - 1]?.text === " ") end--;
  return cells.slice(0, end);
}

/**
 * Cells as text with SGR and OSC 8 sequences.
 *
 * @param style colours at the end.
 * @param before colours in force where the text begins.
 */
export function asText(cells: readonly Cell[], style: string, before = ""): string {
  let text = "";
  let current: Pick<Cell, "style" | "link"> = { style: before, link: undefined };
  const change = (next: typeof current): void => {
    if (next.style !== current.style) text += `\x1b[0m${next.style}`;
    if (next.link !== current.link) text += `\x1b]8;;${next.link ?? ""}\x1b\\`;
    current = next;
  };
  for (const cell of cells) {
    change(cell);
    text += cell.text;
  }
  change({ style, link: undefined });
  return text;
}
