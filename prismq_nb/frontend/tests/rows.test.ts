import { describe, expect, test } from "vitest";
import type { Line } from "../src/base/protocol.js";
import { type Insert, lineOf, logRows, type Row, type RowSource } from "../src/base/rows.js";

const line = (n: number): Line => ({
  n,
  stamp: n,
  level: "INFO",
  stream: "stdout",
  text: "",
  length: 0,
});
const gap = (before: number): Insert => {
  return {
    before,
    row: {
      kind: "gap",
      gap: { before, lines: 1, bytes: 1, begin: "", end: "", reason: "disk-full" },
    },
  };
};
const notice: Row = { kind: "notice", text: "" };
const want = (): void => undefined;
const rowsOf = (total: number, gaps: readonly number[], tail: readonly Row[] = []): RowSource =>
  logRows({ total, inserts: gaps.map(gap), get: line, folded: () => false, tail, want });
const all = (rows: RowSource): string[] =>
  Array.from({ length: rows.count }, (_, index) => {
    const row = rows.at(index);
    if (row.kind === "line") return String(row.line.n);
    if (row.kind === "hole") return `?${row.n}`;
    return row.kind === "gap" ? `gap${row.gap.before}` : row.kind;
  });

describe("a whole log", () => {
  test.each<[string, number, number[], string]>([
    ["lines only", 3, [], "0 1 2"],
    ["a gap in the middle", 3, [1], "0 gap1 1 2"],
    ["gaps at both ends", 2, [0, 2], "gap0 0 1 gap2"],
    ["two gaps before one line", 2, [1, 1], "0 gap1 gap1 1"],
    ["a gap past what is known of the log", 2, [9], "0 1"],
    ["a gap and no line", 0, [0], "gap0"],
  ])("%s", (_, total, gaps, expected) => expect(all(rowsOf(total, gaps)).join(" ")).toBe(expected));

  test("has holes where lines are missing, and ends with its tail", () => {
    const rows = logRows({
      total: 3,
      inserts: [],
      get: (n) => (n === 1 ? line(1) : undefined),
      folded: () => false,
      tail: [notice],
      want,
    });
    expect(all(rows)).toEqual(["?0", "1", "?2", "notice"]);
  });

  test.each([[[]], [[0]], [[5]], [[2, 2, 4]], [[0, 1, 2, 3, 4, 5]]])(
    "finds the row of each line, with gaps before %j",
    (gaps) => {
      const rows = rowsOf(5, gaps, [notice]);
      for (let n = 0; n < 5; n++) expect(lineOf(rows.at(rows.indexOf(n)))).toBe(n);
      expect(rows.indexOf(5)).toBe(rows.count);
    },
  );

  test("is created and indexed at any size in constant time", () => {
    const rows = rowsOf(1e12, [7, 1e11]);
    expect(lineOf(rows.at(rows.indexOf(1e12 - 1)))).toBe(1e12 - 1);
    expect(rows.at(1e11 + 1)).toMatchObject({ kind: "gap" });
  });

  test("requests existing lines only", () => {
    const wanted: [number, number][] = [];
    const rows = logRows({
      total: 10,
      inserts: [gap(3)],
      get: line,
      folded: () => false,
      tail: [notice],
      want: (first, last) => wanted.push([first, last]),
    });
    rows.want(0, 2);
    rows.want(5, 11);
    rows.want(11, 11);
    expect(wanted).toEqual([
      [0, 2],
      [4, 9],
    ]);
  });
});
