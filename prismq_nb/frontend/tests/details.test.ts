import { describe, expect, test } from "vitest";
import type { Launch } from "../src/api/launched.js";
import type { RunStatus } from "../src/base/protocol.js";
import { factsOf, recipesOf, remarksOn } from "../src/toolbar/run-facts.js";

const RUN = "run_20251031_120000_collect_abc123";
const LAUNCH: Launch = {
  kind: "script", command: "python train.py --epochs=2", shell: "cd /home/ann && python train.py --epochs=2",
  parameters: { epochs: 2, name: "a b" }, abridged: false, cwd: "/home/ann", interpreter: "/usr/bin/python3", host: "gpu1", user: "ann",
  timeout: 60, masked: false, variables: ["DATABASE_URL"], roots: ["/home"], home: "/home/ann",
};
const STATUS = { status: "running", started_at: "2025-10-31T12:00:01.123456Z", completed_at: null, bytes: 12_345, exit_code: null, error_message: null };
const facts = (status: object, launch?: Launch, seconds?: number) => factsOf(RUN, { ...STATUS, ...status } as RunStatus, launch, seconds);
const texts = (...of: Parameters<typeof facts>) => Object.fromEntries(facts(...of).map(({ name, text }) => [name, text]));

describe("what was run, and how it is", () => {
  test("before it is known how it was started", () =>
    expect(texts({ terminal: [110, 40], takes_input: true, encoding: "utf-8" })).toEqual({
      Run: RUN,
      Started: expect.stringMatching(/^2025-1\d-\d\d \d\d:\d\d:01$/),
      Streams: "terminal 110 × 40",
      Input: "open",
      Output: "12 kB",
    }));

  test("all of it, in order", () =>
    expect(Object.entries(texts({ status: "failed", exit_code: 1, completed_at: "2025-10-31T12:00:03.5Z", restart_of: "run_1" }, LAUNCH, 2.4)).slice(0, 14)).toEqual([
      ["Command", "python train.py --epochs=2"],
      ["Parameters", 'epochs = 2\nname = "a b"'],
      ["Folder", "/home/ann"],
      ["Interpreter", "/usr/bin/python3"],
      ["Variables", "DATABASE_URL"],
      ["Host", "gpu1"],
      ["User", "ann"],
      ["Run", RUN],
      ["Restart of", "run_1"],
      ["Started", expect.any(String)],
      ["Ended", expect.any(String)],
      ["Duration", "2.40 s"],
      ["Failed", "exit code 1"],
      ["Timeout", "1 min"],
    ]));

  test("times are the person's; UTC is in the tooltip, and copied", () =>
    expect(facts({}).find(({ name }) => name === "Started")).toMatchObject({ title: "2025-10-31 12:00:01.123456 UTC", copy: "2025-10-31T12:00:01.123456Z" }));

  test("a long command is cut where it is shown, and copied whole", () => {
    const command = "x".repeat(100_000);
    const [fact] = facts({}, { ...LAUNCH, command });
    expect(fact?.text.length).toBe(4_001);
    expect(fact?.copy).toBe(command);
  });

  test("characters that cannot be seen are named, and copied as they are", () => {
    const [fact] = facts({}, { ...LAUNCH, command: "a\u202eb\x1bc" });
    expect(fact?.text).toBe("a\u2039RLO\u203ab\u2039001B\u203ac");
    expect(fact?.copy).toBe("a\u202eb\x1bc");
  });

  test("of many parameters the first are shown", () => {
    const parameters = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`p${i}`, i]));
    const fact = facts({}, { ...LAUNCH, parameters })[1];
    expect(fact?.text.split("\n").slice(-2)).toEqual(["p49 = 49", "30 more"]);
    expect(JSON.parse(fact?.copy ?? "")).toEqual(parameters);
  });

  test.each<[string, Partial<RunStatus>, string]>([
    ["waits", { takes_input: true, waiting_for_input: true }, "waiting for input"],
    ["waits for a password", { takes_input: true, hides_input: true }, "waiting for hidden input"],
    ["has pipes, closed", { terminal: null, takes_input: false }, "closed; launch with terminal=True or stdin=True to answer"],
    ["has a terminal, closed", { terminal: [80, 24], takes_input: false }, "closed"],
  ])("the input of a run that %s", (_, status, text) => expect(texts(status)["Input"]).toBe(text));

  test("one that has ended, with what it left behind, and its encoding", () =>
    expect(
      texts({ status: "completed", exit_code: 0, encoding: "shift_jis", output_open: true, background: [{ pid: 7, name: "web" }, { pid: 8, name: "sh" }] }),
    ).toMatchObject({ Completed: "exit code 0", Streams: "pipes", Encoding: "shift_jis", Background: "web (7), sh (8)" }));
});

test("lines that lead to it, and start it again where that is known", () => {
  expect(recipesOf(RUN, { ...LAUNCH, shell: null }).map(({ text }) => text)).toEqual([`prismq_nb.get("${RUN}")`]);
  expect(recipesOf(RUN, LAUNCH)[1]).toEqual({ label: "Copy for a shell", text: LAUNCH.shell });
});

test("what is not kept is said", () => {
  expect(remarksOn(LAUNCH)).toEqual([]);
  expect(remarksOn({ ...LAUNCH, masked: true, abridged: true })).toHaveLength(2);
});
