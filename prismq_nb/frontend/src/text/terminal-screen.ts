/**
 * A terminal of unlimited width: text with cursor moves in, rows out. Pure, with bounds.
 *
 * One difference to a terminal: text printed in the first column after a `\r` removes the whole
 * older frame, however long it was. Colours and links stay with their characters.
 */

import { cellWidth } from "./cell-width.js";
import { ABSOLUTE_ROW, CURSOR_MOVES, nextTab, type Position } from "./cursor-moves.js";
import { INTRODUCER, type Sequence, StringEnds, sequenceAt } from "./escapes.js";
import { asText, BLANK, type Cell, trimmed } from "./screen-cells.js";
import { type Pen, penAfterSgr } from "./sgr.js";

/** Maximum number of rows above and below the first one. */
const MAX_ROWS = 64;
/** Maximum column of a move, in addition to the number of printed characters. */
const MAX_COLUMNS = 4_096;
/**
 * Budget per text for blanks from moves and erasing, and for repeated characters. Moves stop where
 * it is used up.
 */
const MAX_BLANKS = 40_000;
/** Budget per text for cells shifted by inserting and deleting. */
const MAX_SHIFTED = 2_000_000;
const MAX_CELL_CHARS = 32;

const TOKEN = /[\x00-\x1f\x7f-\x9f]|[^\x00-\x1f\x7f-\x9f]+/g;

/** What ESC 7 saves. */
interface Cursor extends Position {
  readonly pen: Pen;
  readonly style: string;
}

export class Screen {
  /** Cells by row; rows above the first one are negative. */
  readonly #rows = new Map<number, Cell[]>();
  #row = 0;
  #column = 0;
  /** Nothing was printed since the last `\r`. */
  #returned = false;
  #pen: Pen = {};
  #style = "";
  #link: string | undefined;
  #saved: Cursor = { row: 0, column: 0, pen: {}, style: "" };
  /** The row that was printed on last. */
  #last = 0;
  #printed = 0;
  /** A whole row was removed. */
  #removed = false;
  #blanks = MAX_BLANKS;
  #shifted = MAX_SHIFTED;
  #repeatable = "";

  /** @param pen `sgrOf` the colours in force before the text. */
  constructor(text: string, pen = "") {
    if (pen) this.#setStyle(pen.slice(2, -1));
    const first = { pen: this.#pen, style: this.#style };
    this.#saved = { row: 0, column: 0, ...first };
    const ends = new StringEnds(text);
    const token = new RegExp(TOKEN);
    for (let match = token.exec(text); match; match = token.exec(text)) {
      const found = match[0];
      if (found >= " " && (found < "\x7f" || found > "\x9f"))
        for (const character of found) this.#print(character);
      else if (INTRODUCER.test(found))
        token.lastIndex = this.#sequence(sequenceAt(text, match.index, ends));
      else this.#control(found);
    }
  }

  /**
   * The row of the cursor unless it is blank, else the row that was printed on last. Leading blanks
   * of a row other than the first are removed if the cursor only moved over them.
   *
   * @param before `sgrOf` the colours in force where the text is shown.
   */
  line(before = ""): string {
    const row = this.#shownRow();
    const cells = this.#rows.get(row) ?? [];
    let [start, end] = [0, cells.length];
    while (end && cells[end - 1] === BLANK) end--;
    while (row !== 0 && start < end && cells[start] === BLANK) start++;
    return asText(cells.slice(start, end), this.#style, before);
  }

  /** Whether the earlier text of the first row is still there and shown. */
  get keepsFirstRow(): boolean {
    return !this.#removed && this.#shownRow() === 0;
  }

  /**
   * All rows, without empty ones at either end and without trailing blanks. If only one has text,
   * it is the same as `line()`.
   */
  rows(): string[] {
    const numbers = [...this.#rows.keys()].sort((a, b) => a - b);
    if (numbers.filter((row) => !this.#isBlank(row)).length === 1) return [this.line()];
    const drawn = numbers.map((row) =>
      asText(trimmed(this.#rows.get(row)?.slice(0, MAX_COLUMNS) ?? []), ""),
    );
    while (drawn.length && !drawn.at(-1)) drawn.pop();
    while (drawn.length && !drawn[0]) drawn.shift();
    return drawn;
  }

  #shownRow(): number {
    if (!this.#isBlank(this.#row)) return this.#row;
    return [...this.#rows.keys()].reverse().find((other) => !this.#isBlank(other)) ?? this.#row;
  }

  #isBlank(row: number): boolean {
    return !this.#rows.get(row)?.some(({ text }) => text !== " ");
  }

  #control(character: string): void {
    if (character === "\r") {
      this.#column = 0;
      this.#returned = true;
    } else if (character === "\b") this.#toColumn(this.#column - 1);
    else if (character === "\t") this.#toColumn(nextTab(this.#column));
    else if (character === "\n") {
      this.#cells();
      this.#toRow(this.#row + 1);
      this.#toColumn(0);
    }
  }

  /**
   * Execute a sequence.
   *
   * @returns the index after it.
   */
  #sequence({ end, kind, value, move }: Sequence): number {
    if (kind === "sgr") this.#setStyle(value);
    else if (kind === "link") this.#link = value || undefined;
    else if (kind === "move" || kind === "erase") this.#move(move, value);
    return end;
  }

  #setStyle(parameters: string): void {
    const { pen, key } = penAfterSgr(this.#pen, this.#style, parameters);
    this.#pen = pen;
    this.#style = key;
  }

  #move(move: string, parameters: string): void {
    const [first = "", second = ""] = parameters.split(";");
    const amount = Number(first) || 1;
    const from = { row: this.#row, column: this.#column };
    const to = CURSOR_MOVES[move]?.(from, amount, Number(second) || 1);
    if (to) this.#moveTo(to);
    else if (move === "7" || move === "[s")
      this.#saved = { ...from, pen: this.#pen, style: this.#style };
    else if (move === "8" || move === "[u") this.#restore();
    else if (move === "c") this.#reset();
    else if (move === "[b") this.#repeat(amount);
    else this.#edit(move, first, amount);
  }

  #moveTo({ row, column }: Partial<Position>): void {
    if (row !== undefined) this.#toRow(row);
    if (column !== undefined) this.#toColumn(column);
  }

  #toRow(row: number): void {
    const first = row > ABSOLUTE_ROW / 2 ? ABSOLUTE_ROW : 0;
    this.#row = Math.max(first - MAX_ROWS, Math.min(first + MAX_ROWS, row));
    this.#returned = false;
  }

  #toColumn(column: number): void {
    this.#column = Math.max(
      0,
      Math.min(Math.max(this.#column, MAX_COLUMNS + this.#printed), column),
    );
  }

  #restore(): void {
    const { pen, style } = this.#saved;
    this.#moveTo(this.#saved);
    this.#pen = pen;
    this.#style = style;
  }

  #reset(): void {
    this.#rows.clear();
    this.#moveTo({ row: 0, column: 0 });
    this.#setStyle("0");
    this.#link = undefined;
    this.#removed = true;
    this.#printed = 0;
  }

  #repeat(amount: number): void {
    const printed = this.#printed;
    const room = Math.max(0, MAX_COLUMNS + printed - this.#column);
    const times = this.#repeatable ? Math.min(amount, this.#blanks, room) : 0;
    this.#blanks -= times;
    for (let i = 0; i < times; i++) this.#print(this.#repeatable);
    this.#printed = printed;
  }

  /** Erase, insert or delete. */
  #edit(move: string, part: string, amount: number): void {
    const cells = this.#cells();
    if (move === "[K") this.#erase(cells, part);
    else if (move === "[J") {
      this.#erase(cells, part);
      for (const row of [...this.#rows.keys()])
        if (part === "1" ? row < this.#row : row > this.#row || part > "1")
          this.#rows.get(row)?.splice(0);
    } else if (move === "[L" || move === "[M") {
      cells.length = 0;
      this.#column = 0;
    } else if (move === "[X") this.#blank(cells, this.#column, this.#column + amount);
    else if (move === "[P" && this.#column < cells.length && this.#shift(cells)) {
      this.#split(cells, this.#column);
      this.#split(cells, this.#column + amount);
      cells.splice(this.#column, amount);
    } else if (move === "[@" && this.#column < cells.length && this.#shift(cells)) {
      this.#split(cells, this.#column);
      const blanks = Math.min(amount, this.#blanks, MAX_COLUMNS);
      this.#blanks -= blanks;
      cells.splice(this.#column, 0, ...Array<Cell>(blanks).fill(BLANK));
    }
    if (!cells.length) this.#printed = 0;
  }

  #erase(cells: Cell[], part: string): void {
    if (part === "2" || part === "3") {
      cells.length = 0;
      this.#removed = true;
    } else if (part === "1") this.#blank(cells, 0, this.#column + 1);
    else if (this.#column < cells.length) {
      this.#split(cells, this.#column);
      cells.length = this.#column;
    }
  }

  #blank(cells: Cell[], start: number, end: number): void {
    const last = Math.min(cells.length, end);
    if (last - start > this.#blanks || last <= start) return;
    this.#blanks -= last - start;
    this.#split(cells, start);
    if (last === cells.length) cells.length = start;
    else {
      this.#split(cells, last);
      cells.fill(BLANK, start, last);
    }
  }

  #shift(cells: readonly Cell[]): boolean {
    this.#shifted -= cells.length;
    return this.#shifted > 0;
  }

  /** Make a cell boundary at a column: a wide character across it becomes blanks. */
  #split(cells: Cell[], column: number): void {
    if (cells[column]?.text !== "") return;
    const blank = { ...(cells[column] as Cell), text: " " };
    cells[column - 1] = blank;
    cells[column] = blank;
  }

  #cells(): Cell[] {
    let cells = this.#rows.get(this.#row);
    if (!cells) {
      cells = [];
      this.#rows.set(this.#row, cells);
    }
    return cells;
  }

  #print(character: string): void {
    const width = cellWidth(character);
    const cells = this.#cells();
    if (width === 0) {
      this.#combine(cells, character);
      return;
    }
    if (this.#returned && this.#column === 0) {
      cells.length = 0;
      this.#printed = 0;
      this.#removed = true;
    }
    this.#returned = false;
    this.#turnTo(cells);
    this.#pad(cells);
    const at = this.#column;
    if (at < cells.length) {
      this.#split(cells, at);
      this.#split(cells, at + width);
    }
    const cell = { style: this.#style, link: this.#link, text: character };
    cells[at] = cell;
    if (width === 2) cells[at + 1] = { ...cell, text: "" };
    this.#column = at + width;
    this.#printed += width;
    this.#repeatable = character;
  }

  /** Move the row that is printed on to the end of the map. */
  #turnTo(cells: Cell[]): void {
    if (this.#last === this.#row) return;
    this.#last = this.#row;
    this.#rows.delete(this.#row);
    this.#rows.set(this.#row, cells);
  }

  /** Add a combining character to the one before it. */
  #combine(cells: Cell[], character: string): void {
    let at = this.#column - 1;
    if (cells[at]?.text === "") at--;
    const before = cells[at];
    if (before && before !== BLANK && before.text.length < MAX_CELL_CHARS)
      cells[at] = { ...before, text: before.text + character };
  }

  #pad(cells: Cell[]): void {
    this.#column = Math.min(this.#column, cells.length + this.#blanks);
    this.#blanks -= Math.max(0, this.#column - cells.length);
    while (cells.length < this.#column) cells.push(BLANK);
  }
}
