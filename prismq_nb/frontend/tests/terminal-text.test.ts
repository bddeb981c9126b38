/**
 * What a line shows: the table of cases shared with Python's tests, and cases of the viewer.
 *
 * Messages are compared by their appearance, because a colour can be set in several ways.
 */

import { describe, expect, test } from "vitest";
import table from "../../../tests/journal/samples/line_cases.json?raw";
import { parseAnsi, type Span } from "../src/text/ansi.js";
import { isAligned, stretches } from "../src/text/cell-width.js";
import { penAfter, plain, screenRows, shown } from "../src/text/terminal-text.js";

interface Case {
  readonly name: string;
  /** One character per byte. */
  readonly raw: string;
  readonly message: string;
  readonly plain: string;
  readonly pending?: readonly string[];
}

const CASES = (JSON.parse(table) as { readonly cases: readonly Case[] }).cases;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const decoded = (raw: string): string =>
  decoder.decode(Uint8Array.from(raw, (byte) => byte.charCodeAt(0)));

/** Each character with its colours and its link. */
function look(text: string): unknown[] {
  const cells = ({ text: part, style, href }: Span): unknown[] =>
    [...part].map((character) => [character, style ?? null, href ?? null]);
  return parseAnsi(text).flatMap(cells);
}

describe.each(CASES)("$name", ({ raw, message, plain: bare, pending }) => {
  const text = decoded(raw);
  test("message", () => expect(look(shown(text))).toEqual(look(message)));
  test("message, from the raw line", () => expect(look(text)).toEqual(look(message)));
  test("resolving is idempotent", () => expect(shown(shown(text))).toBe(shown(text)));
  test("plain", () => expect(plain(text)).toBe(bare));
  test("colours in force after it", () =>
    expect(penAfter(shown(text), "")).toBe(penAfter(message, "")));
  test("unfinished text", () => {
    const rows = screenRows(text).map((row) => plain(row).trimEnd());
    const expected = (pending ?? [bare]).map((row) => row.trimEnd());
    expect(rows).toEqual(expected.length === 1 && !expected[0] ? rows.filter(Boolean) : expected);
  });
});

test.each<[string, [string, number][]]>([
  ["abc", [["abc", 0]]],
  ["", [["", 0]]],
  [
    "a\u4e16\u754cb",
    [
      ["a", 0],
      ["\u4e16\u754c", 4],
      ["b", 0],
    ],
  ],
  [
    "\u{1f680} go",
    [
      ["\u{1f680}", 2],
      [" go", 0],
    ],
  ],
  [
    "\u4e16\u0301x",
    [
      ["\u4e16\u0301", 2],
      ["x", 0],
    ],
  ],
])("wide characters of %j apart", (text, expected) => expect(stretches(text)).toEqual(expected));

test.each([
  ["\u2502 \u4e16\u754c \u2502", true],
  ["\u4e16\u754c  12", true],
  ["a  \u4e16\u754c", false],
  ["\u4e16\u754c, \u4e16\u754c", false],
  ["a | b", false],
])("columns behind wide characters: %j", (text, expected) =>
  expect(isAligned(text)).toBe(expected),
);

const bare = (text: string): string[] => screenRows(text).map(plain);
const UP = "\x1b[A";

test.each<[string, string, string[]]>([
  ["nothing", "", []],
  ["a prompt", "name? ", ["name? "]],
  ["a bar redrawn", "\r 10%|#  |\r 20%|## |", [" 20%|## |"]],
  ["a shorter text over a longer one", "\rabcdef\rxy", ["xy"]],
  ["a row erased and drawn", "\rabcdef\r\x1b[Kxy", ["xy"]],
  ["two bars of tqdm", `\rinner 1%${UP}\router 5%`, ["outer 5%", "inner 1%"]],
  [
    "three rows of rich",
    "\r\x1b[2K\x1b[1A\x1b[2Ka 1%\nb 2%\nc 3%\r\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2Ka 5%\nb 6%\nc 7%",
    ["a 5%", "b 6%", "c 7%"],
  ],
  ["backspaces of a spinner", "work |\b/\b-", ["work -"]],
  ["a trailing return", "abc\r", ["abc"]],
  ["columns", "abc\x1b[1GX\x1b[3CY", ["Xbc Y"]],
])("%s", (_, text, expected) => expect(bare(text)).toEqual(expected));

test("colours stay with their text", () => {
  expect(screenRows("\r\x1b[31mred\x1b[0m\b\b\b\x1b[32mg")).toEqual([
    "\x1b[0m\x1b[32mg\x1b[0m\x1b[31med\x1b[0m\x1b[32m",
  ]);
});
test("hostile moves stay within bounds", () => {
  expect(screenRows(`${"\n".repeat(9_999)}a\x1b[9999A\x1b[9999Cb`).length).toBeLessThan(80);
  expect(screenRows(`\r${"x".repeat(100_000)}`)[0]?.length).toBeLessThanOrEqual(70_000);
});
