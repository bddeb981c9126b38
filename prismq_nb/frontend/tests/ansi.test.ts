import { describe, expect, test } from "vitest";
import { parseAnsi, plainText, type Style } from "../src/text/ansi.js";
import { milliseconds } from "./support/processor-time.js";

const ESC = "\x1b";
const shown = (text: string): string =>
  parseAnsi(text)
    .map((span) => span.text)
    .join("");
const styleOf = (parameters: string): Style | undefined =>
  parseAnsi(`${ESC}[${parameters}mx`)[0]?.style;

describe("SGR", () => {
  test.each<[string, Style | undefined]>([
    ["31", { fg: 1 }],
    ["97", { fg: 15 }],
    ["44", { bg: 4 }],
    ["103", { bg: 11 }],
    ["1;3;4;9", { bold: true, italic: true, underline: true, strike: true }],
    ["2;7", { dim: true, inverse: true }],
    ["38;5;9", { fg: 9 }],
    ["38;5;16", { fg: "rgb(0, 0, 0)" }],
    ["38;5;231", { fg: "rgb(255, 255, 255)" }],
    ["48;5;120", { bg: "rgb(135, 255, 135)" }],
    ["38;5;232", { fg: "rgb(8, 8, 8)" }],
    ["38;2;1;2;3", { fg: "rgb(1, 2, 3)" }],
    ["38:2:1:2:3", { fg: "rgb(1, 2, 3)" }],
    ["38:2::1:2:3", { fg: "rgb(1, 2, 3)" }],
    ["38;2;1;2;3;1", { fg: "rgb(1, 2, 3)", bold: true }],
    ["4:3", { underline: true }],
    ["4:0", undefined],
    ["31;0", undefined],
    ["", undefined],
    ["38;5;999", undefined],
    ["38;2;1;2", undefined],
    ["38;2;300;0;0", undefined],
    ["777", undefined],
  ])("ESC [ %s m", (parameters, expected) => expect(styleOf(parameters)).toEqual(expected));

  test("turning one attribute off keeps the others", () => {
    expect(parseAnsi(`${ESC}[1;31ma${ESC}[22mb${ESC}[39mc`)).toEqual([
      { text: "a", style: { bold: true, fg: 1 } },
      { text: "b", style: { fg: 1 } },
      { text: "c", style: undefined },
    ]);
  });
});

describe("other sequences are removed", () => {
  test.each([
    ["a scroll region", `a${ESC}[10;20rb`, "ab"],
    ["private modes", `a${ESC}[?25lb`, "ab"],
    ["SGR-like sequences that are not SGR", `a${ESC}[>4;2mb`, "ab"],
    ["a title", `a${ESC}]0;title\x07b`, "ab"],
    ["a title and its end", `a${ESC}]2;x${ESC}\\b`, "ab"],
    ["a device string", `a${ESC}Pq#0${ESC}\\b`, "ab"],
    ["a character set", `a${ESC}(Bb`, "ab"],
    ["8-bit introducers", "a\x9b31mb\x9d0;t\x9cc", "abc"],
    ["shifts of character sets", "a\x0e\x0fb", "ab"],
    ["a lone escape at the end", `a${ESC}`, "a"],
    ["an unfinished sequence at the end", `a${ESC}[31`, "a"],
  ])("%s", (_, text, expected) => expect(shown(text)).toBe(expected));

  test("a tab is kept", () => expect(shown("a\tb")).toBe("a\tb"));
  test("a line break inside a line becomes a sign", () =>
    expect(shown("a\u2028b\x0bc")).toBe("a\u21b5b\u21b5c"));
});

describe("bounds", () => {
  test("a string without an end hides nothing", () =>
    expect(shown(`a${ESC}]0;never ends`)).toBe("a0;never ends"));
  test("a string of any length is removed", () =>
    expect(shown(`${ESC}]${"x".repeat(5000)}\x07y`)).toBe("y"));
  test("a control sequence that is too long hides only its beginning", () =>
    expect(shown(`${ESC}[${"9".repeat(500)}m`)).toHaveLength(437));
  test("12,000 introducers take linear time", () => {
    const taken = milliseconds(() => {
      parseAnsi(`${ESC}]`.repeat(8_000));
      parseAnsi(`${ESC}[1m`.repeat(4_000));
    });
    expect(taken).toBeLessThan(1_000);
  });
});

describe("links", () => {
  const link = (address: string, text = "text"): string =>
    `${ESC}]8;;${address}${ESC}\\${text}${ESC}]8;;${ESC}\\`;
  const hrefs = (text: string): (string | undefined)[] => parseAnsi(text).map((span) => span.href);
  test("point to http and https, up to their end", () => {
    expect(parseAnsi(`${link("https://example.org/a?b#c")} after`)).toEqual([
      { text: "text", style: undefined, href: "https://example.org/a?b#c" },
      { text: " after", style: undefined },
    ]);
    expect(hrefs(`${ESC}]8;id=1;http://example.org/\x07a`)).toEqual(["http://example.org/"]);
  });
  test.each([
    "javascript:alert(1)",
    " javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>",
    "file:///etc/passwd",
    "vbscript:x",
    "//example.org",
    "blob:https://x/y",
    "https://user@example.org/",
    "https://a:b@example.org/",
    "https:\\\\example.org",
    "https://exa mple.org/",
    "https://",
    `https://example.org/${"x".repeat(3_000)}`,
  ])("never to %s", (address) => expect(hrefs(link(address))).toEqual([undefined]));
  test("keep the colours inside", () => {
    expect(parseAnsi(`${ESC}[31m${link("https://example.org/", `a${ESC}[0mb`)}`)).toEqual([
      { text: "a", style: { fg: 1 }, href: "https://example.org/" },
      { text: "b", style: undefined, href: "https://example.org/" },
    ]);
  });
});

describe("invisible characters are shown as signs", () => {
  test.each([
    ["\x00", "NUL", "U+0000"],
    ["\x07", "BEL", "U+0007"],
    ["\x7f", "DEL", "U+007F"],
    ["\x81", "0081", "U+0081"],
    ["\u202e", "RLO", "U+202E"],
    ["\u2066", "LRI", "U+2066"],
    ["\u200b", "ZWSP", "U+200B"],
    ["\ufeff", "BOM", "U+FEFF"],
  ])("%j", (character, text, code) =>
    expect(parseAnsi(`a${character}b`)[1]).toEqual({ text, style: undefined, code }),
  );
  test("joiners and directional marks are kept", () =>
    expect(shown("\u{1f469}\u200d\u{1f4bb} \u200f\u05d0 \u0646\u200c\u0647")).toBe(
      "\u{1f469}\u200d\u{1f4bb} \u200f\u05d0 \u0646\u200c\u0647",
    ));
  test("a copy has the character, not the sign", () =>
    expect(plainText(`a\x00\u202eb${ESC}[31mc`)).toBe("a\x00\u202ebc"));
});

test("equal colours share one style object in all rows", () => {
  const [one, other] = ["a", "b"].map(
    (text) => parseAnsi(`\x1b[1m\x1b[38;5;196m${text}`)[0]?.style,
  );
  expect(one).toEqual({ bold: true, fg: "rgb(255, 0, 0)" });
  expect(other).toBe(one);
});
