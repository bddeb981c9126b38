import { describe, expect, test } from "vitest";
import { recordOf } from "../src/text/json-record.js";
import { KnownFields } from "../src/text/known-fields.js";
import { fieldSet } from "../src/text/record-view.js";

/** As the row shows it. */
function shown(text: string): string | undefined {
  const record = recordOf(text);
  return (
    record &&
    [record.message, ...record.pairs.map(({ key, shown: value }) => `${key}=${value}`)].join(" ")
  );
}

test.each([
  [
    "structlog",
    '{"user": "ann", "event": "signed in", "level": "info", "timestamp": "2025-10-31T12:00:00Z"}',
    "signed in user=ann",
  ],
  [
    "pino",
    '{"level":30,"time":1761912000000,"pid":7,"hostname":"h","msg":"up"}',
    "up pid=7 hostname=h",
  ],
  [
    "zap",
    '{"level":"warn","ts":1.5,"caller":"a/b.go:7","msg":"slow","took":1.25}',
    "slow caller=a/b.go:7 took=1.25",
  ],
  [
    "python-json-logger",
    '{"asctime": "x", "levelname": "INFO", "message": "hi", "name": "app"}',
    "hi name=app",
  ],
  ["Serilog", '{"@t":"x","@mt":"Hello {User}","User":"ann","@l":"Error"}', "Hello {User} User=ann"],
  [
    "a number keeps its digits",
    '{"msg":"x","id":12345678901234567890,"f":1.50}',
    "x id=12345678901234567890 f=1.50",
  ],
  [
    "nested values as they are",
    '{"msg":"x","a":{"b":[1, "}"],"msg":"y"},"c":[]}',
    'x a={"b":[1, "}"],"msg":"y"} c=[]',
  ],
  [
    "blanks are quoted",
    '{"msg":"x","a":"two words","b":"","c":"a=b","d":null,"e":true}',
    'x a="two words" b="" c="a=b" d=null e=true',
  ],
  [
    "escapes",
    '{"msg":"a\\nb\\u001b[31m\\u00e9","k\\"":"\\t\\ud83d\\ude00"}',
    'a\\nb\\u001b[31m\u00e9 k"="\\t\u{1f600}"'.replace('"\\t\u{1f600}"', "\\t\u{1f600}"),
  ],
  ["the first key of several", '{"message":"m","msg":"n"}', "m msg=n"],
  ["a key twice", '{"msg":"x","a":1,"a":2}', "x a=1 a=2"],
  [
    "what is on Object.prototype",
    '{"msg":"x","__proto__":1,"toString":2}',
    "x __proto__=1 toString=2",
  ],
])("%s", (_, text, expected) => expect(shown(text)).toBe(expected));

test.each([
  "",
  "{}",
  "[]",
  "plain",
  '{"a": 1}',
  '{"msg": 7}',
  '{"msg": "x"',
  '{"msg": "x"} and more',
  '{"msg": "x",}',
  '[{"msg":"x"}]',
  "{'msg': 'x'}",
  `{"msg":"x","a":"${"y".repeat(20_000)}"}`,
  '{"constructor":"x"}',
])("no record: %s", (text) => expect(recordOf(text)).toBeUndefined());

test("the text that a click searches for is in the line", () => {
  const text = '{"msg": "x", "user" :  "two \\"words\\"", "n":[1,\t2]}';
  const raws = recordOf(text)?.pairs.map(({ raw }) => raw) ?? [];
  expect(raws).toEqual(['"user" :  "two \\"words\\""', '"n":[1,\t2]']);
  for (const raw of raws) expect(text).toContain(raw);
});

test("the drawn members are bounded", () => {
  const many = `{"msg":"x",${Array.from({ length: 1_000 }, (_, i) => `"k${i}":${i}`).join()}}`;
  expect(recordOf(many)?.pairs).toHaveLength(64);
  const deep = `{"msg":"x","a":${"[".repeat(200)}${"]".repeat(200)},"b":1}`;
  expect(recordOf(deep)?.message).toBe("x");
  const long = recordOf(`{"msg":"x","a":"${"y".repeat(10_000)}"}`)?.pairs[0];
  expect([long?.shown.length, long?.raw.length]).toEqual([401, 200]);
});

describe("chosen fields", () => {
  const known = new KnownFields();
  known.add({ message: "", pairs: ["a", "b", "c"].map((key) => ({ key, shown: "", raw: "" })) });
  test.each([
    ["", "b", "a,c"],
    ["a,c", "b", ""],
    ["a", "a", "-"],
    ["-", "b", "-,b"],
    ["a,old", "b", "a,old,b"],
  ])("%s and %s give %s", (fields, key, expected) =>
    expect(known.toggled(fieldSet(fields), key)).toBe(expected),
  );
  test("are collected up to a bound", () => {
    known.add({
      message: "",
      pairs: Array.from({ length: 500 }, (_, i) => ({ key: `k${i}`, shown: "", raw: "" })),
    });
    expect(known.keys).toHaveLength(40);
  });
});
