import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ask, onSuspicion } from "../src/api/ask.js";
import { type Failure, failureOf } from "../src/api/failure.js";
import { notifyRecovery, pause, Retries } from "../src/base/backoff.js";
import { HttpError } from "../src/base/page.js";

const read = (status: number, message = "", reason?: string, retryAfter?: string): Failure =>
  failureOf(new HttpError(status, { message, reason }, retryAfter ?? null));
const act = (status: number, message = ""): Failure =>
  failureOf(new HttpError(status, { message }), true);

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
  ])("of reading that is answered with %i is %s", (status, kind) =>
    expect(read(status)).toMatchObject({ kind, status }),
  );

  test.each([
    [302, "signed-out"],
    [401, "signed-out"],
    [403, "refused"],
    [424, "not-running"],
    [503, "not-running"],
  ])("of an action that is answered with %i is %s", (status, kind) =>
    expect(act(status).kind).toBe(kind),
  );

  test.each([
    ["Forbidden", "not allowed"],
    ["", "not allowed"],
    ["commands are switched off", "not allowed: commands are switched off"],
    [
      "'_xsrf' argument missing from POST",
      "this page's security token is out of date; reload the page",
    ],
  ])("of an action says why: %s", (message, text) => expect(act(403, message).message).toBe(text));

  test("refused by the authorizer does not mean signed out", () =>
    expect(read(403, "no", "NotAuthorized").kind).toBe("refused"));
  test("says what is wrong with a value apart from its message, where the server does", () => {
    const message = "q='(' is not a valid pattern: missing )";
    const detail = "missing )";
    expect(failureOf(new HttpError(400, { message, detail })).detail).toBe(detail);
    expect(failureOf(new HttpError(400, { message })).detail).toBe(`${message} (HTTP 400)`);
  });
  test("for a run that is gone says so", () => {
    const gone = read(404, "There is no run 'x': list the runs", "RunNotFound");
    expect(gone.message).toBe("this run is no longer on this server");
  });
  test("is never shown as an object", () => {
    for (const status of [302, 401, 403, 424, 429, 502, 503, 504])
      for (const one of [read(status), act(status)])
        expect(one.message).not.toMatch(/\bor signed out\b/);
  });
  test("without an answer is unreachable", () =>
    expect(failureOf(new TypeError("Failed to fetch")).kind).toBe("unreachable"));

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

/** The response of `fetch` to a redirect that it must not follow. */
function opaque(): Response {
  return {
    ok: false,
    status: 0,
    statusText: "",
    headers: new Headers(),
    json: () => Promise.reject(new SyntaxError()),
  } as unknown as Response;
}

describe("requests", () => {
  const answers: (() => Response)[] = [];
  const suspected: string[] = [];
  const asked: RequestInit[] = [];
  const answer = (status: number, body = "", type = "application/json") => {
    answers.push(
      () =>
        new Response(status === 204 ? null : body, { status, headers: { "Content-Type": type } }),
    );
  };

  beforeEach(() => {
    answers.length = suspected.length = asked.length = 0;
    onSuspicion((run, { kind }) => suspected.push(`${run} ${kind}`));
    vi.stubGlobal("document", {
      cookie: "_xsrf=x",
      body: { dataset: {} },
      getElementById: () => null,
    });
    vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
      asked.push(init);
      const next = answers.shift();
      if (!next) throw new TypeError("Failed to fetch");
      return next();
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  test("that fail like the connection are reported", async () => {
    for (const status of [401, 403, 424, 503]) {
      answer(status);
      await expect(ask("r", "/logs")).rejects.toMatchObject({ status });
    }
    await expect(ask("r", "/logs")).rejects.toMatchObject({ kind: "unreachable" });
    expect(suspected).toEqual([
      "r signed-out",
      "r signed-out",
      "r not-running",
      "r not-running",
      "r unreachable",
    ]);
  });

  test("do not follow redirects; a page means signed out", async () => {
    answer(200, "<html>sign in", "text/html; charset=utf-8");
    await expect(ask("r", "/usage")).rejects.toMatchObject({ kind: "signed-out" });
    expect([asked[0]?.redirect, suspected]).toEqual(["manual", ["r signed-out"]]);
  });

  test("follow a hub's redirect to the status of the server", async () => {
    answers.push(() => opaque());
    answer(424, '{"message": "ann is not running"}');
    await expect(ask("r", "/logs")).rejects.toMatchObject({ kind: "not-running", status: 424 });
    expect(asked.map((init) => init.redirect)).toEqual(["manual", "follow"]);
  });

  test("that are redirected elsewhere mean signed out", async () => {
    answers.push(() => opaque()); // and then there is no answer, as from another origin
    await expect(ask("r", "/logs")).rejects.toMatchObject({ kind: "signed-out" });
  });

  test("never send an action twice", async () => {
    answers.push(() => opaque());
    answers.push(() => opaque());
    answer(424);
    await expect(ask("r", "", { method: "DELETE" })).rejects.toMatchObject({ kind: "not-running" });
    expect(asked.map((init) => init.method)).toEqual(["DELETE", undefined, undefined]);
  });

  test("that are invalid are not reported", async () => {
    for (const status of [400, 404, 409, 429]) {
      answer(status);
      await expect(ask("r", "", { method: "DELETE" })).rejects.toMatchObject({ status });
    }
    expect(suspected).toEqual([]);
  });

  test("that are refused, unlike reads, are not allowed", async () => {
    answer(403, '{"message": "Forbidden"}');
    answer(200, "{}");
    await expect(ask("r", "", { method: "DELETE" })).rejects.toMatchObject({
      kind: "refused",
      message: "not allowed",
    });
    expect(suspected).toEqual([]);
  });

  test("that are refused like reads mean signed out", async () => {
    answer(403, '{"message": "Forbidden"}');
    answer(403, '{"message": "Forbidden"}');
    await expect(ask("r", "", { method: "POST" })).rejects.toMatchObject({ kind: "signed-out" });
    expect(suspected).toEqual(["r signed-out"]);
  });

  test("that are aborted throw the error of fetch", async () => {
    const abort = new AbortController();
    answers.push(() => {
      abort.abort();
      throw new DOMException("aborted", "AbortError");
    });
    await expect(ask("r", "", { signal: abort.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(suspected).toEqual([]);
  });
});

describe("delays", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("grow, respect Retry-After, and are reset by a success", () => {
    const retries = new Retries();
    const waits = Array.from({ length: 7 }, () => retries.next());
    for (const [index, wait] of waits.entries())
      expect(wait).toBeLessThanOrEqual(Math.min(30_000, 1_000 * 2 ** index));
    expect(waits.at(-1)).toBeGreaterThanOrEqual(22_500);
    expect(retries.next(60_000)).toBe(60_000);
    retries.reset();
    expect(retries.next()).toBe(1_000);
  });

  test("end when the connection recovers", async () => {
    const wait = vi.fn();
    void pause(30_000).then(wait);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(wait).not.toHaveBeenCalled();
    notifyRecovery();
    await vi.advanceTimersByTimeAsync(0);
    expect(wait).toHaveBeenCalledTimes(1);
  });
});
