import { describe, expect, test } from "vitest";
import { traceAt } from "../src/folding/fold-traces.js";
import { frameText, userFrame } from "../src/folding/user-frames.js";
import { contentsPath } from "../src/viewer/file-paths.js";
import { milliseconds } from "./support/processor-time.js";

/** The frame shown beside the exception of the first traceback in a text. */
function frameOf(text: string, folder?: string) {
  const lines = text.replace(/^\n/, "").split("\n");
  const at = (n: number) => lines[n];
  const trace = traceAt(0, at);
  if (!trace) return "no trace";
  const frame = userFrame(0, trace.shown.at(-1) ?? 0, trace.last, at, folder);
  return frame && [frameText(frame), frame.path];
}

const LIBRARY = `
Traceback (most recent call last):
  File "/home/ann/train.py", line 7, in <module>
    main()
  File "/home/ann/train.py", line 5, in main
    fit(x)
  File "/home/ann/model.py", line 42, in fit
    json.loads(x)
  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
    return _default_decoder.decode(s)
  File "/home/ann/.venv/lib/python3.11/site-packages/x/y.py", line 3, in decode
    raise ValueError
  File "<frozen importlib._bootstrap>", line 241, in _call
ValueError: no`;

describe("the deepest frame of the person's own code", () => {
  test("is neither the standard library's nor installed", () =>
    expect(frameOf(LIBRARY)).toEqual(["model.py:42 in fit", "/home/ann/model.py"]));
  test("is below the run's folder if there is one", () => {
    const text = LIBRARY.replace("/home/ann/model.py", "/opt/tools/model.py");
    expect(frameOf(text, "/home/ann")).toEqual(["train.py:5 in main", "/home/ann/train.py"]);
    expect(frameOf(text, "/srv")).toEqual(["model.py:42 in fit", "/opt/tools/model.py"]);
  });
  test("is otherwise the deepest of all", () =>
    expect(
      frameOf(
        [
          "Traceback (most recent call last):",
          '  File "/usr/lib/python3.11/a.py", line 1, in f',
          "    x",
          '  File "/usr/lib/python3.11/b.py", line 2, in g',
          "E: x",
        ].join("\n"),
      ),
    ).toEqual(["b.py:2 in g", "/usr/lib/python3.11/b.py"]));
  test("of a chain belongs to the shown exception", () => {
    const chain = `${LIBRARY.trim()}

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/home/ann/outer.py", line 9, in run
    fit()
RuntimeError: outer`;
    expect(frameOf(chain)).toEqual(["outer.py:9 in run", "/home/ann/outer.py"]);
  });
  test("with the markers of Python 3.11, and in a syntax error", () => {
    expect(
      frameOf(
        [
          "Traceback (most recent call last):",
          '  File "a.py", line 3, in f',
          "    x = 1 / 0",
          "        ~~^~~",
          "E: x",
        ].join("\n"),
      ),
    ).toEqual(["a.py:3 in f", "a.py"]);
    expect(
      frameOf(
        [
          "Traceback (most recent call last):",
          '  File "a.py", line 3, in f',
          "    import b",
          '  File "b.py", line 1',
          "    def",
          "       ^",
          "SyntaxError: x",
        ].join("\n"),
      ),
    ).toEqual(["b.py:1", "b.py"]);
  });
  test("in an exception group", () =>
    expect(
      frameOf(
        [
          "  + Exception Group Traceback (most recent call last):",
          '  |   File "/home/ann/a.py", line 3, in f',
          "  |     x",
          "  | ExceptionGroup: x (1 sub-exception)",
          "  +-+---------------- 1 ----------------",
          "    | ValueError: x",
          "    +------------------------------------",
        ].join("\n"),
      ),
    ).toEqual(["a.py:3 in f", "/home/ann/a.py"]));
  test("of IPython", () =>
    expect(
      frameOf(`
ZeroDivisionError                         Traceback (most recent call last)
Cell In[1], line 3
      1 import train
----> 3 train.fit(0)

File ~/proj/train.py:7, in fit(x)
      6 def fit(x):
----> 7     return np.mean(1 / x)

File ~/.venv/lib/python3.11/site-packages/numpy/core.py:12, in mean(x)
     12 raise

ZeroDivisionError: division by zero`),
    ).toEqual(["train.py:7 in fit", "~/proj/train.py"]));
  test("of Node, where it is at the top", () =>
    expect(
      frameOf(`
TypeError: x is not a function
    at node:internal/modules/run:12:3
    at parse (/home/ann/node_modules/x/index.js:1:2)
    at fit (/home/ann/train.js:3:5)
    at async file:///home/ann/main.mjs:9:1`),
    ).toEqual(["train.js:3 in fit", "/home/ann/train.js"]));
  test("of the JVM, by the last cause", () =>
    expect(
      frameOf(`
Exception in thread "main" java.lang.RuntimeException: x
\tat com.example.Outer.run(Outer.java:3)
Caused by: java.lang.IllegalStateException: y
\tat java.base/java.util.Objects.requireNonNull(Objects.java:233)
\tat com.example.Train.main(Train.java:12)
\t... 1 more`),
    ).toEqual(["Train.java:12 in Train.main", "Train.java"]));
  test.each([
    ["brackets", "(".repeat(1_000)],
    ["numbers", `    at ${":1".repeat(500)}`],
    ["suffixes", `    at ${".py:1".repeat(200)}`],
  ])("1,000 lines of %s cost little", (_, line) => {
    const lines = [
      "Traceback (most recent call last):",
      ...Array<string>(998).fill(`  ${line}`),
      "E: x",
    ];
    const taken = milliseconds(() => {
      userFrame(0, 999, 999, (n) => lines[n], undefined);
      userFrame(0, 0, 999, (n) => (n ? `    ${line}` : "E: x"), undefined);
    });
    expect(taken).toBeLessThan(300);
  });
});

describe("the path of a file in Jupyter", () => {
  const places = { cwd: "/home/ann/proj", home: "/home/ann", roots: ["/home/ann", "/mnt/ann"] };
  test.each<[path: string, found: string | undefined]>([
    ["train.py", "proj/train.py"],
    ["./src/../train.py", "proj/train.py"],
    ["../other/x.py", "other/x.py"],
    ["../../eve/x.py", undefined],
    ["/home/ann/x.py", "x.py"],
    ["/mnt/ann/a b.py", "a b.py"],
    ["/home/anna/x.py", undefined],
    ["/home/ann/../eve/x.py", undefined],
    ["/etc/passwd.py", undefined],
    ["~/x.py", "x.py"],
    ["~eve/x.py", undefined],
    ["/home/ann", undefined],
  ])("%s", (path, found) => expect(contentsPath(path, places)).toBe(found));
  test("of a server at the root directory", () =>
    expect(contentsPath("/x.py", { ...places, roots: ["/"] })).toBe("x.py"));
  test("where contents are not files", () =>
    expect(contentsPath("/home/ann/x.py", { ...places, roots: [] })).toBeUndefined());
  test("of a run whose folder is unknown", () =>
    expect(contentsPath("x.py", { ...places, cwd: null })).toBeUndefined());
});
