/**
 * The Jupyter page around the viewer: its server's address, and requests with the user's login.
 *
 * The only file that builds URLs or reads cookies. Tokens never appear in URLs: the browser sends
 * the login cookie (`same-origin`), and the `_xsrf` cookie is repeated as a header, which Jupyter
 * requires for DELETE, and JupyterHub for GET as well.
 */

/** The body of an error response; empty if a proxy sent it. */
export interface ErrorBody {
  readonly message?: string;
  /** Error name given by the server. */
  readonly reason?: unknown;
  /** The problem with a value, without the names and values that the message repeats. */
  readonly detail?: string;
}

/** A response that is not 2xx, with the server's message. */
export class HttpError extends Error {
  /** 302 stands for any redirect. */
  readonly status: number;
  readonly body: ErrorBody;
  /** The `Retry-After` header, unparsed. */
  readonly retryAfter: string | null;

  constructor(status: number, body: ErrorBody = {}, retryAfter: string | null = null) {
    super(`${body.message ?? ""} (HTTP ${status})`.trim());
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

/** Base path of the server, with a slash at both ends. */
export function baseUrl(): string {
  const path = baseInPage() || "/";
  return path.endsWith("/") ? path : `${path}/`;
}

/**
 * Whether a Jupyter server sent this page: other front ends (VS Code, Colab) have no login for it
 * and forward no requests.
 */
export function isJupyter(): boolean {
  return baseInPage() !== undefined;
}

function baseInPage(): string | undefined {
  const config = document.getElementById("jupyter-config-data")?.textContent;
  try {
    const base = config
      ? (JSON.parse(config) as { baseUrl?: unknown }).baseUrl
      : document.body.dataset.baseUrl;
    return typeof base === "string" ? base : undefined;
  } catch {
    return undefined;
  }
}

/** URL of an endpoint; `path` without a leading slash. */
export function url(path: string): string {
  return baseUrl() + path;
}

/**
 * Send a request with the user's login.
 *
 * @throws HttpError if the response is not 2xx; whatever `fetch` throws if there is no response.
 */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const xsrf = xsrfToken();
  if (xsrf) headers.set("X-XSRFToken", xsrf);
  // Our endpoints never redirect: a redirect is a login page, perhaps of another origin, or a
  // JupyterHub status page.
  const response = await fetch(url(path), {
    cache: "no-store",
    redirect: "manual",
    ...init,
    headers,
    credentials: "same-origin",
  });
  if (response.ok) return response;
  const body = (await response.json().catch(() => null)) as ErrorBody | null;
  throw new HttpError(
    response.status || 302,
    { message: response.statusText, ...body },
    response.headers.get("Retry-After"),
  );
}

function xsrfToken(): string | undefined {
  // Browsers list the cookie with the longest path first (RFC 6265, 5.4), which is this server's
  // even if JupyterHub has set one too.
  return /(?:^|;\s*)_xsrf=([^;]*)/.exec(document.cookie)?.[1];
}
