/**
 * Requests about a run, whose failures are news about the connection: whoever has the stream hears
 * of them and looks after it.
 *
 * Everything but the stream itself asks by these functions.
 */

import { type Failure, failureOf, isNews, webPage } from "./failure.js";
import { HttpError, request } from "../base/page.js";

/** A connection that does not answer this long (ms) counts as dead. */
const PROBE_MS = 15_000;

let suspect: (run: string, failure: Failure) => void = () => undefined;

/** From now on `listener` hears of requests that failed as if the connection were gone. */
export function onSuspicion(listener: (run: string, failure: Failure) => void): void {
  suspect = listener;
}

/** @throws Failure; what `fetch` throws when it is aborted. */
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
 * JupyterHub redirects what is for a server that is not running to its own words about it; others
 * redirect to a login, which may be of another origin and so cannot be followed. An action is never
 * sent twice.
 */
async function followed(error: unknown, path: string, init: RequestInit): Promise<Response> {
  if (!(error instanceof HttpError && error.status === 302) || !isReading(init)) throw error;
  return request(path, { ...init, redirect: "follow" }).catch((last: unknown) => {
    throw last instanceof HttpError ? last : error;
  });
}

/**
 * A request below a run's address; `what` begins with a slash, or is empty.
 *
 * @throws Failure; what `fetch` throws when it is aborted.
 */
export async function ask(run: string, what: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await open(`api/runs/${run}${what}`, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    const own = failureOf(error);
    // Is the action refused, or everything?
    const isUnclear = !isReading(init) && (own.status === 403 || own.status === 302);
    const failure = isUnclear ? ((await probe(run)) ?? own) : own;
    if (isNews(failure)) suspect(run, failure);
    throw failure;
  }
}

/** Why runs cannot be read now; undefined: they can, also where this one is gone. */
export async function probe(run: string, signal?: AbortSignal): Promise<Failure | undefined> {
  const late = AbortSignal.timeout(PROBE_MS);
  try {
    await open(`api/runs/${run}`, { signal: signal ? AbortSignal.any([signal, late]) : late });
    return undefined;
  } catch (error) {
    if (signal?.aborted) return undefined;
    const failure = failureOf(late.aborted ? new TypeError() : error);
    return isNews(failure) || failure.kind === "refused" ? failure : undefined;
  }
}

function isReading({ method = "GET" }: RequestInit): boolean {
  return method === "GET" || method === "HEAD";
}
