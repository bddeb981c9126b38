import { expect, test } from "vitest";
import { Unfinished } from "../src/folding/unfinished.js";

const texts = (unfinished: Unfinished, stdout: string, drawnOver: boolean, now: number): string[] =>
  unfinished.rows({ stdout, stderr: "" }, {}, drawnOver, now).map((row) => row.text);

test("a bar stays briefly between two frames", () => {
  const unfinished = new Unfinished();
  expect(texts(unfinished, "a 10%", true, 0)).toEqual(["a 10%"]);
  expect(texts(unfinished, "", true, 200)).toEqual(["a 10%"]);
  expect(texts(unfinished, "a 20%", true, 300)).toEqual(["a 20%"]);
  expect(texts(unfinished, "", true, 5_000)).toEqual([]);
});
test("a prompt and a finished bar are removed at once", () => {
  const unfinished = new Unfinished();
  texts(unfinished, "name? ", true, 0);
  expect(texts(unfinished, "", true, 1)).toEqual([]);
  texts(unfinished, "a 100%", false, 2);
  expect(texts(unfinished, "", false, 3)).toEqual([]);
});
