import { describe, expect, test } from "vitest";
import { trueHost, trueTarget } from "../src/base/href.js";
import { parseAnsi } from "../src/text/ansi.js";
import { findLocations } from "../src/text/file-locations.js";
import { findUrls } from "../src/text/find-urls.js";
import { partsOf } from "../src/text/link-targets.js";
import { milliseconds } from "./support/processor-time.js";

const ESC = "\x1b";

describe("URLs in plain text", () => {
  test.each<[text: string, ...shown: string[]]>([
    ["wandb: View run at https://wandb.ai/me/p/runs/3f9", "https://wandb.ai/me/p/runs/3f9"],
    ["TensorBoard 2.1 at http://localhost:6006/ (Press CTRL+C to quit)", "http://localhost:6006/"],
    ["Uvicorn running on http://0.0.0.0:8000.", "http://0.0.0.0:8000"],
    ["See (https://example.org/a), or not", "https://example.org/a"],
    ["https://en.wikipedia.org/wiki/Foo_(bar)", "https://en.wikipedia.org/wiki/Foo_(bar)"],
    ["(https://en.wikipedia.org/wiki/Foo_(bar)).", "https://en.wikipedia.org/wiki/Foo_(bar)"],
    [
      "[docs](https://example.org/x) and [https://example.org/y]",
      "https://example.org/x",
      "https://example.org/y",
    ],
    ["<https://example.org/x>;", "https://example.org/x"],
    [
      "\"https://example.org/x\", 'https://example.org/y'",
      "https://example.org/x",
      "https://example.org/y",
    ],
    ["**https://example.org/x**!?", "https://example.org/x"],
    ["http://[::1]:8080/a?b=c#d", "http://[::1]:8080/a?b=c#d"],
    ["at http://[2001:db8::1]:80.", "http://[2001:db8::1]:80"],
    ["https://example.org/?q=a,b;c=d&e=%20f#L1-L2", "https://example.org/?q=a,b;c=d&e=%20f#L1-L2"],
    [
      "https://a.example/,https://b.example/;http://c.example",
      "https://a.example/",
      "https://b.example/",
      "http://c.example",
    ],
    [
      "https://example.org/login?next=https://example.org/x",
      "https://example.org/login?next=https://example.org/x",
    ],
    ["HTTPS://EXAMPLE.ORG/A", "HTTPS://EXAMPLE.ORG/A"],
    ["{'url': 'https://example.org/x'}", "https://example.org/x"],
    ['{"url":"https://example.org/?a=1\\u0026b=2","c":1}', "https://example.org/?a=1\\u0026b=2"],
    ["https://example.org/a\\nnext", "https://example.org/a"],
    ["见 https://example.org/路径，然后", "https://example.org/路径"],
    ["打开https://example.org查看", "https://example.org"],
    ["https://b\u00fccher.example/x", "https://b\u00fccher.example/x"],
    ["https://example.org/\u05d0\u05d1/x", "https://example.org/"],
    ["| https://example.org/x | ok |", "https://example.org/x"],
    ["https://example.org/{id}/x", "https://example.org/"],
    ["git+https://example.org/x", "https://example.org/x"],
    ["xhttps://example.org"],
    ["https:// http:/// https://... http://%s:%d https://<host>/ https://{host}/"],
    ["ftp://example.org javascript://example.org/%0aalert(1) file:///etc/passwd"],
    [
      "https://google.com@evil.example/ https://user:pass@evil.example " +
        "https://google.com:443@evil.example",
    ],
    [`https://example.org/${"x".repeat(3_000)}`],
  ])("%s", (text, ...shown) =>
    expect(findUrls(text).map(({ start, end }) => text.slice(start, end))).toEqual(shown),
  );

  test("an ampersand escaped by JSON is an ampersand", () =>
    expect(findUrls("https://example.org/?a=1\\u0026b=2")[0]?.href).toBe(
      "https://example.org/?a=1&b=2",
    ));

  test.each<[string, (size: number) => string]>([
    ["nothing but beginnings", (size) => "https://".repeat(size / 8)],
    ["beginnings with hosts", (size) => "https://a".repeat(size / 9)],
    ["one long address", (size) => `https://${"a".repeat(size)}`],
    ["brackets", (size) => `https://a/${"(".repeat(size)}`],
    ["closing brackets", (size) => `https://a/${")".repeat(size)}`],
    ["many short ones", (size) => "http://a ".repeat(size / 9)],
    ["dots", (size) => `http://a${".".repeat(size)}`],
    ["suffixes", (size) => ".py:1".repeat(size / 5)],
    ["a long path", (size) => `${"a/".repeat(size / 2)}b.py:1`],
    ["quoted beginnings", (size) => 'File "'.repeat(size / 6)],
    ["beginnings of IPython", (size) => "File a".repeat(size / 6)],
    ["blanks", (size) => " ".repeat(size)],
  ])("1 MiB of %s costs time in proportion", (_, make) => {
    const text = make(1 << 20);
    let parts: ReturnType<typeof partsOf> = [];
    const taken = milliseconds(() => {
      parts = partsOf([{ text, style: undefined }]);
    });
    expect(taken).toBeLessThan(500);
    expect(parts.length).toBeLessThan(1_000);
    expect(parts.flatMap(({ spans }) => spans.map((span) => span.text)).join("") === text).toBe(
      true,
    );
  });
});

describe("the hidden part of a target is shown beside its link", () => {
  test.each<[printed: string, href: string, beside: string | undefined]>([
    ["https://Example.org/x", "https://example.org/x", undefined],
    ["http://localhost:6006", "http://localhost:6006/", undefined],
    ["http://[::1]:80/", "http://[::1]/", undefined],
    ["https://b\u00fccher.example/", "https://xn--bcher-kva.example/", "xn--bcher-kva.example"],
    ["https://\u0430pple.com/", "https://xn--pple-43d.com/", "xn--pple-43d.com"],
    ["http://2130706433/", "http://127.0.0.1/", "127.0.0.1"],
    ["http://0x7f.1/", "http://127.0.0.1/", "127.0.0.1"],
  ])("printed: %s", (printed, href, beside) => expect(trueHost(printed, href)).toBe(beside));

  test.each<[text: string, href: string, beside: string | undefined]>([
    ["the docs", "https://example.org/docs", undefined],
    ["docs v1.2.3 (new)", "https://example.org/docs", undefined],
    ["example.org", "https://example.org/docs", undefined],
    ["example.org", "https://docs.example.org/", undefined],
    ["www.example.org", "https://example.org/", undefined],
    ["https://example.org", "https://example.org/", undefined],
    ["See https://example.org/docs.", "https://example.org/docs", undefined],
    ["https://example.org/docs", "https://example.org/other", "example.org/other"],
    ["https://bank.example", "https://evil.example/x?y", "evil.example/x?y"],
    ["bank.example", "https://evil.example/", "evil.example"],
    ["bank.example", "https://bank.example.evil.example/", "bank.example.evil.example"],
    ["www.bank.example/login", "https://evil.example/bank.example", "evil.example/bank.example"],
    ["Bank: (bank.example)", "https://evil.example/", "evil.example"],
    ["10.0.0.1", "https://evil.example/", "evil.example"],
    ["http://localhost:6006", "https://evil.example/", "evil.example"],
    ["(https://bank.example)", "https://evil.example/", "evil.example"],
    ["b\u00e4nk.example", "https://evil.example/", "evil.example"],
    ["ftp://bank.example", "https://evil.example/", "evil.example"],
    ["click", "https://xn--pple-43d.com/", "xn--pple-43d.com"],
    [
      "https://bank.example/",
      `https://evil.example/${"x".repeat(200)}`,
      `evil.example/${"x".repeat(47)}\u2026`,
    ],
  ])("of a program: %s to %s", (text, href, beside) => expect(trueTarget(text, href)).toBe(beside));
});

describe("file locations", () => {
  const places = (text: string): string[] =>
    findLocations(text).map(
      ({ path, line, column }) => `${path}|${line}${column === undefined ? "" : `|${column}`}`,
    );

  test.each<[text: string, ...places: string[]]>([
    ['  File "/home/ann/my project/train.py", line 7, in fit', "/home/ann/my project/train.py|7"],
    ['  File "train.py", line 7', "train.py|7"],
    ["File ~/my project/train.py:7, in fit(x)", "~/my project/train.py|7"],
    ["File train.py:7", "train.py|7"],
    ["> /home/ann/train.py(7)fit()", "/home/ann/train.py|7"],
    ["tests/test_x.py:12: AssertionError", "tests/test_x.py|12"],
    ["src/a.py:7:3: error: bad", "src/a.py|7|3"],
    ["a.c:7:3: warning", "a.c|7|3"],
    ["src/a.ts(7,3): error TS2304", "src/a.ts|7|3"],
    ["    at f (/a/b.js:3:5)", "/a/b.js|3|5"],
    ["    at file:///a/b.mjs:3:5", "/a/b.mjs|3|5"],
    ["    at com.example.Train.main(Train.java:12)", "Train.java|12"],
    ["\t/a/main.go:12 +0x1d", "/a/main.go|12"],
    ["   at ./src/main.rs:3:5", "./src/main.rs|3|5"],
    ["/a/x.py:12: UserWarning: old", "/a/x.py|12"],
    ["path=train.py:7, other=b.py:8", "train.py|7", "b.py|8"],
    ["2025-01-01 12:30:45 [train.py:42] INFO", "train.py|42"],
    ["\u6570\u636e/\u8bad\u7ec3.py:7", "\u6570\u636e/\u8bad\u7ec3.py|7"],
    ['  File "<frozen importlib._bootstrap>", line 241, in f'],
    ['  File "<stdin>", line 1'],
    ["    at node:internal/modules/cjs/loader:1105:14"],
    ["12:30:45 10.0.0.1:80 localhost:8080 example.org:80 .py:7 v1.2:3 x.py:12ms a.py"],
    ["webpack:///src/a.js:3"],
  ])("%s", (text, ...found) => expect(places(text)).toEqual(found));

  test("the link covers the path and its numbers", () => {
    const text = '  File "train.py", line 7, in fit';
    expect(findLocations(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      'train.py", line 7',
    ]);
  });
});

describe("parts of a line", () => {
  const parts = (text: string, isCut = false) =>
    partsOf(parseAnsi(text), isCut).map(({ spans, target }) => {
      const to =
        target === undefined ? "" : target.kind === "url" ? target.href : target.place.path;
      return [spans.map((span) => span.text).join("|"), to];
    });

  test("a URL in which colours change is one link", () =>
    expect(parts(`at ${ESC}[1mhttp://${ESC}[32mlocalhost${ESC}[0m:6006/x, yes`)).toEqual([
      ["at ", ""],
      ["http://|localhost|:6006/x", "http://localhost:6006/x"],
      [", yes", ""],
    ]));
  test("a location in which colours change is one link", () =>
    expect(parts(`  File ${ESC}[35m"/a/x.py"${ESC}[0m, line ${ESC}[35m7${ESC}[0m, in f`)).toEqual([
      ['  File |"', ""],
      ['/a/x.py"|, line |7', "/a/x.py"],
      [", in f", ""],
    ]));
  test("a URL with a port is not a file location", () =>
    expect(parts("http://h/a.py:80 b.py:8")).toEqual([
      ["http://h/a.py:80", "http://h/a.py:80"],
      [" ", ""],
      ["b.py:8", "b.py"],
    ]));
  test("an OSC 8 link stays one link, and its text is not searched", () =>
    expect(
      parts(
        `${ESC}]8;;https://evil.example/${ESC}\\https://${ESC}[1mbank.example/${ESC}]8;;${ESC}\\/x`,
      ),
    ).toEqual([
      ["https://|bank.example/", "https://evil.example/"],
      ["/x", ""],
    ]));
  test("a URL ends at an invisible character", () =>
    expect(parts("https://example.org/\u202egpj.exe")).toEqual([
      ["https://example.org/", "https://example.org/"],
      ["RLO|gpj.exe", ""],
    ]));
  test("a URL at the end of a cut line is not a link", () => {
    expect(parts("http://a.example http://b.exam", true)).toEqual([
      ["http://a.example", "http://a.example/"],
      [" http://b.exam", ""],
    ]);
    expect(parts("http://b.exam", false)).toEqual([["http://b.exam", "http://b.exam/"]]);
  });
});
