/**
 * The Jupyter page around the viewer: where its server is, and requests to it with the person's login.
 *
 * The only file that builds URLs or reads cookies. No token is ever put into a URL: the login cookie goes along by itself (`same-origin`), and the
 * `_xsrf` cookie is repeated as a header, which Jupyter wants for DELETE and JupyterHub also for GET.
 */

/** An answer that is not 2xx, with the server's own words. */
export class HttpError extends Error {
  /** 302 stands for any redirect. */
  readonly status: number;
  /** The name of the server's error; undefined where a proxy answered. */
  readonly reason: unknown;
  /** `Retry-After`, as it came. */
  readonly retryAfter: string | null;

  constructor(status: number, message: string, reason?: unknown, retryAfter: string | null = null) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

interface Said {
  readonly message?: unknown;
  readonly reason?: unknown;
}

/** Path under which the server answers, with a slash at both ends. */
export function baseUrl(): string {
  const path = baseInPage() || "/";
  return path.endsWith("/") ? path : `${path}/`;
}

/**
 * Whether a Jupyter server sent this page: other front ends (VS Code, Colab) have no login of it, and
 * do not pass requests on.
 */
export function isJupyter(): boolean {
  return baseInPage() !== undefined;
}

function baseInPage(): string | undefined {
  const config = document.getElementById("jupyter-config-data")?.textContent;
  try {
    const base = config ? (JSON.parse(config) as { baseUrl?: unknown }).baseUrl : document.body.dataset["baseUrl"];
    return typeof base === "string" ? base : undefined;
  } catch {
    return undefined;
  }
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
  // We redirect nowhere: it leads to a login, perhaps of another origin, or to a hub's words.
  const response = await fetch(url(path), {
    cache: "no-store",
    redirect: "manual",
    ...init,
    headers,
    credentials: "same-origin",
  });
  if (response.ok) return response;
  const { message, reason } = ((await response.json().catch(() => null)) ?? {}) as Said;
  const status = response.status || 302;
  const text = typeof message === "string" ? message : response.statusText;
  throw new HttpError(status, `${text} (HTTP ${status})`.trim(), reason, response.headers.get("Retry-After"));
}

function xsrfToken(): string | undefined {
  // The first one is that of the longest path, which is this server's where a hub has set its own too.
  return /(?:^|;\s*)_xsrf=([^;]*)/.exec(document.cookie)?.[1];
}
