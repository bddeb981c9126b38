import { expect, test } from "vitest";
import { formatJson, looksLikeJson } from "../src/text/json-text.js";

const lines = (text: string): string[] | undefined =>
  formatJson(text)?.map((pieces) => pieces.map((piece) => piece.text).join(""));

test("an object is indented", () => {
  expect(lines('{"a":1,"b":[true,null,"x"],"c":{}}')).toEqual([
    "{",
    '  "a": 1,',
    '  "b": [',
    "    true,",
    "    null,",
    '    "x"',
    "  ],",
    '  "c": {}',
    "}",
  ]);
});
test("keys, strings, numbers and words are distinguished", () => {
  expect(
    formatJson('{"a":"b","n":-1.5e3,"t":true}')
      ?.flat()
      .filter((piece) => piece.kind !== "sign")
      .map((piece) => piece.kind),
  ).toEqual(["key", "string", "key", "number", "key", "word"]);
});
test("a number keeps its digits", () =>
  expect(lines("[12345678901234567890, 1.10]")).toEqual([
    "[",
    "  12345678901234567890,",
    "  1.10",
    "]",
  ]));
test("quotes, braces and escapes in strings are kept", () =>
  expect(lines('{"a\\"{":"}\\u202e,["}')).toEqual(["{", '  "a\\"{": "}\\u202e,["', "}"]));
test.each(["{", '{"a":}', "[1,]", "{'a': 1}", '"text"', "12", "", '{"a":1} tail'])(
  "%s is no JSON to lay out",
  (text) => expect(formatJson(text)).toBeUndefined(),
);
test("text that is too deep or too long is not formatted", () => {
  expect(formatJson("[".repeat(100) + "]".repeat(100))).toBeUndefined();
  expect(formatJson(`[${"1,".repeat(3_000)}1]`)).toBeUndefined();
});
test.each([
  ['{"a": 1}', true],
  ["[1, 2]", true],
  ['[{"a":1}]', true],
  ["[INFO] text", false],
  ["{a}", false],
  ["text {}", false],
  ['{"a": 1', false],
])("%s: %s", (text, expected) => expect(looksLikeJson(text)).toBe(expected));
