import { describe, expect, test } from "vitest";
import type { Line } from "../src/base/protocol.js";
import { Folds, findBlocks } from "../src/folding/fold.js";
import { blocks, log, UP } from "./support/folded-log.js";
import { milliseconds } from "./support/processor-time.js";

const PYTHON = [
  "Traceback (most recent call last):",
  '  File "a.py", line 1, in <module>',
  "    work()",
  "    ~~~~^^",
  '  File "a.py", line 9, in work',
  "    1 / 0",
  "ZeroDivisionError: division by zero",
];
const CHAINED = [
  ...PYTHON,
  "",
  "During handling of the above exception, another exception occurred:",
  "",
  ...PYTHON.slice(0, -1),
  "RuntimeError: no luck",
];
const GROUP = [
  "  + Exception Group Traceback (most recent call last):",
  '  |   File "a.py", line 1, in <module>',
  "  |     raise ExceptionGroup('two', [...])",
  "  | ExceptionGroup: two (2 sub-exceptions)",
  "  +-+---------------- 1 ----------------",
  "    | ValueError: one",
  "    +---------------- 2 ----------------",
  "    | Traceback (most recent call last):",
  '    |   File "a.py", line 3, in f',
  "    | TypeError: two",
  "    +------------------------------------",
];
const JAVA = [
  'Exception in thread "main" java.lang.IllegalStateException: no book',
  "\tat com.example.Author.getBooks(Author.java:25)",
  "\tat com.example.Main.main(Main.java:14)",
  "Caused by: java.lang.NullPointerException: nothing here",
  "\tat com.example.Book.getId(Book.java:22)",
  "\t... 1 more",
];
const NODE = [
  "TypeError: x is not a function",
  "    at f (/srv/a.js:3:5)",
  "    at Object.<anonymous> (/srv/a.js:9:1)",
  "    at node:internal/main:23:47",
];
const GO = [
  "panic: runtime error: index out of range [5] with length 3",
  "",
  "goroutine 1 [running]:",
  "main.f(...)",
  "\t/tmp/a.go:8",
  "main.main()",
  "\t/tmp/a.go:4 +0x1d",
  "",
  "goroutine 6 [chan receive]:",
  "main.g(0xc000012345)",
  "\t/tmp/a.go:9 +0x2a",
  "created by main.main in goroutine 1",
  "\t/tmp/a.go:5 +0x11",
];
const RUST = [
  "thread 'main' panicked at src/main.rs:2:5:",
  "boom",
  "stack backtrace:",
  "   0: rust_begin_unwind",
  "             at /rustc/1/lib.rs:1:2",
  "   1: main",
];
describe("tracebacks are folded to head and exception", () => {
  test.each<[string, string[], number[]]>([
    ["Python", PYTHON, [0, 6]],
    ["chained Python", CHAINED, [0, 16]],
    ["an exception group", GROUP, [0, 3]],
    ["indented Python", PYTHON.map((line) => `    ${line}`), [0, 6]],
    ["coloured Python", PYTHON.map((line) => `\x1b[35m${line}\x1b[0m`), [0, 6]],
    ["Java", JAVA, [0, 3]],
    ["JavaScript", NODE, [0]],
    ["Go", GO, [0]],
  ])("%s", (_, texts, shown) => {
    expect(blocks(["before", ...texts, "after"])).toEqual([
      ["trace", 1, texts.length, shown.map((n) => n + 1), 1],
    ]);
  });
  test("Rust", () => expect(blocks([...RUST, "after"])).toEqual([["trace", 2, 5, [2], 1]]));
});

describe("not folded", () => {
  test.each<[string, string[]]>([
    ["lines that are no trace", ["at first", "  at home", "nothing"]],
    ["a trace that has not ended", PYTHON.slice(0, -1)],
    ["a trace of one frame", ["TypeError: x", "    at f (a.js:1:1)", "after"]],
    ["a panic that is only a word", ["panic: at the disco", "said the song"]],
    ["one bar", ["a  10%|# |", "a  20%|##|"]],
  ])("%s", (_, texts) => expect(blocks(texts)).toEqual([]));
});

describe("repeated tracebacks", () => {
  test("are one block with a count", () =>
    expect(blocks([...PYTHON, ...PYTHON, ...PYTHON, "x"])).toEqual([["trace", 0, 20, [0, 6], 3]]));
  test("also with records before them that differ in numbers", () => {
    const record = (n: number): string[] => [`12:00:0${n} ERROR job ${n} failed`, ...PYTHON];
    expect(blocks([...record(1), ...record(2), "x"])).toEqual([["trace", 1, 15, [1, 7], 2]]);
  });
  test("with another exception are another block", () => {
    expect(
      blocks([...PYTHON, ...PYTHON.slice(0, -1), "KeyError: 1"]).map(([, first, last]) => [
        first,
        last,
      ]),
    ).toEqual([
      [0, 6],
      [7, 13],
    ]);
  });
});

test("a part of the log yields the same blocks as the whole", () => {
  const texts = [
    ...Array<string>(700).fill("line"),
    ...CHAINED,
    ...Array<string>(700).fill("line"),
  ];
  expect(blocks(texts, 710)).toEqual(blocks(texts));
});

test("lines of other streams stay in place", () => {
  const get = (n: number): Line | undefined =>
    log(
      n === 3 ? ({ 3: "out" } as never) : [...PYTHON.slice(0, 3), "", ...PYTHON.slice(3)],
      n === 3 ? "stdout" : "stderr",
    )(n);
  // not one block: it is unknown which lines belong together
  expect(findBlocks(get, 0, 7, 8)).toEqual([]);
});

test("a person opens and closes a block", () => {
  const folds = new Folds(log(PYTHON));
  folds.update(PYTHON.length);
  expect([0, 1, 6].map((n) => folds.isHidden(n))).toEqual([false, true, false]);
  expect(folds.button(0)).toMatchObject({ open: false });
  folds.toggle(0);
  expect(folds.isHidden(1)).toBe(false);
  expect(folds.button(0)).toMatchObject({ open: true });
  expect(folds.button(6)).toBeUndefined();
});

test("a hostile log takes linear time", () => {
  const texts = Array<string>(3_000).fill("Traceback (most recent call last):");
  const ups = Array<string>(3_000).fill(`${UP.repeat(50)}x`);
  const taken = milliseconds(() => {
    blocks(texts);
    blocks(ups);
  });
  expect(taken).toBeLessThan(2_000);
});
