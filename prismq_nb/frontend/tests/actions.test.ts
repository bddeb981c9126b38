import { beforeEach, expect, test, vi } from "vitest";
import { RunActions } from "../src/api/actions.js";

const { ask } = vi.hoisted(() => ({ ask: vi.fn() }));
vi.mock("../src/api/ask.js", () => ({ ask }));

const said: string[] = [];
const problems: string[] = [];
const actions = new RunActions(
  "run",
  () => undefined,
  (text) => problems.push(text),
  (text) => said.push(text),
);

beforeEach(() => {
  said.length = problems.length = 0;
});

test.each([
  ["{}", []],
  ['{"held": true}', ["Held until the program asks for a password"]],
  ["", []],
])("an answer %s to a password", async (body, expected) => {
  ask.mockResolvedValueOnce(new Response(body, { status: 202 }));
  expect(await actions.send("x\n", false, true)).toBe(true);
  expect(said).toEqual(expected);
  expect(JSON.parse(ask.mock.lastCall?.[2].body)).toEqual({
    text: "x\n",
    eof: false,
    secret: true,
  });
});

test("a refused action is reported as a problem", async () => {
  ask.mockRejectedValueOnce(new Error("the run has ended"));
  expect(await actions.send("x\n", false, false)).toBe(false);
  expect([said, problems]).toEqual([[], ["Could not send the line: the run has ended"]]);
});
