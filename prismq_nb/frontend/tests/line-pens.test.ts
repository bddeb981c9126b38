import { expect, test } from "vitest";
import table from "../../../tests/journal/samples/carried_cases.json?raw";
import type { LogPage, Stream, WireLine } from "../src/base/protocol.js";
import { parseAnsi } from "../src/text/ansi.js";
import { pageLines, pensOf, wireLines } from "../src/text/line-pens.js";

const line = (n: number, text: string, stream: Stream = "stdout", length?: number): WireLine =>
  length === undefined ? [n, 0, "INFO", stream, text] : [n, 0, "INFO", stream, text, length];
const pens = (lines: readonly WireLine[], along = {}): (string | undefined)[] =>
  wireLines(lines, along).lines.map(({ pen }) => pen);

test("colours carry over to the next line until they are reset", () => {
  expect(
    pens([
      line(0, "\x1b[31mred"),
      line(1, "still"),
      line(2, "\x1b[1mbold\x1b[0m"),
      line(3, "plain"),
    ]),
  ).toEqual([undefined, "\x1b[31m", "\x1b[31m", undefined]);
});
interface Case {
  readonly name: string;
  readonly raw: string;
  readonly sgr: string;
  readonly pen: string;
}
test.each((JSON.parse(table) as { readonly cases: readonly Case[] }).cases)(
  "$name",
  ({ raw, sgr, pen }) => {
    expect(wireLines([line(0, raw)], {}).after.stdout ?? "").toBe(pen);
    expect(pensOf({ stdout: sgr }).stdout ?? "").toBe(pen);
    expect(Math.max(sgr.length, pen.length)).toBeLessThanOrEqual(64 + "\x1b[m".length);
  },
);
test("each stream has its own colours", () => {
  expect(pens([line(0, "\x1b[31mred"), line(1, "x", "stderr"), line(2, "y")])).toEqual([
    undefined,
    undefined,
    "\x1b[31m",
  ]);
});
test("the first line begins with the server's colours", () => {
  const { lines, after } = wireLines([line(7, "a", "stderr"), line(8, "b")], {
    sgr: { stdout: "\x1b[0;32m" },
  });
  expect(lines.map(({ pen }) => pen)).toEqual([undefined, "\x1b[32m"]);
  expect(after).toEqual({ stdout: "\x1b[32m" });
});
test("after missing lines no colours are known", () => {
  expect(pens([line(0, "\x1b[31mred"), line(5, "x"), line(6, "\x1b[32my"), line(7, "z")])).toEqual([
    undefined,
    undefined,
    undefined,
    "\x1b[32m",
  ]);
});
test("after a line that was cut no colours are known", () => {
  expect(pens([line(0, "\x1b[31mred", "stdout", 99_999), line(1, "x")])).toEqual([
    undefined,
    undefined,
  ]);
});
test("pens are short, whatever was printed", () => {
  const odd = "\x1b[1;31m\x1b[3m\x1b[38;2;1;2;3m".repeat(300);
  expect(wireLines([line(0, odd), line(1, "x")], {}).lines[1]?.pen).toBe("\x1b[1;3;38;2;1;2;3m");
  expect(pensOf({ stdout: "no colour", stderr: 5 as never })).toEqual({ stdout: "" });
});
test("a page tells how its lines were drawn", () => {
  const logs = [
    { line: 3, timestamp: "2024-01-01T00:00:00Z", level: "INFO", message: "x", stream: "stdout" },
  ] as const;
  const page: LogPage = {
    logs,
    drawn: { 3: [48, -1, -1] },
    sgr: { stdout: "\x1b[34m" },
    total_lines: 4,
    truncated: false,
    next_after: 3,
  };
  expect(pageLines(page)[0]).toMatchObject({ n: 3, drawn: [48, -1, -1], pen: "\x1b[34m" });
});
test("a line is drawn with its initial colours", () => {
  expect(parseAnsi("a\x1b[39mb", "\x1b[1;31m")).toEqual([
    { text: "a", style: { bold: true, fg: 1 } },
    { text: "b", style: { bold: true } },
  ]);
});
