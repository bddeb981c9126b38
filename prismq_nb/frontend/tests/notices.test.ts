import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Application } from "../src/lab/application.js";
import { type Toaster, Toasts } from "../src/lab/toasts.js";
import { Claims } from "../src/notices/claims.js";
import { readLastSeen, writeLastSeen } from "../src/notices/last-seen.js";
import { noticeOf } from "../src/notices/notice-text.js";
import { FOCUS_MS, GATHER_MS, HIDDEN_MS, Notices, type TitleMark } from "../src/notices/notices.js";
import { isTold, type NoticeChoice } from "../src/notices/rules.js";
import type { ListedRun } from "../src/runs/runs-text.js";

const NOW = Date.parse("2026-01-02T00:00:00Z");
const run = (run_id: string, status: string, more: Partial<ListedRun> = {}) =>
  ({
    run_id,
    module_name: run_id,
    status,
    exit_code: status === "completed" ? 0 : 1,
    duration_seconds: 90,
    completed_at: "2026-01-01T23:59:00Z",
    ...more,
  }) as ListedRun;
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => vi.useRealTimers());

/** Windows of one browser. */
class Browser {
  readonly stored = new Map<string, string>();
  readonly storage = {
    getItem: (name: string) => this.stored.get(name) ?? null,
    setItem: (name: string, value: string) => void this.stored.set(name, value),
  };
  readonly windows: Window[] = [];

  open(state: Partial<Window> = {}): Window {
    const window = Object.assign(new Window(this), state);
    this.windows.push(window);
    return window;
  }

  /** All windows hear of an end. */
  async end(...runs: ListedRun[]): Promise<void> {
    for (const { notices } of this.windows) notices.active([]);
    for (const { notices } of this.windows) notices.ended(runs);
    await pass(GATHER_MS + HIDDEN_MS);
  }
}

class Window {
  isVisible = true;
  hasFocus = true;
  maySend = false;
  choice: NoticeChoice = "all";
  inSight: string[] = [];
  readonly shown: string[][] = [];
  readonly sent: string[][] = [];
  title: TitleMark = "none";
  remembered: readonly string[] = [];
  readonly notices: Notices;

  constructor(browser: Browser) {
    const ids = (runs: readonly ListedRun[]): string[] => runs.map(({ run_id }) => run_id);
    this.notices = new Notices({
      visible: () => this.isVisible,
      hasFocus: () => this.hasFocus,
      now: () => Date.now(),
      choice: () => this.choice,
      onScreen: async () => new Set(this.inSight),
      claim: (how, runs) => new Claims(how, browser.storage, undefined).claim(runs),
      show: (runs) => this.shown.push(ids(runs)),
      maySend: () => this.maySend,
      send: (runs) => this.sent.push(ids(runs)),
      mark: (mark) => {
        this.title = mark;
      },
      remember: (runs) => {
        this.remembered = runs;
      },
    });
  }

  async see(): Promise<void> {
    this.isVisible = true;
    this.notices.review();
    await pass(GATHER_MS + FOCUS_MS);
  }
}

test("of two visible windows, the one with the focus tells an end", async () => {
  const browser = new Browser();
  const other = browser.open({ hasFocus: false });
  const window = browser.open();
  await browser.end(run("a", "failed"));
  expect([window.shown, other.shown]).toEqual([[["a"]], []]);
});

test("runs that end together are told together", async () => {
  const browser = new Browser();
  const { notices, shown } = browser.open();
  notices.ended([run("a", "failed")]);
  await pass(GATHER_MS / 2);
  notices.ended([run("b", "completed")]);
  await pass(GATHER_MS);
  expect(shown).toEqual([["a", "b"]]);
});

test("an end that somebody sees in a viewer is told nowhere", async () => {
  const browser = new Browser();
  const hidden = browser.open({ isVisible: false });
  const window = browser.open({ inSight: ["a"] });
  await browser.end(run("a", "failed"));
  await hidden.see();
  expect([window.shown, hidden.shown]).toEqual([[], []]);
});

test("hidden windows send one notification, and the first that is shown tells it", async () => {
  const browser = new Browser();
  const windows = [1, 2].map(() => browser.open({ isVisible: false, maySend: true }));
  await browser.end(run("a", "failed"), run("b", "completed"));
  expect(windows.map(({ sent, shown }) => [sent, shown])).toEqual([
    [[["a", "b"]], []],
    [[], []],
  ]);
  expect(windows[1]?.remembered).toEqual(["a", "b"]);
  for (const window of windows) await window.see();
  expect(windows.map(({ shown }) => shown)).toEqual([[["a", "b"]], []]);
  expect(windows[1]?.remembered).toEqual([]);
});

test("while a window is visible, hidden ones send nothing", async () => {
  const browser = new Browser();
  const hidden = browser.open({ isVisible: false, maySend: true });
  const window = browser.open({ hasFocus: false });
  const told = vi.fn();
  const show = window.shown.push.bind(window.shown);
  window.shown.push = (...runs) => {
    told();
    for (const each of runs) hidden.notices.toldElsewhere(each); // as the event of the storage
    return show(...runs);
  };
  await browser.end(run("a", "failed"));
  expect(told).toHaveBeenCalledOnce();
  expect(hidden.sent).toEqual([]);
});

test("the title of a hidden page has what runs, what failed and what is done", async () => {
  const browser = new Browser();
  const window = browser.open({ isVisible: false });
  window.notices.active([run("a", "running")]);
  expect(window.title).toBe("running");
  await browser.end(run("a", "completed"));
  expect(window.title).toBe("done");
  window.notices.active([run("b", "running")]);
  expect(window.title).toBe("running");
  await browser.end(run("b", "failed"));
  expect(window.title).toBe("failed");
  await window.see();
  expect(window.title).toBe("none");
});

test("nothing is told and marked if the person wants no notices", async () => {
  const browser = new Browser();
  const window = browser.open({ choice: "none", isVisible: false, maySend: true });
  window.notices.active([run("a", "running")]);
  await browser.end(run("a", "failed"));
  await window.see();
  expect([window.shown, window.sent, window.title]).toEqual([[], [], "none"]);
});

const STOPPED = { end_reason: "stopped" } as const;
const LATE = { completed_at: "2025-12-31T00:00:00Z" };
test.each<[NoticeChoice, string, Partial<ListedRun>, boolean]>([
  ["all", "completed", { duration_seconds: 1 }, true],
  ["all", "cancelled", STOPPED, true],
  ["all", "failed", LATE, false],
  ["long", "completed", {}, true],
  ["long", "failed", { duration_seconds: 59 }, false],
  ["long", "cancelled", STOPPED, false],
  ["long", "failed", { end_reason: "timeout" }, true],
  ["failed", "failed", { duration_seconds: 1 }, true],
  ["failed", "completed", {}, false],
  ["none", "failed", {}, false],
])("with the choice %s, a %s run with %o is told: %s", (choice, status, more, told) => {
  expect(isTold(run("a", status, more), choice, NOW)).toBe(told);
});

test.each([
  [[run("a", "completed")], "success", "a completed after 1 min 30 s", ""],
  [
    [run("a", "failed", { error_detail: "ValueError: no data" })],
    "error",
    "a failed after 1 min 30 s",
    "exit code 1 · ValueError: no data",
  ],
  [
    [run("a", "cancelled", { exit_code: -2 })],
    "warning",
    "a was cancelled after 1 min 30 s",
    "ended by SIGINT",
  ],
  [[run("a", "completed"), run("b", "failed")], "error", "2 runs ended, 1 failed", "Failed: b"],
  [
    Array.from({ length: 1200 }, (_, n) => run(`r${n}`, "completed")),
    "success",
    "1,200 runs ended",
    "r0, r1, r2, 1,197 more",
  ],
])("the notice about %j says how it ended", (runs, type, title, text) => {
  expect(noticeOf(runs)).toEqual({ type, title, text });
});

test("names and messages are one short line, whatever they hold", () => {
  const hostile = `\u202egnp\n<b>x</b>\u200b${"long ".repeat(2000)}`;
  const one = run("a", "failed", { module_name: hostile, error_detail: hostile });
  for (const { title, text } of [noticeOf([one]), noticeOf([one, one, one, one])]) {
    expect(`${title}\n${text}`.length).toBeLessThanOrEqual(140);
    expect(`${title}${text}`).not.toMatch(/[\n\u202e\u200b]/);
  }
  expect(noticeOf([run("a", "completed", { module_name: "\u05d0\u05d1" })]).title).toBe(
    "\u2068\u05d0\u05d1\u2069 completed after 1 min 30 s",
  );
});

test("a claim is kept in the browser, and broken storage is no reason to be silent", async () => {
  const { storage } = new Browser();
  const claims = new Claims("shown", storage, undefined);
  expect(await claims.claim(["a", "b"])).toEqual(["a", "b"]);
  expect(await claims.claim(["b", "c"])).toEqual(["c"]);
  for (const broken of ["{", "7", '[1, null, "b"]']) {
    storage.setItem("shown", broken);
    expect(await claims.claim(["c"])).toEqual(["c"]);
  }
  const full = () => {
    throw new Error("full");
  };
  const forgetful = new Claims("shown", { ...storage, setItem: full }, undefined);
  expect(await forgetful.claim(["x"])).toEqual(["x"]);
});

test("what was active is known to the next page, unless it is damaged", () => {
  const { storage } = new Browser();
  const runs = ["run_20260101_120000_a_abc123"];
  expect(readLastSeen("active", storage, NOW)).toEqual({ runs: [], at: NOW });
  writeLastSeen("active", storage, { runs, at: NOW - 5 });
  expect(readLastSeen("active", storage, NOW)).toEqual({ runs, at: NOW - 5 });
  for (const broken of ["{", "7", "null", '{"runs": 7}', '{"runs": ["../x"], "at": 1e99}']) {
    storage.setItem("active", broken);
    expect(readLastSeen("active", storage, NOW)).toEqual({ runs: [], at: NOW });
  }
});

class FakeToaster implements Toaster {
  readonly all = new Map<string, string>();
  readonly manager = { has: (id: string) => this.all.has(id) };
  #ids = 0;

  emit(message: string): string {
    const id = String(++this.#ids);
    this.all.set(id, message);
    return id;
  }
  update({ id, message }: { id: string; message: string }): void {
    this.all.set(id, message);
  }
  dismiss(id: string): void {
    this.all.delete(id);
  }
  info(message: string): string {
    return this.emit(message);
  }
  get heads(): string[] {
    return [...this.all.values()].map((message) => message.split("\n")[0] ?? "");
  }
}

test("few runs have a notice each; more become one, which is updated in place", () => {
  const toaster = new FakeToaster();
  const toasts = new Toasts({} as Application, toaster, () => []);
  toasts.show([run("a", "completed"), run("b", "failed")], NOW);
  expect(toaster.heads).toEqual(["a completed after 1 min 30 s", "b failed after 1 min 30 s"]);
  toasts.show([run("c", "completed"), run("d", "failed")], NOW + 1_000);
  expect(toaster.heads).toEqual(["4 runs ended, 2 failed"]);
  toasts.show([run("e", "completed")], NOW + 2_000);
  expect(toaster.heads).toEqual(["5 runs ended, 2 failed"]);
  toaster.all.clear(); // the person has seen it
  toasts.show([run("f", "completed")], NOW + 3_000);
  expect(toaster.heads).toEqual(["f completed after 1 min 30 s"]);
  toasts.show([run("g", "completed")], NOW + 100_000);
  expect(toaster.heads).toEqual(["f completed after 1 min 30 s", "g completed after 1 min 30 s"]);
});
