/**
 * Text in which the cursor moves -> the rows that a terminal of unlimited width would show of it. Pure, with bounds.
 *
 * One difference to a terminal: what is printed in the first column after a `\r` takes the whole older frame away, however long that was.
 * Colours and links stay with the characters they were printed with.
 */

import { cellWidth } from "./cell-width.js";
import { Ends, INTRODUCER, type Sequence, sequenceAt } from "./escapes.js";
import { dressed, type Pen } from "./sgr.js";

/** Rows above and below the one in which the text begins. */
const MAX_ROWS = 64;
/** Added to rows that a program names by number: where its screen begins is not known. */
const ABSOLUTE = 1_000;
/** A move leads this far, and as many columns further as characters were printed. */
const MAX_COLUMNS = 4_096;
/** Of one text: blanks made by moves and erasing, characters repeated. No move leads further when they are used up. */
const MAX_BLANKS = 40_000;
/** Of one text: cells shifted by inserting and deleting. */
const MAX_SHIFTED = 2_000_000;
const MAX_CELL_CHARS = 32;
const TAB = 8;

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const TOKEN = /[\x00-\x1f\x7f-\x9f]|[^\x00-\x1f\x7f-\x9f]+/g;

interface Cell {
  /** Colours, as one sequence; empty: none. */
  readonly style: string;
  /** Address of the link that it is in; undefined: none. */
  readonly link: string | undefined;
  /** Empty: the right half of a wide character. */
  readonly text: string;
}

/** A blank that a move or an erase left. */
const BLANK: Cell = { style: "", link: undefined, text: " " };

interface Place {
  readonly row: number;
  readonly column: number;
  readonly pen: Pen;
  readonly style: string;
}

export class Screen {
  /** By row; those above the first one have negative numbers. */
  readonly #rows = new Map<number, Cell[]>();
  #row = 0;
  #column = 0;
  /** A `\r` came, and nothing was printed after it. */
  #returned = false;
  #pen: Pen = {};
  #style = "";
  #link: string | undefined;
  #saved: Place = { row: 0, column: 0, pen: {}, style: "" };
  /** The row that was printed on last. */
  #last = 0;
  #printed = 0;
  /** All of a row was taken away. */
  #removed = false;
  #blanks = MAX_BLANKS;
  #shifted = MAX_SHIFTED;
  #repeatable = "";

  /** @param pen `sgrOf` the colours in force before the text. */
  constructor(text: string, pen = "") {
    if (pen) this.#dress(pen.slice(2, -1));
    const first = { pen: this.#pen, style: this.#style };
    this.#saved = { row: 0, column: 0, ...first };
    const ends = new Ends(text);
    const token = new RegExp(TOKEN);
    for (let match = token.exec(text); match; match = token.exec(text)) {
      const found = match[0];
      if (found >= " " && (found < "\x7f" || found > "\x9f")) for (const character of found) this.#print(character);
      else if (INTRODUCER.test(found)) token.lastIndex = this.#sequence(sequenceAt(text, match.index, ends));
      else this.#control(found);
    }
  }

  /**
   * The row of the cursor if something other than blanks is in it, else the one that was printed on last. Of a row other than the first, blanks at its
   * beginning over which the cursor only moved go.
   *
   * @param before `sgrOf` the colours in force where it is put.
   */
  line(before = ""): string {
    const row = this.#shownRow();
    const cells = this.#rows.get(row) ?? [];
    let [start, end] = [0, cells.length];
    while (end && cells[end - 1] === BLANK) end--;
    while (row !== 0 && start < end && cells[start] === BLANK) start++;
    return asText(cells.slice(start, end), this.#style, before);
  }

  /** Whether what stood in the line before still stands there, and is shown. */
  get keepsFirstRow(): boolean {
    return !this.#removed && this.#shownRow() === 0;
  }

  /** All rows, without empty ones at either end and without blanks at their ends; where only one has text, it is as a line shows it. */
  rows(): string[] {
    const numbers = [...this.#rows.keys()].sort((a, b) => a - b);
    if (numbers.filter((row) => !this.#isBlank(row)).length === 1) return [this.line()];
    const drawn = numbers.map((row) => asText(trimmed(this.#rows.get(row)?.slice(0, MAX_COLUMNS) ?? []), ""));
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
    else if (character === "\t") this.#toColumn((Math.floor(this.#column / TAB) + 1) * TAB);
    else if (character === "\n") {
      this.#cells();
      this.#toRow(this.#row + 1);
      this.#toColumn(0);
    }
  }

  /** Does what a sequence says; returns where the text goes on. */
  #sequence({ end, kind, value, move }: Sequence): number {
    if (kind === "sgr") this.#dress(value);
    else if (kind === "link") this.#link = value || undefined;
    else if (kind === "move" || kind === "erase") this.#move(move, value);
    return end;
  }

  #dress(parameters: string): void {
    const { pen, key } = dressed(this.#pen, this.#style, parameters);
    this.#pen = pen;
    this.#style = key;
  }

  #move(move: string, parameters: string): void {
    const [first = "", second = ""] = parameters.split(";");
    const amount = Number(first) || 1;
    switch (move) {
      case "[A": return this.#toRow(this.#row - amount);
      case "[B": case "[e": return this.#toRow(this.#row + amount);
      case "[E": return this.#toPlace(this.#row + amount, 0);
      case "[F": return this.#toPlace(this.#row - amount, 0);
      case "[d": return this.#toRow(ABSOLUTE + amount);
      case "[H": case "[f": return this.#toPlace(ABSOLUTE + amount, (Number(second) || 1) - 1);
      case "D": return this.#toRow(this.#row + 1);
      case "E": return this.#toPlace(this.#row + 1, 0);
      case "M": return this.#toRow(this.#row - 1);
      case "[G": case "[`": return this.#toColumn(amount - 1);
      case "[C": case "[a": return this.#toColumn(this.#column + amount);
      case "[D": case "[j": return this.#toColumn(this.#column - amount);
      case "[I": return this.#toColumn((Math.floor(this.#column / TAB) + amount) * TAB);
      case "[Z": return this.#toColumn((Math.ceil(this.#column / TAB) - amount) * TAB);
      case "7": case "[s": this.#saved = { row: this.#row, column: this.#column, pen: this.#pen, style: this.#style }; return;
      case "8": case "[u": return this.#restore();
      case "c": return this.#reset();
      case "[b": return this.#repeat(amount);
      default: return this.#edit(move, first, amount);
    }
  }

  #toRow(row: number): void {
    const first = row > ABSOLUTE / 2 ? ABSOLUTE : 0;
    this.#row = Math.max(first - MAX_ROWS, Math.min(first + MAX_ROWS, row));
    this.#returned = false;
  }

  #toColumn(column: number): void {
    this.#column = Math.max(0, Math.min(Math.max(this.#column, MAX_COLUMNS + this.#printed), column));
  }

  #toPlace(row: number, column: number): void {
    this.#toRow(row);
    this.#toColumn(column);
  }

  #restore(): void {
    const { row, column, pen, style } = this.#saved;
    this.#toPlace(row, column);
    this.#pen = pen;
    this.#style = style;
  }

  #reset(): void {
    this.#rows.clear();
    this.#toPlace(0, 0);
    this.#dress("0");
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

  /** Erasing, inserting, deleting. */
  #edit(move: string, part: string, amount: number): void {
    const cells = this.#cells();
    if (move === "[K") this.#erase(cells, part);
    else if (move === "[J") {
      this.#erase(cells, part);
      for (const row of [...this.#rows.keys()]) if (part === "1" ? row < this.#row : row > this.#row || part > "1") this.#rows.get(row)?.splice(0);
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

  /** What stands at a column begins there: a wide character that reaches over it becomes blanks. */
  #split(cells: Cell[], column: number): void {
    if (cells[column]?.text !== "") return;
    const blank = { ...(cells[column] as Cell), text: " " };
    cells[column - 1] = blank;
    cells[column] = blank;
  }

  #cells(): Cell[] {
    let cells = this.#rows.get(this.#row);
    if (!cells) this.#rows.set(this.#row, (cells = []));
    return cells;
  }

  #print(character: string): void {
    const width = cellWidth(character);
    const cells = this.#cells();
    if (width === 0) return this.#combine(cells, character);
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

  /** The row that was printed on last comes last. */
  #turnTo(cells: Cell[]): void {
    if (this.#last === this.#row) return;
    this.#last = this.#row;
    this.#rows.delete(this.#row);
    this.#rows.set(this.#row, cells);
  }

  /** It belongs to the character before it. */
  #combine(cells: Cell[], character: string): void {
    let at = this.#column - 1;
    if (cells[at]?.text === "") at--;
    const before = cells[at];
    if (before && before !== BLANK && before.text.length < MAX_CELL_CHARS) cells[at] = { ...before, text: before.text + character };
  }

  #pad(cells: Cell[]): void {
    this.#column = Math.min(this.#column, cells.length + this.#blanks);
    this.#blanks -= Math.max(0, this.#column - cells.length);
    while (cells.length < this.#column) cells.push(BLANK);
  }
}

function trimmed(cells: readonly Cell[]): readonly Cell[] {
  let end = cells.length;
  while (end && cells[end - 1]?.text === " ") end--;
  return cells.slice(0, end);
}

/** Cells as text, ending with these colours; `before`: those in force where it begins. */
function asText(cells: readonly Cell[], style: string, before = ""): string {
  let text = "";
  let now: Pick<Cell, "style" | "link"> = { style: before, link: undefined };
  const turn = (next: typeof now): void => {
    if (next.style !== now.style) text += `\x1b[0m${next.style}`;
    if (next.link !== now.link) text += `\x1b]8;;${next.link ?? ""}\x1b\\`;
    now = next;
  };
  for (const cell of cells) {
    turn(cell);
    text += cell.text;
  }
  turn({ style, link: undefined });
  return text;
}
