/**
 * The Jupyter page around the viewer: where its server is, and requests to it with the person's login.
 *
 * The only file that builds URLs or reads cookies. No token is ever put into a URL: the login cookie goes along by itself (`same-origin`), and the
 * `_xsrf` cookie is repeated as a header, which Jupyter wants for DELETE and JupyterHub also for GET.
 */

/** An answer that is not 2xx, with the server's own words. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Path under which the server answers, with a slash at both ends. */
export function baseUrl(): string {
  const config = document.getElementById("jupyter-config-data")?.textContent;
  let base: unknown;
  try {
    base = config ? (JSON.parse(config) as { baseUrl?: unknown }).baseUrl : document.body.dataset["baseUrl"];
  } catch {
    base = undefined;
  }
  const path = typeof base === "string" && base ? base : "/";
  return path.endsWith("/") ? path : `${path}/`;
}

/** Address of an endpoint; `path` without a leading slash. */
export function url(path: string): string {
  return baseUrl() + path;
}

/** A request with the person's login. Throws `HttpError` on any answer that is not 2xx, and what `fetch` throws when there is none. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const xsrf = xsrfToken();
  if (xsrf) headers.set("X-XSRFToken", xsrf);
  const response = await fetch(url(path), { cache: "no-store", ...init, headers, credentials: "same-origin" });
  if (response.ok) return response;
  throw new HttpError(response.status, await reason(response));
}

function xsrfToken(): string | undefined {
  // The first one is that of the longest path, which is this server's where a hub has set its own too.
  return /(?:^|;\s*)_xsrf=([^;]*)/.exec(document.cookie)?.[1];
}

async function reason(response: Response): Promise<string> {
  const body = (await response.json().catch(() => null)) as { message?: unknown } | null;
  const message = typeof body?.message === "string" ? body.message : response.statusText;
  if (response.status === 401 || response.status === 403) return `not allowed, or signed out (HTTP ${response.status})`;
  return message ? `${message} (HTTP ${response.status})` : `HTTP ${response.status}`;
}
