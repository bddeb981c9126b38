import { describe, expect, test } from "vitest";
import { findBlocks, Folds } from "../src/folding/fold.js";
import type { Line } from "../src/base/protocol.js";
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
const CHAINED = [...PYTHON, "", "During handling of the above exception, another exception occurred:", "", ...PYTHON.slice(0, -1), "RuntimeError: no luck"];
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
const NODE = ["TypeError: x is not a function", "    at f (/srv/a.js:3:5)", "    at Object.<anonymous> (/srv/a.js:9:1)", "    at node:internal/main:23:47"];
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
const RUST = ["thread 'main' panicked at src/main.rs:2:5:", "boom", "stack backtrace:", "   0: rust_begin_unwind", "             at /rustc/1/lib.rs:1:2", "   1: main"];
const UP = "\x1b[A";
const TQDM = ["outer:  0%|  | 0/2", `inner:  0%|  | 0/3${UP}`, `inner: 33%|# | 1/3${UP}`, `${UP}outer: 50%|# | 1/2`, `inner:  0%|  | 0/3${UP}`, `${UP}outer: 100%|##| 2/2`];
const RICH = (() => {
  const frame = (a: number, b: number): string[] => [`\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2Ka \u2501\u2501 ${a}%`, `b \u2501\u2578 ${b}%`];
  return ["\x1b[2Ka \u2501 0%", "b \u2501 0%", ...frame(10, 0), ...frame(20, 10), "c \u2501 100%"];
})();

/** As the server sends it: the moves are no longer in the text. */
function resolved(raw: string): Pick<Line, "text" | "drawn"> {
  const ups = raw.replaceAll("\x1b[1A", UP).split(UP).length - 1;
  const text = raw.replace(/\x1b\[\d?[AK]/g, "");
  return ups ? { text, drawn: [raw.startsWith("\x1b[2K\x1b[1A") ? 1 : 0, raw.endsWith(UP) ? 0 : -ups, -ups] } : { text };
}

function log(texts: readonly string[], stream: Line["stream"] = "stderr"): (n: number) => Line | undefined {
  return (n) => {
    const text = texts[n];
    return text === undefined ? undefined : { n, stamp: n, level: "ERROR", stream, ...resolved(text), length: text.length };
  };
}

function blocks(texts: readonly string[], first = 0): [kind: string, first: number, last: number, shown: readonly number[], repeats: number][] {
  return findBlocks(log(texts), first, texts.length - 1, texts.length).map((block) => [block.kind, block.first, block.last, block.shown, block.repeats]);
}

describe("what is folded to its head and its exception", () => {
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
    expect(blocks(["before", ...texts, "after"])).toEqual([["trace", 1, texts.length, shown.map((n) => n + 1), 1]]);
  });
  test("Rust", () => expect(blocks([...RUST, "after"])).toEqual([["trace", 2, 5, [2], 1]]));
});

describe("what is not folded", () => {
  test.each<[string, string[]]>([
    ["lines that are no trace", ["at first", "  at home", "nothing"]],
    ["a trace that has not ended", PYTHON.slice(0, -1)],
    ["a trace of one frame", ["TypeError: x", "    at f (a.js:1:1)", "after"]],
    ["a panic that is only a word", ["panic: at the disco", "said the song"]],
    ["one bar", ["a  10%|# |", "a  20%|##|"]],
  ])("%s", (_, texts) => expect(blocks(texts)).toEqual([]));
});

describe("the same again", () => {
  test("one after the other is one with a count", () => expect(blocks([...PYTHON, ...PYTHON, ...PYTHON, "x"])).toEqual([["trace", 0, 20, [0, 6], 3]]));
  test("also with a record before each that differs in numbers", () => {
    const record = (n: number): string[] => [`12:00:0${n} ERROR job ${n} failed`, ...PYTHON];
    expect(blocks([...record(1), ...record(2), "x"])).toEqual([["trace", 1, 15, [1, 7], 2]]);
  });
  test("another exception is another trace", () => {
    expect(blocks([...PYTHON, ...PYTHON.slice(0, -1), "KeyError: 1"]).map(([, first, last]) => [first, last])).toEqual([[0, 6], [7, 13]]);
  });
});

describe("bars drawn over each other", () => {
  test("tqdm, nested: the newest drawing of each stays", () => expect(blocks(TQDM)).toEqual([["redraw", 0, 5, [4, 5], 1]]));
  test("rich: the newest drawing of each row stays", () => expect(blocks([...RICH, "done"])).toEqual([["redraw", 0, 6, [4, 5, 6], 1]]));
  test("docker build: frames of all rows, then the output", () => {
    const frame = (rows: number, time: string): string[] => [
      `${UP.repeat(rows)}[+] Building ${time}s (2/3)`, ` => [1/2] FROM alpine ${time}s`, ` => [2/2] RUN make ${time}s`,
    ];
    expect(blocks([...frame(0, "0.1"), ...frame(3, "0.2"), ...frame(3, "0.3"), "done"])).toEqual([["redraw", 0, 8, [6, 7, 8], 1]]);
  });
  test("docker build: frames that grow", () => {
    const texts = ["[+] 0.1s", `${UP}[+] 0.2s`, " => a 0.1s", `${UP}${UP}[+] 0.3s`, " => a 0.2s", " => b 0.1s", `${UP}${UP}${UP}[+] 0.4s`, " => a", " => b", "done"];
    expect(blocks(texts)).toEqual([["redraw", 0, 8, [6, 7, 8], 1]]);
  });
  test("tqdm with logging: records stand above the bars", () => {
    const texts = ["epoch: 0%|", `batch: 0%|${UP}`, `${UP}12:00 INFO step 1`, "epoch: 0%|", `batch: 5%|${UP}`, `${UP}12:01 INFO step 2`, "epoch: 0%|", `batch: 9%|${UP}`];
    expect(blocks(texts).flatMap(([, , , shown]) => shown)).toEqual([2, 5, 6, 7]);
  });
  test("a record that a bar is drawn over stays", () => {
    const texts = ["bar: 1%|", `${UP}12:00 ERROR disk failed`, `${UP}bar: 2%|`, `${UP}bar: 3%|`, "done"];
    expect(blocks(texts)).toEqual([["redraw", 0, 3, [1, 3], 1]]);
  });
  test("and shows once, when it is drawn again with other times", () => {
    const texts = ["bar: 1%|", `${UP}ERROR RUN make 1.1s`, `${UP}ERROR RUN make 1.2s`, `${UP}ERROR RUN make 1.3s`];
    expect(blocks(texts)).toEqual([["redraw", 0, 3, [3], 1]]);
  });
  test("a flood of them is folded", () => {
    const flood = Array.from({ length: 900 }, (_, i) => `inner: ${i % 100}%|#|${UP}`);
    expect(blocks(["outer: 1%| |", ...flood])).toEqual([["redraw", 0, 900, [0, 900], 1]]);
  });
});

type Printed = readonly [stream: Line["stream"], text: string, ...drawn: number[]];

/** As the server sends it. */
function printed(lines: readonly Printed[]): (n: number) => Line | undefined {
  return (n) => {
    const [stream, text, ...drawn] = lines[n] ?? [];
    if (stream === undefined || text === undefined) return undefined;
    const how = drawn.length ? { drawn: drawn as unknown as NonNullable<Line["drawn"]> } : {};
    return { n, stamp: n, level: "INFO", stream, text, length: text.length, ...how };
  };
}

function head(lines: readonly Printed[]): unknown[] {
  const found = findBlocks(printed(lines), 0, lines.length - 1, lines.length);
  return found.map((block) => [block.first, block.last, block.shown, block.head]);
}

const TRAINING: readonly Printed[] = [
  ["stderr", "epochs:   0%|   | 0/2"],
  ["stderr", "epoch 0:  35%|## | 14/40", 0, 0, -1, -1],
  ["stderr", "12:00 INFO step 20", 0, -1, -1, 0],
  ["stderr", "epochs:   0%|   | 0/2"],
  ["stdout", "epoch 0: val_loss 0.5"],
  ["stderr", "epoch 0:  88%|## | 35/40", 0, 0, -1],
  ["stderr", "epochs:  50%|#  | 1/2", 1, -1, -1, 0],
  ["stdout", "epoch 1: val_loss 0.2"],
  ["stderr", "epoch 1:  15%|#  | 6/40", 0, 0, -1],
  ["stderr", "epochs: 100%|###| 2/2", 1, -1, -1, 0],
  ["stderr", "12:02 INFO done"],
];

describe("a screen for each stream", () => {
  test("what the other one prints between two drawings does not part them", () => {
    expect(head(TRAINING)).toEqual([[0, 10, [2, 9, 10], 9]]);
  });
  test("lines of the other one stay", () => {
    const folds = new Folds(printed(TRAINING));
    folds.renew(TRAINING.length);
    expect(TRAINING.map((_, n) => n).filter((n) => !folds.isHidden(n))).toEqual([2, 4, 7, 9, 10]);
    folds.toggle(0);
    expect(TRAINING.some((_, n) => folds.isHidden(n))).toBe(false);
  });
  test("two of them draw at the same time", () => {
    const bars = (stream: Line["stream"], name: string): Printed[] => [
      [stream, `${name} outer: 0%`],
      [stream, `${name} inner: 0%`, 0, 0, -1],
      [stream, `${name} inner: 9%`, 0, 0, -1],
    ];
    const [out, err] = [bars("stdout", "a"), bars("stderr", "b")];
    const lines = out.flatMap((line, i) => [line, err[i] as Printed]);
    expect(head(lines)).toEqual([[0, 4, [0, 4], 4], [1, 5, [1, 5], 5]]);
  });
  test("the end is that of a stream, not of the log", () => {
    const folds = new Folds(printed([...TRAINING.slice(0, 6), ["stdout", "more"]]));
    folds.renew(7);
    expect([folds.endsDrawn(), folds.isLast(5), folds.isLast(6)]).toEqual([true, true, false]);
    folds.toggle(0);
    expect(folds.endsDrawn()).toBe(false);
  });
  test("no lines, no end", () => expect(new Folds(printed([])).endsDrawn()).toBe(false));
});

describe("the button stands on the row whose drawings are folded", () => {
  test("not on a record above the bars", () => {
    const folds = new Folds(printed(TRAINING));
    folds.renew(TRAINING.length);
    expect(TRAINING.map((_, n) => n).filter((n) => folds.button(n))).toEqual([9]);
    expect(folds.button(9)?.block).toMatchObject({ size: 9, shown: [2, 9, 10] });
  });
  test("rich: a text printed above", () => {
    const frame = (a: number, ...text: string[]): Printed[] => [
      ...[...text, `Down ${a}%`].map((line, i): Printed => {
        return ["stdout", line, ...(i ? [] : [0, -2, -2, -1, 0])];
      }),
      ["stdout", `Up ${a}%`],
    ];
    const begin: Printed[] = [["stdout", "Down 0%"], ["stdout", "Up 0%"]];
    const lines = [...begin, ...frame(1), ...frame(2, "half way"), ...frame(3)];
    expect(head(lines)).toEqual([[0, 8, [4, 7, 8], 7]]);
  });
  test("where nothing of it is left, on what took its place", () => {
    const bars: Printed[] = [["stderr", "one: 1%"], ["stderr", "two: 1%"]];
    expect(head([...bars, ["stderr", "done", 0, -2, -2, -1, 0]])).toEqual([[0, 2, [2], 2]]);
  });
});

describe("rows that were emptied", () => {
  test("listr: a frame with fewer rows than the one before", () => {
    const lines: Printed[] = [
      ["stdout", "Lint"],
      ["stdout", "Test"],
      ["stdout", "> test 4"],
      ["stdout", "Lint", 0, -3, -3, -2, -1, 0],
      ["stdout", "Test"],
    ];
    expect(head(lines)).toEqual([[0, 4, [3, 4], 3]]);
  });
  test("docker build: rows of blanks", () => {
    const frame: Printed[] = [["stderr", "[+] 1s"], ["stderr", "=> a"]];
    const next: Printed[] = [["stderr", "[+] 2s", 0, -2, -2], ["stderr", " ".repeat(40)]];
    const lines: Printed[] = [...frame, ...next, ["stderr", "end"]];
    expect(head(lines)).toEqual([[0, 3, [2], 2]]);
  });
  test("all of them: the last line stays, so that the drawings can be reached", () => {
    const bars: Printed[] = [["stderr", "one: 1%"], ["stderr", "two: 1%", 0, 0, -1]];
    const lines: Printed[] = [...bars, ["stderr", "", 0, 0, -1, -1, 0]];
    expect(head(lines)).toEqual([[0, 2, [2], 2]]);
  });
  test("a problem among them stays", () => {
    const before: Printed[] = [["stderr", "bar: 1%"], ["stderr", "ERROR disk"]];
    const lines: Printed[] = [...before, ["stderr", "bar: 2%", 0, -2, -2, -1, 0]];
    const get = (n: number): Line | undefined => {
      const line = printed(lines)(n);
      return line && { ...line, level: n === 1 ? "ERROR" : "INFO" };
    };
    expect(findBlocks(get, 0, 2, 3).map(({ shown }) => shown)).toEqual([[1, 2]]);
  });
});

test("bars in positions (conda): their first drawings are folded, too", () => {
  const bar = (name: string, part: number): string => {
    return `${name} | 8.2 MB | ${"#".repeat(part).padEnd(90)} | ${part}% `;
  };
  const round = (part: number): Printed[] => [
    ["stdout", bar("numpy", part)], ["stdout", bar("openblas", part), 0, 0, -1], ["stdout", ""],
  ];
  const end: Printed[] = [
    ["stdout", bar("numpy", 90), 1, -2, -2],
    ["stdout", bar("openblas", 90)],
    ["stdout", bar("python", 90)],
  ];
  const lines = [...round(0), ...round(40), ...end];
  lines[3] = ["stdout", bar("numpy", 40), 1, -2, -2];
  expect(head(lines)).toEqual([[0, 8, [6, 7, 8], 6]]);
});

test("a window finds the same as a look at the whole", () => {
  const texts = [...Array<string>(700).fill("line"), ...CHAINED, ...Array<string>(700).fill("line")];
  expect(blocks(texts, 710)).toEqual(blocks(texts));
});

test("other streams between are left where they are", () => {
  const get = (n: number): Line | undefined => log(n === 3 ? { 3: "out" } as never : [...PYTHON.slice(0, 3), "", ...PYTHON.slice(3)], n === 3 ? "stdout" : "stderr")(n);
  expect(findBlocks(get, 0, 7, 8)).toEqual([]); // not one block: it is not known what belongs to what
});

test("a person opens and closes a block", () => {
  const folds = new Folds(log(PYTHON));
  folds.renew(PYTHON.length);
  expect([0, 1, 6].map((n) => folds.isHidden(n))).toEqual([false, true, false]);
  expect(folds.button(0)).toMatchObject({ open: false });
  folds.toggle(0);
  expect(folds.isHidden(1)).toBe(false);
  expect(folds.button(0)).toMatchObject({ open: true });
  expect(folds.button(6)).toBeUndefined();
});

test("a million-fold hostile log costs time in proportion", () => {
  const texts = Array<string>(3_000).fill("Traceback (most recent call last):");
  const ups = Array<string>(3_000).fill(`${UP.repeat(50)}x`);
  const taken = milliseconds(() => {
    blocks(texts);
    blocks(ups);
  });
  expect(taken).toBeLessThan(2_000);
});
