import { describe, expect, test } from "vitest";
import CASES from "../../../tests/support/search_cases.json";
import { MAX_MATCHES, matcherOf } from "../src/search/search-match.js";
import { errorsOf, parametersOf, queryOf, rowsQueryOf } from "../src/search/search-query.js";
import { quoted, termsOf } from "../src/search/search-terms.js";

const found = (text: string, regex: boolean, exact: boolean, line: string): string[] =>
  (matcherOf({ text, regex, case: exact, word: false })?.find(line) ?? []).map(([start, end]) =>
    line.slice(start, end),
  );

test.each<[string, boolean, boolean, string, string[]]>([
  ["green", false, false, "Green, green", ["Green", "green"]],
  ["green", false, true, "Green, green", ["green"]],
  ["a.*[b](c)?+{d}|^$\\/", false, false, "xA.*[b](c)?+{d}|^$\\/y", ["A.*[b](c)?+{d}|^$\\/"]],
  ["é", false, false, "É😀é", ["É", "é"]],
  ["😀", false, false, "a😀b", ["😀"]],
  ["ab+", true, false, "xABBaby", ["ABB", "ab"]],
  ["(?P<n>\\d+)ms", true, true, "12ms 7ms", ["12ms", "7ms"]],
  ["x*", true, false, "axb", ["x"]],
  ["\\pL+", true, false, "é1ß", ["é", "ß"]],
  ["[[:digit:]]{2}", true, false, "1234", ["12", "34"]],
  ["^a|b$", true, false, "aab", ["a", "b"]],
  ["b", true, false, "😀b😀b", ["b", "b"]],
])("%s (pattern: %s, exact: %s) in %s", (text, regex, exact, line, expected) =>
  expect(found(text, regex, exact, line)).toEqual(expected),
);

const NFC = "caf\u00e9";
const NFD = "cafe\u0301";

describe("a match in the other normal form is marked", () => {
  test.each<[string, boolean, boolean, string, string[]]>([
    [NFC, false, true, `a ${NFD}!`, [NFD]],
    [NFD, false, true, `a ${NFC}!`, [NFC]],
    [
      NFC,
      false,
      false,
      `${NFD.toUpperCase()} ${NFC.toUpperCase()}`,
      [NFD.toUpperCase(), NFC.toUpperCase()],
    ],
    [NFD, false, false, `${NFC.toUpperCase()} ${NFD}`, [NFC.toUpperCase(), NFD]],
    [NFC, false, true, NFD.toUpperCase(), []],
    [`"${NFC} (*)"`, false, true, `${NFD} (*)`, [`${NFD} (*)`]],
    ["\u1112\u1161\u11ab", false, true, "\ud55c", ["\ud55c"]],
    [`${NFC}+s?$`, true, true, `${NFD}s`, [`${NFD}s`]],
    [`^${NFD}s?`, true, true, `${NFC}s`, [`${NFC}s`]],
    [`(${NFD})`, true, false, NFC.toUpperCase(), [NFC.toUpperCase()]],
    ["caf[\u00e8\u00e9]", true, false, NFD.toUpperCase(), [NFD.toUpperCase()]],
    [`\\b(?P<n>${NFC})`, true, true, NFD, [NFD]],
  ])("%s (pattern: %s, exact: %s) in %s", (text, regex, exact, line, expected) =>
    expect(found(text, regex, exact, line)).toEqual(expected),
  );
});

test("without a text or a valid pattern nothing is searched", () => {
  expect(matcherOf({ text: "", regex: false, case: false, word: false })).toBeUndefined();
  expect(matcherOf({ text: "(", regex: true, case: false, word: false })).toBeUndefined();
});

/** V8 would take longer than the universe has lasted. */
test("a pattern with exponential cost elsewhere is cheap here", () => {
  expect(found("(a+)+$", true, false, `${"a".repeat(5_000)}b`)).toEqual([]);
});

test("the number of marks per line is bounded", () =>
  expect(found("a", false, false, "a".repeat(5_000))).toHaveLength(MAX_MATCHES));

/** The same cases as Python's (tests/journal/test_terms.py). */
describe("the server finds the same", () => {
  test.each(CASES.terms as [string, string[], string[]][])("%s", (text, include, exclude) => {
    expect(termsOf(text)).toEqual({ include, exclude });
  });
  type Options = Partial<Record<"regex" | "case" | "word", boolean>> & { readonly query: string };
  test.each(CASES.matches as [Options, string, string[]][])(
    "%o in %s",
    (options, line, expected) => {
      const { query: text, regex = false, case: exact = false, word = false } = options;
      const matches = matcherOf({ text, regex, case: exact, word })?.find(line) ?? [];
      expect(matches.map(([start, end]) => line.slice(start, end))).toEqual(expected);
    },
  );
  test.each(["a", "a b", "-a", "\\-a", '"', '"a": "b \\"', "\\", "--x", ""])(
    "a text that is quoted is one term: %s",
    (text) => {
      expect(termsOf(quoted(text)).include).toEqual(text ? [text] : []);
    },
  );
});

test("a line longer than the searched part may have the other terms later", () => {
  const find = matcherOf({ text: "a b", regex: false, case: false, word: false });
  expect(find?.find(`a${" ".repeat(9_000)}b`)).toEqual([[0, 1]]);
});

describe("the request", () => {
  const options = {
    query: "",
    regex: false,
    level: "",
    mode: "filter",
    case: false,
    word: false,
    lines_before: 0,
    lines_after: 0,
  } as const;
  test("is not made without text and level", () => expect(queryOf(options)).toBeUndefined());
  test.each([
    [{ query: "a&b" }, "q=a%26b&case=false"],
    [{ query: "a b", regex: true, case: true }, "q=a+b&case=true&regex=true"],
    [{ query: 'a -b "c d"', word: true }, "q=a&q=c+d&exclude=b&case=false&word=true"],
    [{ query: "-b" }, "exclude=b&case=false"],
    [{ level: " error, Warning ," }, "level=ERROR%2CWARNING"],
  ])("%o", (changed, expected) => {
    const query = queryOf({ ...options, ...changed });
    expect(query && parametersOf(query)).toBe(expected);
  });
  test.each([
    [{ lines_before: 2 }, undefined],
    [{ lines_before: 2, level: "ERROR" }, "level=ERROR&lines_before=2"],
    [{ lines_after: 3, query: "a" }, "q=a&case=false&lines_after=3"],
    [{ lines_after: 3, query: "a", mode: "highlight" }, undefined],
  ] as const)("for the rows, %o", (changed, expected) => {
    const query = rowsQueryOf({ ...options, ...changed });
    expect(query && parametersOf(query)).toBe(expected);
  });
  test("for errors keeps the filter of the list", () => {
    expect(errorsOf(undefined)?.level).toBe("ERROR,CRITICAL");
    expect(errorsOf(queryOf({ ...options, query: "a" }))).toMatchObject({
      text: "a",
      level: "ERROR,CRITICAL",
    });
    expect(errorsOf(queryOf({ ...options, level: "CRITICAL,INFO" }))?.level).toBe("CRITICAL");
    expect(errorsOf(queryOf({ ...options, level: "INFO" }))).toBeUndefined();
  });
});
