import { expect, test } from "vitest";
import { HELP } from "../src/ui/help.js";
import { KEYS } from "../src/ui/keys.js";

test("the help lists every key", () => {
  const helped = new Set(HELP.flatMap(([keys]) => keys));
  expect(Object.keys(KEYS).filter((key) => !helped.has(key))).toEqual([]);
});
