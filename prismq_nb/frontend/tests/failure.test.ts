import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ask, onSuspicion } from "../src/api/ask.js";
import { type Failure, failureOf } from "../src/api/failure.js";
import { HttpError } from "../src/base/page.js";
import { pause, recovered, Retries } from "../src/base/waiting.js";

const read = (status: number, message = "", reason?: string, retryAfter?: string): Failure => failureOf(new HttpError(status, message, reason, retryAfter ?? null));
const act = (status: number, message = ""): Failure => failureOf(new HttpError(status, message), true);

describe("a failed request", () => {
  test.each([
    [302, "signed-out"],
    [401, "signed-out"],
    [403, "signed-out"],
    [424, "not-running"],
    [502, "not-running"],
    [503, "not-running"],
    [504, "unreachable"],
    [429, "busy"],
    [400, "other"],
    [404, "other"],
    [409, "other"],
    [500, "other"],
    [507, "other"],
  ])("of reading that is answered with %i is %s", (status, kind) => expect(read(status)).toMatchObject({ kind, status }));

  test.each([
    [302, "signed-out"],
    [401, "signed-out"],
    [403, "refused"],
    [424, "not-running"],
    [503, "not-running"],
  ])("of an action that is answered with %i is %s", (status, kind) => expect(act(status).kind).toBe(kind));

  test.each([
    ["Forbidden (HTTP 403)", "not allowed"],
    ["(HTTP 403)", "not allowed"],
    ["commands are switched off (HTTP 403)", "not allowed: commands are switched off"],
    ["'_xsrf' argument missing from POST (HTTP 403)", "this page's security token is out of date; reload the page"],
  ])("of an action says why: %s", (message, text) => expect(act(403, message).message).toBe(text));

  test("that the authorizer refuses is no missing login", () => expect(read(403, "no", "NotAuthorized").kind).toBe("refused"));
  test("of a run that is gone says so", () => {
    const gone = read(404, "There is no run 'x': list the runs (HTTP 404)", "RunNotFound");
    expect(gone.message).toBe("this run is no longer on this server");
  });
  test("is never told as one thing or another", () => {
    for (const status of [302, 401, 403, 424, 429, 502, 503, 504]) for (const one of [read(status), act(status)]) expect(one.message).not.toMatch(/\bor signed out\b/);
  });
  test("without an answer is unreachable", () => expect(failureOf(new TypeError("Failed to fetch")).kind).toBe("unreachable"));

  test.each([
    ["7", 7_000],
    ["0", 0],
    ["nonsense", 0],
    ["999999", 300_000],
    ["Fri, 31 Oct 2025 12:00:09 GMT", 9_000],
  ])("says when to come again: %s", (retryAfter, ms) => {
    vi.useFakeTimers({ now: Date.parse("2025-10-31T12:00:00Z") });
    expect(read(429, "", undefined, retryAfter).retryAfterMs).toBe(ms);
    vi.useRealTimers();
  });
});

/** What `fetch` gives for a redirect that it is not to follow. */
function opaque(): Response {
  return { ok: false, status: 0, statusText: "", headers: new Headers(), json: () => Promise.reject(new SyntaxError()) } as unknown as Response;
}

describe("asking", () => {
  const answers: (() => Response)[] = [];
  const suspected: string[] = [];
  const asked: RequestInit[] = [];
  const answer = (status: number, body = "", type = "application/json") => {
    answers.push(() => new Response(status === 204 ? null : body, { status, headers: { "Content-Type": type } }));
  };

  beforeEach(() => {
    answers.length = suspected.length = asked.length = 0;
    onSuspicion((run, { kind }) => suspected.push(`${run} ${kind}`));
    vi.stubGlobal("document", { cookie: "_xsrf=x", body: { dataset: {} }, getElementById: () => null });
    vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
      asked.push(init);
      const next = answers.shift();
      if (!next) throw new TypeError("Failed to fetch");
      return next();
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  test("for something that fails like the connection is news", async () => {
    for (const status of [401, 403, 424, 503]) {
      answer(status);
      await expect(ask("r", "/logs")).rejects.toMatchObject({ status });
    }
    await expect(ask("r", "/logs")).rejects.toMatchObject({ kind: "unreachable" });
    expect(suspected).toEqual(["r signed-out", "r signed-out", "r not-running", "r not-running", "r unreachable"]);
  });

  test("follows no redirect, and takes a page for a login", async () => {
    answer(200, "<html>sign in", "text/html; charset=utf-8");
    await expect(ask("r", "/usage")).rejects.toMatchObject({ kind: "signed-out" });
    expect([asked[0]?.redirect, suspected]).toEqual(["manual", ["r signed-out"]]);
  });

  test("follows a redirect to what a hub says of the server", async () => {
    answers.push(() => opaque());
    answer(424, '{"message": "ann is not running"}');
    await expect(ask("r", "/logs")).rejects.toMatchObject({ kind: "not-running", status: 424 });
    expect(asked.map((init) => init.redirect)).toEqual(["manual", "follow"]);
  });

  test("takes a redirect that cannot be followed for a login", async () => {
    answers.push(() => opaque()); // and then there is no answer, as from another origin
    await expect(ask("r", "/logs")).rejects.toMatchObject({ kind: "signed-out" });
  });

  test("sends no action twice", async () => {
    answers.push(() => opaque());
    answers.push(() => opaque());
    answer(424);
    await expect(ask("r", "", { method: "DELETE" })).rejects.toMatchObject({ kind: "not-running" });
    expect(asked.map((init) => init.method)).toEqual(["DELETE", undefined, undefined]);
  });

  test("for something that is wrong in itself is no news", async () => {
    for (const status of [400, 404, 409, 429]) {
      answer(status);
      await expect(ask("r", "", { method: "DELETE" })).rejects.toMatchObject({ status });
    }
    expect(suspected).toEqual([]);
  });

  test("for an action that is refused alone means that it is not allowed", async () => {
    answer(403, '{"message": "Forbidden"}');
    answer(200, "{}");
    await expect(ask("r", "", { method: "DELETE" })).rejects.toMatchObject({ kind: "refused", message: "not allowed" });
    expect(suspected).toEqual([]);
  });

  test("for an action when reading is refused too means signed out", async () => {
    answer(403, '{"message": "Forbidden"}');
    answer(403, '{"message": "Forbidden"}');
    await expect(ask("r", "", { method: "POST" })).rejects.toMatchObject({ kind: "signed-out" });
    expect(suspected).toEqual(["r signed-out"]);
  });

  test("that was given up says so as fetch does", async () => {
    const abort = new AbortController();
    answers.push(() => {
      abort.abort();
      throw new DOMException("aborted", "AbortError");
    });
    await expect(ask("r", "", { signal: abort.signal })).rejects.toMatchObject({ name: "AbortError" });
    expect(suspected).toEqual([]);
  });
});

describe("waits", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("grow, are never below what the server asks for, and begin anew when it worked", () => {
    const retries = new Retries();
    const waits = Array.from({ length: 7 }, () => retries.next());
    for (const [index, wait] of waits.entries()) expect(wait).toBeLessThanOrEqual(Math.min(30_000, 1_000 * 2 ** index));
    expect(waits.at(-1)).toBeGreaterThanOrEqual(22_500);
    expect(retries.next(60_000)).toBe(60_000);
    retries.reset();
    expect(retries.next()).toBe(1_000);
  });

  test("end when the connection works again", async () => {
    const wait = vi.fn();
    void pause(30_000).then(wait);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(wait).not.toHaveBeenCalled();
    recovered();
    await vi.advanceTimersByTimeAsync(0);
    expect(wait).toHaveBeenCalledTimes(1);
  });
});
