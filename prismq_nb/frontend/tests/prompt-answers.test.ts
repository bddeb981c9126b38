import { expect, test } from "vitest";
import type { Line } from "../src/base/protocol.js";
import { answerOf, rowOf } from "../src/text/prompt-answers.js";

const lines = [
  { n: 0, stream: "stderr", text: "Name? ", prompt: true },
  { n: 1, stream: "stdout", text: "Ada" },
  { n: 2, stream: "stderr", text: "Password: ", prompt: true },
  { n: 3, stream: "stderr", text: "" },
  { n: 4, stream: "stderr", text: "Name? " },
  { n: 5, stream: "stdout", text: "no answer" },
  { n: 6, stream: "stderr", text: "Last? ", prompt: true },
] as unknown as Line[];
const get = (n: number): Line | undefined => lines[n];

test("only the echoed answer is in the row of its prompt", () => {
  expect(lines.map((line) => answerOf(line, get)?.n)).toEqual([
    1,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(lines.map(({ n }) => rowOf(n, get))).toEqual([0, 0, 2, 3, 4, 5, 6]);
});
