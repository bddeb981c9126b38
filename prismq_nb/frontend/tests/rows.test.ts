import { expect, test } from "vitest";
import { WINDOW_LINES } from "../src/buffer.js";
import type { Gap, Line } from "../src/protocol.js";
import { logRows, matchRows, type Row, type Rows } from "../src/rows.js";
import { Tail } from "../src/tail.js";

const line = (n: number): Line => ({ n, stamp: n, level: "INFO", stream: "stdout", text: "", length: 0 });
const gap = (before: number): Gap => ({ before, lines: 1, bytes: 1, begin: "", end: "", reason: "disk-full" });
const notice: Row = { kind: "notice", text: "" };
const all = (rows: Rows): string[] =>
  Array.from({ length: rows.count }, (_, index) => {
    const row = rows.at(index);
    if (row.kind === "line") return String(row.line.n);
    if (row.kind === "hole") return `?${row.n}`;
    return row.kind === "gap" ? `gap${row.gap.before}` : row.kind;
  });

test.each<[string, number, number, number[], string]>([
  ["lines only", 3, 6, [], "3 4 5"],
  ["a gap in the middle", 3, 6, [4], "3 gap4 4 5"],
  ["gaps at both ends", 3, 5, [3, 5], "gap3 3 4 gap5"],
  ["two gaps before one line", 3, 5, [4, 4], "3 gap4 gap4 4"],
  ["gaps elsewhere", 3, 5, [1, 9], "3 4"],
  ["a gap and no line", 0, 0, [0], "gap0"],
])("%s", (_, base, end, gaps, expected) => {
  const rows = logRows({ base, end, gaps: gaps.map(gap), get: line, head: [], tail: [] });
  expect(all(rows).join(" ")).toBe(expected);
});

test("holes stand where lines are missing, between head and tail", () => {
  const rows = logRows({ base: 0, end: 3, gaps: [], get: (n) => (n === 1 ? line(1) : undefined), head: [notice], tail: [notice] });
  expect(all(rows)).toEqual(["notice", "?0", "1", "?2", "notice"]);
});

test("matches stand one after the other", () => {
  expect(all(matchRows([line(4), line(9)], [notice], [notice]))).toEqual(["notice", "4", "9", "notice"]);
});

test("a tail that follows spans the newest lines", () => {
  const tail = new Tail(true);
  expect(tail.part(5)).toEqual({ base: 0, end: 5, fresh: 0 });
  expect(tail.part(WINDOW_LINES + 70)).toEqual({ base: 70, end: WINDOW_LINES + 70, fresh: 0 });
});

test("a tail that does not follow stays where it began, and counts what came", () => {
  const tail = new Tail(true);
  tail.part(WINDOW_LINES + 70);
  tail.follow = false;
  expect(tail.part(WINDOW_LINES + 90)).toEqual({ base: 70, end: WINDOW_LINES + 70, fresh: 20 });
  tail.follow = true;
  expect(tail.part(WINDOW_LINES + 90)).toEqual({ base: 90, end: WINDOW_LINES + 90, fresh: 0 });
});

test("a tail that never followed begins with the first lines it hears of", () => {
  const tail = new Tail(false);
  expect(tail.part(0)).toEqual({ base: 0, end: 0, fresh: 0 });
  expect(tail.part(5)).toEqual({ base: 0, end: 5, fresh: 0 });
  expect(tail.part(8)).toEqual({ base: 0, end: 8, fresh: 3 });
});
