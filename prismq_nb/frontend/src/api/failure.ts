/**
 * What a failed request says about the connection: one table of cases, one sentence for each. Pure.
 *
 * A 403 of an action means "not allowed", a 403 of reading means "signed out", unless the server
 * says that its authorizer refused.
 */

import { HttpError } from "../base/page.js";

/** `refused`: signed in, and not allowed; `other`: nothing about the connection. */
export type FailureKind =
  | "signed-out"
  | "not-running"
  | "busy"
  | "refused"
  | "unreachable"
  | "other";

/** A request that failed; its message is for people. */
export class Failure extends Error {
  readonly kind: FailureKind;
  /** Of the answer; 0: there was none. */
  readonly status: number;
  /** Shortest wait (ms) that the server asks for. */
  readonly retryAfterMs: number;

  constructor(kind: FailureKind, message: string, status = 0, retryAfterMs = 0) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What proxies answer while the server behind them is away; 424: JupyterHub's. */
const AWAY = [424, 502, 503];
const NO_ANSWER = "the Jupyter server does not answer";
const NOT_RUNNING = "the Jupyter server is not running";
const GONE = "this run is no longer on this server";
const STALE = "this page's security token is out of date; reload the page";
const SIGNED_OUT = "signed out of the Jupyter server";
/** `Retry-After` is taken as this long (ms) at most. */
const MOST_RETRY_MS = 300_000;

/** @param acts the request was to change something: POST, PATCH, DELETE. */
export function failureOf(error: unknown, acts = false): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof HttpError) return answered(error, acts);
  if (error instanceof TypeError) return new Failure("unreachable", NO_ANSWER); // from `fetch`
  return new Failure("other", error instanceof Error ? error.message : String(error));
}

/** A page where data was to come: a proxy's login. */
export function webPage(): Failure {
  return new Failure("signed-out", "signed out (a login page came instead of an answer)", 200);
}

/** Whether it may be that no request works any more. */
export function isNews({ kind }: Failure): boolean {
  return kind === "signed-out" || kind === "not-running" || kind === "unreachable";
}

function answered({ status, message, reason, retryAfter }: HttpError, acts: boolean): Failure {
  const failure = (kind: FailureKind, text: string): Failure => {
    return new Failure(kind, text, status, 1000 * waitOf(retryAfter));
  };
  if (status === 401 || (status >= 300 && status < 400)) return failure("signed-out", SIGNED_OUT);
  if (status === 403 && message.includes("_xsrf")) return failure("refused", STALE);
  const isKnown = acts || reason === "NotAuthorized";
  if (status === 403 && isKnown) return failure("refused", notAllowed(message));
  if (status === 403) return failure("signed-out", SIGNED_OUT);
  if (AWAY.includes(status)) return failure("not-running", `${NOT_RUNNING} (HTTP ${status})`);
  if (status === 404 && reason === "RunNotFound") return failure("other", GONE);
  if (status === 504) return failure("unreachable", `${NO_ANSWER} (HTTP 504)`);
  if (status === 429) return failure("busy", `the server is busy: ${message}`);
  return failure("other", message);
}

/** A proxy's or Jupyter's plain "Forbidden" says no more than the status. */
function notAllowed(message: string): string {
  const words = message.replace(/ ?\(HTTP 403\)$/, "");
  return words && words !== "Forbidden" ? `not allowed: ${words}` : "not allowed";
}

/** Seconds; a date counts from now. */
function waitOf(retryAfter: string | null): number {
  if (!retryAfter) return 0;
  const isNumber = /^\d+$/.test(retryAfter);
  const seconds = isNumber ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(MOST_RETRY_MS / 1000, Math.max(0, seconds)) : 0;
}
