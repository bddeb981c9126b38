import { describe, expect, test } from "vitest";
import type { Launch } from "../src/api/launch-details.js";
import type { RunStatus } from "../src/base/protocol.js";
import { factsOf, remarksOn, snippetsOf } from "../src/toolbar/run-facts.js";

const RUN = "run_20251031_120000_collect_abc123";
const LAUNCH: Launch = {
  kind: "script",
  command: "python train.py --epochs=2",
  code: null,
  shell: "cd /home/ann && python train.py --epochs=2",
  parameters: { epochs: 2, name: "a b" },
  abridged: false,
  cwd: "/home/ann",
  interpreter: "/usr/bin/python3",
  host: "gpu1",
  user: "ann",
  timeout: 60,
  masked: false,
  variables: ["DATABASE_URL"],
  roots: ["/home"],
  home: "/home/ann",
};
const STATUS = {
  status: "running",
  started_at: "2025-10-31T12:00:01.123456Z",
  completed_at: null,
  bytes: 12_345,
  exit_code: null,
  error_message: null,
};
const facts = (status: object, launch?: Launch, seconds?: number) =>
  factsOf(RUN, { ...STATUS, ...status } as RunStatus, launch, seconds);
const texts = (...of: Parameters<typeof facts>) =>
  Object.fromEntries(facts(...of).map(({ name, text }) => [name, text]));

describe("facts about a run", () => {
  test("before the launch is known", () =>
    expect(texts({ terminal: [110, 40], takes_input: true, encoding: "utf-8" })).toEqual({
      Run: RUN,
      Started: expect.stringMatching(/^2025-1\d-\d\d \d\d:\d\d:01$/),
      Streams: "terminal 110 × 40",
      Input: "open",
      Output: "12 kB",
    }));

  test("all facts, in order", () =>
    expect(
      Object.entries(
        texts(
          {
            status: "failed",
            exit_code: 1,
            completed_at: "2025-10-31T12:00:03.5Z",
            restart_of: "run_1",
          },
          LAUNCH,
          2.4,
        ),
      ).slice(0, 14),
    ).toEqual([
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

  test.each([
    [{ notified: null }, "team, an address"],
    [{ notified: "sent" }, "sent: team, an address"],
    [{ notified: "failed", notify_problem: "team: HTTP 401" }, "not sent: team: HTTP 401"],
  ])("whom a notice went to: %o", (result, text) => {
    expect(texts({ notify: ["team", "******"], ...result })).toMatchObject({ Notice: text });
    expect(texts({ notify: [], notified: null })).not.toHaveProperty("Notice");
  });

  test("times are local; the tooltip and the copy have UTC", () =>
    expect(facts({}).find(({ name }) => name === "Started")).toMatchObject({
      title: "2025-10-31 12:00:01.123456 UTC",
      copy: "2025-10-31T12:00:01.123456Z",
    }));

  test("a long command is shown cut, and copied whole", () => {
    const command = "x".repeat(100_000);
    const [fact] = facts({}, { ...LAUNCH, command });
    expect(fact?.text.length).toBe(4_001);
    expect(fact?.copy).toBe(command);
  });

  test("invisible characters are shown as names, and copied unchanged", () => {
    const [fact] = facts({}, { ...LAUNCH, command: "a\u202eb\x1bc" });
    expect(fact?.text).toBe("a\u2039RLO\u203ab\u2039001B\u203ac");
    expect(fact?.copy).toBe("a\u202eb\x1bc");
  });

  test("a cell has its notebook, kernel and code, and neither input nor exit code", () => {
    const launch = { ...LAUNCH, command: "", parameters: {}, interpreter: null, shell: null };
    const cell = { kind: "cell", notebook: "a/train.ipynb", kernel_id: "5b0f", exit_code: 0 };
    const code = "if x:\n\ttrain()";
    const found = facts({ ...cell, status: "completed" }, { ...launch, code });
    expect(found.slice(0, 3).map(({ name, text }) => [name, text])).toEqual([
      ["Notebook", "a/train.ipynb"],
      ["Kernel", "5b0f"],
      ["Code", "if x:\n    train()"],
    ]);
    expect(found[2]?.copy).toBe(code);
    const names = facts({ ...cell, exit_code: null }, { ...launch, code: null });
    expect([...found, ...names].map(({ name }) => name)).not.toContain("Input");
    expect(found.map(({ name }) => name)).not.toContain("Completed");
    expect(remarksOn({ ...launch, code, abridged: true })).toEqual([
      "The code is too long to show.",
    ]);
  });

  test("only the first of many parameters are shown", () => {
    const parameters = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`p${i}`, i]));
    const fact = facts({}, { ...LAUNCH, parameters })[1];
    expect(fact?.text.split("\n").slice(-2)).toEqual(["p49 = 49", "30 more"]);
    expect(JSON.parse(fact?.copy ?? "")).toEqual(parameters);
  });

  test.each<[string, Partial<RunStatus>, string]>([
    ["waits", { takes_input: true, waiting_for_input: true }, "waiting for input"],
    ["waits for a password", { takes_input: true, hides_input: true }, "waiting for hidden input"],
    [
      "has pipes, closed",
      { terminal: null, takes_input: false },
      "closed; launch with terminal=True or stdin=True to answer",
    ],
    ["has a terminal, closed", { terminal: [80, 24], takes_input: false }, "closed"],
  ])("the input of a run that %s", (_, status, text) => expect(texts(status).Input).toBe(text));

  test("an ended run, with its background processes and encoding", () =>
    expect(
      texts({
        status: "completed",
        exit_code: 0,
        encoding: "shift_jis",
        output_open: true,
        background: [
          { pid: 7, name: "web" },
          { pid: 8, name: "sh" },
        ],
      }),
    ).toMatchObject({
      Completed: "exit code 0",
      Streams: "pipes",
      Encoding: "shift_jis",
      Background: "web (7), sh (8)",
    }));
});

test("code to get the run, and to start it again if the command is known", () => {
  expect(snippetsOf(RUN, { ...LAUNCH, shell: null }).map(({ text }) => text)).toEqual([
    `prismq_nb.get("${RUN}")`,
  ]);
  expect(snippetsOf(RUN, LAUNCH)[1]).toEqual({ label: "Copy for a shell", text: LAUNCH.shell });
});

test("remarks say what is not stored", () => {
  expect(remarksOn(LAUNCH)).toEqual([]);
  expect(remarksOn({ ...LAUNCH, masked: true, abridged: true })).toHaveLength(2);
});
