/**
 * Requests about a run. Failures that may be connection failures are reported to the owner of the
 * stream, which checks the connection.
 *
 * Everything except the stream itself uses these functions.
 */

import { HttpError, request } from "../base/page.js";
import { type Failure, failureOf, mayBeDisconnected, webPage } from "./failure.js";

/** A connection that does not respond for this long (ms) counts as dead. */
const PROBE_MS = 15_000;

let suspect: (run: string, failure: Failure) => void = () => undefined;

/** Set the listener for requests that failed as if the connection were lost. */
export function onSuspicion(listener: (run: string, failure: Failure) => void): void {
  suspect = listener;
}

/**
 * Send a request.
 *
 * @throws Failure; whatever `fetch` throws when it is aborted.
 */
export async function open(path: string, init: RequestInit = {}): Promise<Response> {
  try {
    const follow = (error: unknown): Promise<Response> => followed(error, path, init);
    const response = await request(path, init).catch(follow);
    if (response.headers.get("Content-Type")?.startsWith("text/html")) throw webPage();
    return response;
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw failureOf(error, !isReading(init));
  }
}

/**
 * Follow a redirect of a read request. JupyterHub redirects requests for a stopped server to a
 * status page; others redirect to a login page, which may be of another origin and cannot be
 * followed. Actions are never sent twice.
 */
async function followed(error: unknown, path: string, init: RequestInit): Promise<Response> {
  if (!(error instanceof HttpError && error.status === 302) || !isReading(init)) throw error;
  return request(path, { ...init, redirect: "follow" }).catch((last: unknown) => {
    throw last instanceof HttpError ? last : error;
  });
}

/**
 * Send a request below a run's URL; `what` begins with a slash, or is empty.
 *
 * @throws Failure; whatever `fetch` throws when it is aborted.
 */
export async function ask(run: string, what: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await open(`api/runs/${run}${what}`, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    const own = failureOf(error);
    // Distinguish a refused action from a lost login.
    const isUnclear = !isReading(init) && (own.status === 403 || own.status === 302);
    const failure = isUnclear ? ((await probe(run)) ?? own) : own;
    if (mayBeDisconnected(failure)) suspect(run, failure);
    throw failure;
  }
}

/**
 * Check whether runs can be read; return the failure, or undefined if they can, even if this run is
 * gone.
 */
export async function probe(run: string, signal?: AbortSignal): Promise<Failure | undefined> {
  const late = AbortSignal.timeout(PROBE_MS);
  try {
    await open(`api/runs/${run}`, { signal: signal ? AbortSignal.any([signal, late]) : late });
    return undefined;
  } catch (error) {
    if (signal?.aborted) return undefined;
    const failure = failureOf(late.aborted ? new TypeError() : error);
    return mayBeDisconnected(failure) || failure.kind === "refused" ? failure : undefined;
  }
}

function isReading({ method = "GET" }: RequestInit): boolean {
  return method === "GET" || method === "HEAD";
}
