/**
 * Where a cursor sequence leads. Pure; imports nothing.
 *
 * Sources: ECMA-48 8.3 (CUU, CUD, CUF, CUB, CNL, CPL, CHA, CUP, CHT, CBT, HPA, HPR, HPB, VPA, VPR,
 * HVP), and DEC's IND, NEL and RI.
 */

/** Added to rows that a program addresses by number: where its screen begins is not known. */
export const ABSOLUTE_ROW = 1_000;
const TAB = 8;

export interface Position {
  readonly row: number;
  readonly column: number;
}

/** @param amount,second parameters of the sequence, 1 where they are absent. */
type Move = (from: Position, amount: number, second: number) => Partial<Position>;

const address: Move = (_, amount, second) => ({
  row: ABSOLUTE_ROW + amount,
  column: second - 1,
});
const up: Move = ({ row }, amount) => ({ row: row - amount });
const down: Move = ({ row }, amount) => ({ row: row + amount });
const right: Move = ({ column }, amount) => ({ column: column + amount });
const left: Move = ({ column }, amount) => ({ column: column - amount });
const toColumn: Move = (_, amount) => ({ column: amount - 1 });

/**
 * By the final character of an escape sequence; behind `[` that of a control sequence. A coordinate
 * that is absent from the result stays.
 */
export const CURSOR_MOVES: Readonly<Record<string, Move>> = {
  "[A": up,
  "[B": down,
  "[e": down,
  "[C": right,
  "[a": right,
  "[D": left,
  "[j": left,
  "[E": ({ row }, amount) => ({ row: row + amount, column: 0 }),
  "[F": ({ row }, amount) => ({ row: row - amount, column: 0 }),
  "[G": toColumn,
  "[`": toColumn,
  "[H": address,
  "[f": address,
  "[d": (_, amount) => ({ row: ABSOLUTE_ROW + amount }),
  "[I": ({ column }, amount) => ({ column: nextTab(column, amount) }),
  "[Z": ({ column }, amount) => ({ column: (Math.ceil(column / TAB) - amount) * TAB }),
  D: ({ row }) => ({ row: row + 1 }),
  E: ({ row }) => ({ row: row + 1, column: 0 }),
  M: ({ row }) => ({ row: row - 1 }),
};

/** The column of the next tab stop, or of one behind it. */
export function nextTab(column: number, amount = 1): number {
  return (Math.floor(column / TAB) + amount) * TAB;
}
