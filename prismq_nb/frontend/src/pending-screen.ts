/**
 * Unfinished text -> the rows that a terminal would show of it: several progress bars at once, each in its place. Pure, with bounds.
 *
 * Knows the moves that bars are drawn with: `\r`, cursor up and down, to the start of a line, to a column, and erasing. A row is what was drawn on it
 * last; drawing over a part of it keeps the rest, as on a terminal. Colours stay with the text that they stand before.
 */

import { dressed, type Pen } from "./sgr.js";

const MAX_ROWS = 32;
const MAX_COLUMNS = 2_000;
/** Blanks put before what is drawn further right; no move leads there when they are used up. */
const MAX_BLANKS = 20_000;
const MAX_CELL_CHARS = 32;

// eslint-disable-next-line no-control-regex -- escape sequences are what is looked for
const TOKEN = /\x1b\[(\d{0,4})([ABEFGCDJK])|\x1b\[[\d;:?<=>]{0,64}[ -/]{0,4}[@-~]|\x1b[^[]|[\r\n\x08]|[^\x1b\r\n\x08]+/gu;

interface Cell {
  /** Colours, as one sequence; empty: none. */
  readonly style: string;
  readonly text: string;
}

const BLANK: Cell = { style: "", text: " " };

/** The rows of a stream's unfinished text, without empty ones at either end. */
export function screenRows(text: string): string[] {
  // eslint-disable-next-line no-control-regex -- as above
  if (!/[\r\n\x08]|\x1b\[\d*[ABEFGCDJK]/.test(text)) return text ? [text] : [];
  const screen = new Screen();
  for (const match of text.matchAll(TOKEN)) screen.take(match[0], match[2], match[1] ?? "");
  return screen.rows();
}

class Screen {
  /** By row; those above the first one have negative numbers. */
  readonly #rows = new Map<number, Cell[]>();
  #row = 0;
  #column = 0;
  #pen: Pen = {};
  #style = "";
  #blanks = MAX_BLANKS;

  take(token: string, move: string | undefined, parameter: string): void {
    if (move) this.#move(move, parameter);
    else if (token === "\r") this.#column = 0;
    else if (token === "\b") this.#goTo(this.#row, this.#column - 1);
    else if (token === "\n") this.#goTo(this.#row + 1, 0);
    else if (token.startsWith("\x1b")) this.#dress(token);
    else for (const character of token) this.#draw(character);
  }

  rows(): string[] {
    const numbers = [...this.#rows.keys()].sort((a, b) => a - b);
    const drawn: string[] = [];
    for (let row = numbers[0] ?? 0; row <= (numbers.at(-1) ?? -1); row++) drawn.push(asText(this.#rows.get(row) ?? []));
    while (drawn.length && !drawn.at(-1)) drawn.pop();
    while (drawn.length && !drawn[0]) drawn.shift();
    return drawn;
  }

  #move(move: string, parameter: string): void {
    const amount = Number(parameter || 1);
    if (move === "A" || move === "F") this.#goTo(this.#row - amount, move === "F" ? 0 : this.#column);
    else if (move === "B" || move === "E") this.#goTo(this.#row + amount, move === "E" ? 0 : this.#column);
    else if (move === "G") this.#goTo(this.#row, amount - 1);
    else if (move === "C" || move === "D") this.#goTo(this.#row, this.#column + (move === "C" ? amount : -amount));
    else this.#erase(move, parameter || "0");
  }

  #goTo(row: number, column: number): void {
    this.#row = Math.max(-MAX_ROWS, Math.min(MAX_ROWS, row));
    this.#column = Math.max(0, Math.min(MAX_COLUMNS, column));
  }

  #dress(token: string): void {
    // eslint-disable-next-line no-control-regex -- SGR
    if (!/^\x1b\[[\d;:]*m$/.test(token)) return;
    const { pen, key } = dressed(this.#pen, this.#style, token.slice(2, -1));
    this.#pen = pen;
    this.#style = key;
  }

  #erase(what: string, part: string): void {
    const cells = this.#rows.get(this.#row) ?? [];
    if (part === "2") cells.length = 0;
    else if (part === "1") this.#blank(cells, Math.min(cells.length, this.#column, this.#blanks));
    else cells.length = Math.min(cells.length, this.#column);
    if (what === "J" && part !== "1") for (const row of [...this.#rows.keys()]) if (row > this.#row || part === "2") this.#rows.delete(row);
  }

  #blank(cells: Cell[], end: number): void {
    cells.fill(BLANK, 0, end);
    this.#blanks -= end;
  }

  #draw(character: string): void {
    if (this.#column >= MAX_COLUMNS) return;
    let cells = this.#rows.get(this.#row);
    if (!cells) this.#rows.set(this.#row, (cells = []));
    const before = cells[this.#column - 1];
    if (before && /^[\p{M}\u200d\ufe0f]$/u.test(character)) {
      // It belongs to the character before it.
      if (before.text.length < MAX_CELL_CHARS) cells[this.#column - 1] = { ...before, text: before.text + character };
      return;
    }
    this.#column = Math.min(this.#column, cells.length + this.#blanks);
    this.#blanks -= Math.max(0, this.#column - cells.length);
    while (cells.length < this.#column) cells.push(BLANK);
    cells[this.#column] = { style: this.#style, text: character };
    this.#column++;
  }
}

function asText(cells: readonly Cell[]): string {
  let [text, style] = ["", ""];
  for (const cell of cells) {
    if (cell.style !== style) text += `\x1b[0m${cell.style}`;
    style = cell.style;
    text += cell.text;
  }
  return text.trimEnd();
}
