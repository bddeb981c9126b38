import { describe, expect, test } from "vitest";
import type { Line } from "../src/base/protocol.js";
import { Folds, findBlocks } from "../src/folding/fold.js";
import { blocks, UP } from "./support/folded-log.js";

const TQDM = [
  "outer:  0%|  | 0/2",
  `inner:  0%|  | 0/3${UP}`,
  `inner: 33%|# | 1/3${UP}`,
  `${UP}outer: 50%|# | 1/2`,
  `inner:  0%|  | 0/3${UP}`,
  `${UP}outer: 100%|##| 2/2`,
];
const RICH = (() => {
  const frame = (a: number, b: number): string[] => [
    `\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2Ka \u2501\u2501 ${a}%`,
    `b \u2501\u2578 ${b}%`,
  ];
  return ["\x1b[2Ka \u2501 0%", "b \u2501 0%", ...frame(10, 0), ...frame(20, 10), "c \u2501 100%"];
})();

describe("redrawn progress bars", () => {
  test("tqdm, nested: the newest frame of each stays", () =>
    expect(blocks(TQDM)).toEqual([["redraw", 0, 5, [4, 5], 1]]));
  test("rich: the newest frame of each row stays", () =>
    expect(blocks([...RICH, "done"])).toEqual([["redraw", 0, 6, [4, 5, 6], 1]]));
  test("docker build: frames of all rows, then the output", () => {
    const frame = (rows: number, time: string): string[] => [
      `${UP.repeat(rows)}[+] Building ${time}s (2/3)`,
      ` => [1/2] FROM alpine ${time}s`,
      ` => [2/2] RUN make ${time}s`,
    ];
    expect(blocks([...frame(0, "0.1"), ...frame(3, "0.2"), ...frame(3, "0.3"), "done"])).toEqual([
      ["redraw", 0, 8, [6, 7, 8], 1],
    ]);
  });
  test("docker build: frames that grow", () => {
    const texts = [
      "[+] 0.1s",
      `${UP}[+] 0.2s`,
      " => a 0.1s",
      `${UP}${UP}[+] 0.3s`,
      " => a 0.2s",
      " => b 0.1s",
      `${UP}${UP}${UP}[+] 0.4s`,
      " => a",
      " => b",
      "done",
    ];
    expect(blocks(texts)).toEqual([["redraw", 0, 8, [6, 7, 8], 1]]);
  });
  test("tqdm with logging: records stand above the bars", () => {
    const texts = [
      "epoch: 0%|",
      `batch: 0%|${UP}`,
      `${UP}12:00 INFO step 1`,
      "epoch: 0%|",
      `batch: 5%|${UP}`,
      `${UP}12:01 INFO step 2`,
      "epoch: 0%|",
      `batch: 9%|${UP}`,
    ];
    expect(blocks(texts).flatMap(([, , , shown]) => shown)).toEqual([2, 5, 6, 7]);
  });
  test("a record that a bar overwrites stays", () => {
    const texts = [
      "bar: 1%|",
      `${UP}12:00 ERROR disk failed`,
      `${UP}bar: 2%|`,
      `${UP}bar: 3%|`,
      "done",
    ];
    expect(blocks(texts)).toEqual([["redraw", 0, 3, [1, 3], 1]]);
  });
  test("and is shown once if it is redrawn with other times", () => {
    const texts = [
      "bar: 1%|",
      `${UP}ERROR RUN make 1.1s`,
      `${UP}ERROR RUN make 1.2s`,
      `${UP}ERROR RUN make 1.3s`,
    ];
    expect(blocks(texts)).toEqual([["redraw", 0, 3, [3], 1]]);
  });
  test("a flood of frames is folded", () => {
    const flood = Array.from({ length: 900 }, (_, i) => `inner: ${i % 100}%|#|${UP}`);
    expect(blocks(["outer: 1%| |", ...flood])).toEqual([["redraw", 0, 900, [0, 900], 1]]);
  });
});

type Printed = readonly [stream: Line["stream"], text: string, ...drawn: number[]];

/** As the server sends it. */
function printed(lines: readonly Printed[]): (n: number) => Line | undefined {
  return (n) => {
    const [stream, text, ...drawn] = lines[n] ?? [];
    if (stream === undefined || text === undefined) return;
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

describe("each stream has its own screen", () => {
  test("output of the other stream between two frames does not separate them", () => {
    expect(head(TRAINING)).toEqual([[0, 10, [2, 9, 10], 9]]);
  });
  test("lines of the other stream stay", () => {
    const folds = new Folds(printed(TRAINING));
    folds.update(TRAINING.length);
    expect(TRAINING.map((_, n) => n).filter((n) => !folds.isHidden(n))).toEqual([2, 4, 7, 9, 10]);
    folds.toggle(0);
    expect(TRAINING.some((_, n) => folds.isHidden(n))).toBe(false);
  });
  test("both streams draw at the same time", () => {
    const bars = (stream: Line["stream"], name: string): Printed[] => [
      [stream, `${name} outer: 0%`],
      [stream, `${name} inner: 0%`, 0, 0, -1],
      [stream, `${name} inner: 9%`, 0, 0, -1],
    ];
    const [out, err] = [bars("stdout", "a"), bars("stderr", "b")];
    const lines = out.flatMap((line, i) => [line, err[i] as Printed]);
    expect(head(lines)).toEqual([
      [0, 4, [0, 4], 4],
      [1, 5, [1, 5], 5],
    ]);
  });
  test("the end is the end of a stream, not of the log", () => {
    const folds = new Folds(printed([...TRAINING.slice(0, 6), ["stdout", "more"]]));
    folds.update(7);
    expect([folds.endsWithRedraw(), folds.isInLastRedraw(5), folds.isInLastRedraw(6)]).toEqual([
      true,
      true,
      false,
    ]);
    folds.toggle(0);
    expect(folds.endsWithRedraw()).toBe(false);
  });
  test("no lines, no end", () => expect(new Folds(printed([])).endsWithRedraw()).toBe(false));
});

describe("the button is on the row whose frames are folded", () => {
  test("not on a record above the bars", () => {
    const folds = new Folds(printed(TRAINING));
    folds.update(TRAINING.length);
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
    const begin: Printed[] = [
      ["stdout", "Down 0%"],
      ["stdout", "Up 0%"],
    ];
    const lines = [...begin, ...frame(1), ...frame(2, "half way"), ...frame(3)];
    expect(head(lines)).toEqual([[0, 8, [4, 7, 8], 7]]);
  });
  test("if nothing of it is left, on the row that replaced it", () => {
    const bars: Printed[] = [
      ["stderr", "one: 1%"],
      ["stderr", "two: 1%"],
    ];
    expect(head([...bars, ["stderr", "done", 0, -2, -2, -1, 0]])).toEqual([[0, 2, [2], 2]]);
  });
});

describe("rows that become empty", () => {
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
    const frame: Printed[] = [
      ["stderr", "[+] 1s"],
      ["stderr", "=> a"],
    ];
    const next: Printed[] = [
      ["stderr", "[+] 2s", 0, -2, -2],
      ["stderr", " ".repeat(40)],
    ];
    const lines: Printed[] = [...frame, ...next, ["stderr", "end"]];
    expect(head(lines)).toEqual([[0, 3, [2], 2]]);
  });
  test("all of them: the last line stays, so that the frames can be opened", () => {
    const bars: Printed[] = [
      ["stderr", "one: 1%"],
      ["stderr", "two: 1%", 0, 0, -1],
    ];
    const lines: Printed[] = [...bars, ["stderr", "", 0, 0, -1, -1, 0]];
    expect(head(lines)).toEqual([[0, 2, [2], 2]]);
  });
  test("a problem among them stays", () => {
    const before: Printed[] = [
      ["stderr", "bar: 1%"],
      ["stderr", "ERROR disk"],
    ];
    const lines: Printed[] = [...before, ["stderr", "bar: 2%", 0, -2, -2, -1, 0]];
    const get = (n: number): Line | undefined => {
      const line = printed(lines)(n);
      return line && { ...line, level: n === 1 ? "ERROR" : "INFO" };
    };
    expect(findBlocks(get, 0, 2, 3).map(({ shown }) => shown)).toEqual([[1, 2]]);
  });
});

test("bars at fixed positions (conda): their first frames are folded too", () => {
  const bar = (name: string, part: number): string => {
    return `${name} | 8.2 MB | ${"#".repeat(part).padEnd(90)} | ${part}% `;
  };
  const round = (part: number): Printed[] => [
    ["stdout", bar("numpy", part)],
    ["stdout", bar("openblas", part), 0, 0, -1],
    ["stdout", ""],
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
