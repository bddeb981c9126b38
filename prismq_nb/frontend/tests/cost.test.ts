/**
 * Drawing a line takes linear time, whatever a program prints.
 *
 * Measured as a ratio of processor times: a text 16 times as long may take about 16 times as long,
 * not 256 times. What seems to grow faster is measured again.
 */

import { describe, expect, test } from "vitest";
import type { Line } from "../src/base/protocol.js";
import { findBlocks } from "../src/folding/fold.js";
import { barName, drawingOf } from "../src/folding/fold-redraws.js";
import { matcherOf } from "../src/search/search-match.js";
import { termsOf } from "../src/search/search-terms.js";
import { parseAnsi, plainText } from "../src/text/ansi.js";
import { isAligned, stretches } from "../src/text/cell-width.js";
import { legible } from "../src/text/color.js";
import { recordOf } from "../src/text/json-record.js";
import { formatJson, looksLikeJson } from "../src/text/json-text.js";
import { penAfter, plain, screenRows, shown } from "../src/text/terminal-text.js";
import { milliseconds } from "./support/processor-time.js";

const ESC = "\x1b";
const SMALL = 1_024;
const TIMES = 16;
/** Quadratic time would be 256. */
const MOST = 80;
/** Shorter times (ms) are noise. */
const LEAST_MS = 4;

/** Parts of lines: one of these repeated, or two in turn, in one of the frames. */
const ATOMS = [
  "a",
  " ",
  "\t",
  "\r",
  "\b",
  "\n",
  "\0",
  "\x07",
  "\x85",
  "\u200b",
  "\u202e",
  "\u0301",
  "\u{1f600}",
  "\ud83d",
  "\u2501",
  "\u2588",
  "0",
  "1.",
  " 1%",
  "1/1 ",
  "(",
  ")",
  "(a) ",
  "[",
  "]",
  "[]",
  "{",
  "}",
  '{"',
  '"',
  '\\"',
  '{"a":1},',
  "[1,",
  ":",
  "? ",
  "|",
  "--- ",
  " at x",
  "Traceback (most recent call last):",
  "goroutine 1 [",
  "created by ",
  'x lvl="',
  ESC,
  `${ESC}[`,
  `${ESC}[A`,
  `${ESC}[2K`,
  `${ESC}[1K`,
  `${ESC}[2J`,
  `${ESC}[2000Ga\r${ESC}[K`,
  `${ESC}[2000C`,
  `${ESC}[1mx`,
  `${ESC}[0mx`,
  `${ESC}[1;`,
  `${ESC}[38;5;1mx`,
  `${ESC}[38;2;1;2;3mx`,
  `${ESC}[1;3;4;7;38;2;1;2;3;48;2;3;2;1mx`,
  `${ESC}]`,
  `${ESC}]8;;`,
  `${ESC}]8;;http://x${ESC}\\a`,
  `${ESC}P`,
  `${ESC}(`,
  "\x9b",
  "\x9b1",
  "\x9d8;",
  "\x9c",
];
const FRAMES = [
  ["", ""],
  ["(a)", "x"],
  ['{"a": ', "x"],
  ["\r", "\x01"],
  ["panic: ", "!"],
  ["[", "]"],
] as const;

interface Shape {
  readonly name: string;
  make(size: number): string;
}

const SHAPES: readonly Shape[] = ATOMS.flatMap((atom, index) => {
  const other = ATOMS[(index * 7 + 3) % ATOMS.length] as string;
  const [before, after] = FRAMES[index % FRAMES.length] as readonly [string, string];
  const [before2, after2] = FRAMES[(index * 5 + 1) % FRAMES.length] as readonly [string, string];
  return [
    shape(atom, before, after),
    shape(atom, before2, after2),
    shape(atom + other, before, after),
  ];
});

function shape(atom: string, before: string, after: string): Shape {
  return {
    name: JSON.stringify([before, atom, after]),
    make: (size) => before + atom.repeat(Math.ceil(size / atom.length)) + after,
  };
}

const literal = matcherOf({ text: "aab", regex: false, case: false, word: false });
const several = matcherOf({ text: "a b -zz", regex: false, case: false, word: true });
const pattern = matcherOf({ text: "(a|b|ab)*c", regex: true, case: false, word: false });

const WORK: Readonly<Record<string, (text: string) => unknown>> = {
  parseAnsi,
  plainText,
  shown,
  plain,
  stretches,
  isAligned,
  penAfter: (text) => penAfter(text, ""),
  screenRows: (text) => screenRows(text).map((row) => parseAnsi(row)),
  looksLikeJson,
  recordOf,
  "a record of it": (text) =>
    recordOf(`{"msg":"x","a":${JSON.stringify(text)},"b":${text}}`) ??
    recordOf(`{"msg":"x","a":${JSON.stringify(text)}}`),
  formatJson,
  drawingOf: (text) => drawingOf({ text, level: "ERROR" }),
  barName,
  literal: (text) => literal?.find(text),
  pattern: (text) => pattern?.find(text),
  "several words": (text) => several?.find(text),
  terms: termsOf,
  "blocks of lines": (text) => blocks([text, text, text]),
  "blocks of a Python traceback": (text) =>
    blocks(["Traceback (most recent call last):", text, text]),
  "blocks of a Go panic": (text) => blocks(["panic: x", "", "goroutine 1 [running]:", text, text]),
  "blocks of a Java trace": (text) => blocks(["x", "  at y", text, text]),
};

function blocks(texts: readonly string[]): unknown {
  const lines = texts.map(
    (text, n): Line => ({
      n,
      stamp: 0,
      level: "INFO",
      stream: "stdout",
      text,
      length: text.length,
    }),
  );
  return findBlocks((n) => lines[n], 0, lines.length - 1, lines.length);
}

function best(work: () => unknown, tries: number): number {
  return Math.min(...Array.from({ length: tries }, () => milliseconds(work)));
}

function growth(work: (text: string) => unknown, { make }: Shape, tries: number): number {
  const [short, long] = [make(SMALL), make(SMALL * TIMES)];
  const most = best(() => work(long), tries);
  return most < LEAST_MS
    ? 1
    : most /
        Math.max(
          LEAST_MS / TIMES / 2,
          best(() => work(short), tries),
        );
}

describe.each(Object.entries(WORK))("%s", (_, work) => {
  test("takes linear time", () => {
    for (const each of SHAPES) work(each.make(64)); // compiled by now
    const suspects = SHAPES.filter((each) => growth(work, each, 1) > MOST);
    const guilty = suspects.filter((each) => growth(work, each, 5) > MOST);
    expect(guilty.map(({ name }) => name)).toEqual([]);
  });
});

describe("the elements of a row are bounded", () => {
  const size = 1 << 19;
  test.each([
    ["colours", `${ESC}[31mx${ESC}[32my`, 10_100],
    ["links", `${ESC}]8;;http://x${ESC}\\a${ESC}]8;;${ESC}\\b`, 20_100],
    ["signs", "a\0b\u202e", 1_100],
    ["the same colour again", `${ESC}[31mx`, 2],
  ])("%s", (_, atom, most) => {
    const text = atom.repeat(size / atom.length);
    const spans = parseAnsi(text);
    expect(spans.length).toBeLessThanOrEqual(most);
    expect(spans.map((span) => span.text).join("").length).toBeGreaterThan(1_000);
  });
  test("and a copy has all of the printed text", () => {
    const text = "a\0b\u202ec\x07\x7f".repeat(10_000);
    expect(plainText(text)).toBe(text);
  });
  test("rows of unfinished text add at most one colour per character", () => {
    const text = `\r${`${ESC}[1m${ESC}[3m${ESC}[4m${ESC}[38;2;1;2;3mx${ESC}[0my`.repeat(200)}`;
    expect(screenRows(text).join("").length).toBeLessThan(2 * text.length);
  });
  test("blanks before distant columns are bounded", () => {
    const rows = screenRows(`${ESC}[2000Ga\n`.repeat(1_000));
    expect(rows.join("").length).toBeLessThan(50_000);
  });
});

test("a colour made legible is cached, and is the nearest legible one", () => {
  expect(legible([255, 255, 0], [255, 255, 255])).toBe(legible([255, 255, 0], [255, 255, 255]));
  expect(legible([0, 0, 0], [255, 255, 255])).toEqual([0, 0, 0]);
});
