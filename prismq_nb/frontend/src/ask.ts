/**
 * Requests about a run, whose failures are news about the connection: whoever has the stream hears of them and looks after it.
 *
 * Everything but the stream itself asks by these functions.
 */

import { type Failure, failureOf, isNews, webPage } from "./failure.js";
import { request } from "./page.js";

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
    const response = await request(path, init);
    if (response.headers.get("Content-Type")?.startsWith("text/html")) throw webPage();
    return response;
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw failureOf(error, !isReading(init));
  }
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
    const failure = own.status === 403 && !isReading(init) ? ((await probe(run)) ?? own) : own; // a refusal of the action, or of everything?
    if (isNews(failure)) suspect(run, failure);
    throw failure;
  }
}

/** Whether a run can be read now: undefined, or why not. A run that is gone was asked for in vain, and answered for. */
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
