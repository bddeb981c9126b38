import { expect, test } from "vitest";
import { plainText } from "../src/ansi.js";
import { screenRows } from "../src/pending-screen.js";

const shown = (text: string): string[] => screenRows(text).map(plainText);
const UP = "\x1b[A";

test.each<[string, string, string[]]>([
  ["nothing", "", []],
  ["a prompt", "name? ", ["name? "]],
  ["a bar redrawn", "\r 10%|#  |\r 20%|## |", [" 20%|## |"]],
  ["a shorter text over a longer one", "\rabcdef\rxy", ["xycdef"]],
  ["a row erased and drawn", "\rabcdef\r\x1b[Kxy", ["xy"]],
  ["two bars of tqdm", `\rinner 1%${UP}\router 5%`, ["outer 5%", "inner 1%"]],
  ["three rows of rich", `\r\x1b[2K\x1b[1A\x1b[2Ka 1%\nb 2%\nc 3%\r\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2Ka 5%\nb 6%\nc 7%`, ["a 5%", "b 6%", "c 7%"]],
  ["backspaces of a spinner", "work |\b/\b-", ["work -"]],
  ["a trailing return", "abc\r", ["abc"]],
  ["columns", "abc\x1b[1GX\x1b[3CY", ["Xbc Y"]],
])("%s", (_, text, expected) => expect(shown(text)).toEqual(expected));

test("colours stay with their text", () => {
  expect(screenRows("\r\x1b[31mred\x1b[0m\r\x1b[32mg")).toEqual(["\x1b[0m\x1b[32mg\x1b[0m\x1b[31med"]);
});
test("hostile moves stay within bounds", () => {
  expect(screenRows(`${"\n".repeat(9_999)}a\x1b[9999A\x1b[9999Cb`).length).toBeLessThan(80);
  expect(screenRows(`\r${"x".repeat(100_000)}`)[0]?.length).toBeLessThanOrEqual(2_000);
});
