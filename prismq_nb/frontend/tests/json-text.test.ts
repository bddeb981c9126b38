import { expect, test } from "vitest";
import { layOut, looksLikeJson } from "../src/text/json-text.js";

const lines = (text: string): string[] | undefined => layOut(text)?.map((pieces) => pieces.map((piece) => piece.text).join(""));

test("an object, indented", () => {
  expect(lines('{"a":1,"b":[true,null,"x"],"c":{}}')).toEqual(["{", '  "a": 1,', '  "b": [', "    true,", "    null,", '    "x"', "  ],", '  "c": {}', "}"]);
});
test("keys, strings, numbers and words are told apart", () => {
  expect(layOut('{"a":"b","n":-1.5e3,"t":true}')?.flat().filter((piece) => piece.kind !== "sign").map((piece) => piece.kind)).toEqual(["key", "string", "key", "number", "key", "word"]);
});
test("a number keeps its digits", () => expect(lines('[12345678901234567890, 1.10]')).toEqual(["[", "  12345678901234567890,", "  1.10", "]"]));
test("quotes, braces and escapes in strings", () => expect(lines('{"a\\"{":"}\\u202e,["}')).toEqual(["{", '  "a\\"{": "}\\u202e,["', "}"]));
test.each(["{", '{"a":}', "[1,]", "{'a': 1}", '"text"', "12", "", '{"a":1} tail'])("%s is no JSON to lay out", (text) => expect(layOut(text)).toBeUndefined());
test("too deep or too long is left alone", () => {
  expect(layOut("[".repeat(100) + "]".repeat(100))).toBeUndefined();
  expect(layOut(`[${"1,".repeat(3_000)}1]`)).toBeUndefined();
});
test.each([['{"a": 1}', true], ["[1, 2]", true], ['[{"a":1}]', true], ["[INFO] text", false], ["{a}", false], ["text {}", false], ['{"a": 1', false]])("%s: %s", (text, expected) =>
  expect(looksLikeJson(text)).toBe(expected),
);
