/**
 * Classify failed requests: one table of cases, one sentence for each. Pure.
 *
 * A 403 for an action means "not allowed", a 403 for reading means "signed out", unless the server
 * reports that its authorizer refused.
 */

import { messageOf } from "../base/format.js";
import { HttpError } from "../base/page.js";

/** `refused`: signed in, but not allowed; `other`: unrelated to the connection. */
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
  /** HTTP status; 0: there was no response. */
  readonly status: number;
  /** Minimum wait (ms) that the server asks for. */
  readonly retryAfterMs: number;
  /** The problem with a value, if the server reports it separately; else the message. */
  readonly detail: string;

  constructor(kind: FailureKind, message: string, status = 0, retryAfterMs = 0, detail = message) {
    super(message);
    this.detail = detail;
    this.kind = kind;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Statuses with which proxies respond while the server behind them is down; 424: JupyterHub. */
const AWAY = [424, 502, 503];
const NO_ANSWER = "the Jupyter server does not answer";
const NOT_RUNNING = "the Jupyter server is not running";
const GONE = "this run is no longer on this server";
const STALE = "this page's security token is out of date; reload the page";
const SIGNED_OUT = "signed out of the Jupyter server";
/** Maximum for `Retry-After` (ms). */
const MAX_RETRY_MS = 300_000;

/**
 * Convert an error to a `Failure`.
 *
 * @param acts the request was to change something: POST, PATCH, DELETE.
 */
export function failureOf(error: unknown, acts = false): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof HttpError) return answered(error, acts);
  if (error instanceof TypeError) return new Failure("unreachable", NO_ANSWER); // from `fetch`
  return new Failure("other", messageOf(error));
}

/** A web page instead of data: the login page of a proxy. */
export function webPage(): Failure {
  return new Failure("signed-out", "signed out (a login page came instead of an answer)", 200);
}

/** Whether all requests may be failing. */
export function mayBeDisconnected({ kind }: Failure): boolean {
  return kind === "signed-out" || kind === "not-running" || kind === "unreachable";
}

function answered(error: HttpError, acts: boolean): Failure {
  const { status, message, body, retryAfter } = error;
  const { message: text = "", reason, detail } = body;
  const failure = (kind: FailureKind, sentence: string): Failure => {
    return new Failure(kind, sentence, status, 1000 * waitOf(retryAfter), detail);
  };
  if (status === 401 || (status >= 300 && status < 400)) return failure("signed-out", SIGNED_OUT);
  if (status === 403 && text.includes("_xsrf")) return failure("refused", STALE); // tornado's words
  const isKnown = acts || reason === "NotAuthorized";
  if (status === 403 && isKnown) return failure("refused", notAllowed(text));
  if (status === 403) return failure("signed-out", SIGNED_OUT);
  if (AWAY.includes(status)) return failure("not-running", `${NOT_RUNNING} (HTTP ${status})`);
  if (status === 404 && reason === "RunNotFound") return failure("other", GONE);
  if (status === 504) return failure("unreachable", `${NO_ANSWER} (HTTP 504)`);
  if (status === 429) return failure("busy", `the server is busy: ${message}`);
  return failure("other", message);
}

/** A plain "Forbidden" of a proxy or of Jupyter says no more than the status. */
function notAllowed(text: string): string {
  return text && text !== "Forbidden" ? `not allowed: ${text}` : "not allowed";
}

/** Parse `Retry-After` (seconds or a date) into seconds from now. */
function waitOf(retryAfter: string | null): number {
  if (!retryAfter) return 0;
  const isNumber = /^\d+$/.test(retryAfter);
  const seconds = isNumber ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(MAX_RETRY_MS / 1000, Math.max(0, seconds)) : 0;
}
