"""Turn answers that are not ours, or not good, into errors that name cause and remedy.

Apart from http.py, which sends requests; the wire form of our own errors is in errors.py.
"""

from __future__ import annotations

from contextlib import closing
from http.client import responses
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import requests

from prismq_nb.errors import NotAllowed, PrismqError, ServerUnreachable, TooManyStreams, from_wire

if TYPE_CHECKING:
    from prismq_nb.client.http.connection import Connection

__all__ = ["error_of", "hub_words", "login_page"]

_REDIRECTS = range(300, 400)
_PHRASES = frozenset(responses.values())
"""What kernel gateways give as the reason: ``Not Found``."""
_AWAY = {424, 502, 503, 504}
"""What a proxy answers while the server behind it is away; 424: JupyterHub's."""


def login_page(response: requests.Response, connection: Connection, *, stream: bool) -> NotAllowed | None:
    """Return the error that a web page stands for: we send none, so a login came in between."""
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return None
    if not stream and response.content.lstrip().startswith(b"{"):  # JSON by another name
        return None
    response.close()
    return NotAllowed(f"{connection.url} requires a login (it sent a web page): {_remedy(connection)}")


def hub_words(response: requests.Response) -> str | None:
    """Return where JupyterHub says what is with a server that it does not run; None: elsewhere.

    It redirects ``/user/ann/api/...`` to ``/hub/user/ann/api/...``, where an API client gets 424.
    """
    if response.status_code not in _REDIRECTS:
        return None
    asked = urlsplit(response.url)
    leads = urlsplit(urljoin(response.url, response.headers.get("Location", "")))
    same = (leads.scheme, leads.netloc) == (asked.scheme, asked.netloc)
    before, _, after = leads.path.partition("/hub/")
    return leads.geturl() if same and f"{before}/{after}" == asked.path else None


def error_of(response: requests.Response, connection: Connection) -> PrismqError:
    """Return the error that an answer of 300 or more stands for."""
    status, url = response.status_code, connection.url
    message, reason = _words(response)
    if cause := _without_login(status, message, reason):
        return NotAllowed(f"{url} {cause}: {_remedy(connection)}")
    if reason is None and status in _AWAY:
        return _away(url, message, status)
    if reason is None and status == requests.codes.not_found:
        where = "install it where the Jupyter server runs, and restart that server"
        return PrismqError(f"{url} has no prismq_nb: {where}")
    if status == requests.codes.too_many_requests:
        return _busy(url, message, reason, response.headers.get("Retry-After", ""))
    return from_wire(status, message, reason)


def _without_login(status: int, message: str, reason: str | None) -> str | None:
    """Return what a server does that does not know who asks; None: it does know, or says so."""
    if status in _REDIRECTS:
        return "requires a login (it answered with a redirect)"
    if status == requests.codes.unauthorized:
        return "requires a login (HTTP 401)"
    if status == requests.codes.forbidden and reason is None:
        return f"refuses the request ({message}, HTTP 403)"
    if status == requests.codes.forbidden and message.startswith("not signed in"):
        return "says that you are not signed in (HTTP 403)"
    return None


def _words(response: requests.Response) -> tuple[str, str | None]:
    with closing(response):
        try:
            body = response.json()
        except requests.RequestException:
            body = None
    if not isinstance(body, dict):
        return str(response.reason), None
    reason = body.get("reason")
    is_ours = isinstance(reason, str) and reason not in _PHRASES
    return str(body.get("message") or response.reason), reason if is_ours else None


def _away(url: str, message: str, status: int) -> ServerUnreachable:
    what = "does not answer its proxy" if status == requests.codes.gateway_timeout else "is not running"
    return ServerUnreachable(
        f"The Jupyter server behind {url} {what} ({message}, HTTP {status}): start it "
        "(on JupyterHub: from the control panel, or by opening it in a browser) and try again"
    )


def _busy(url: str, message: str, reason: str | None, again: str) -> PrismqError:
    error = from_wire(429, message, reason)
    if isinstance(error, TooManyStreams):
        if again.isdecimal():  # else a date, which our server does not send
            error.retry_after = float(again)
        return error
    when = f"in {again} s" if again.isdecimal() else "later"
    cause = f"accepts no requests at the moment ({message}, HTTP 429)"
    return ServerUnreachable(f"The Jupyter server at {url} {cause}: try again {when}")


def _remedy(connection: Connection) -> str:
    """Return what helps where a login is missing, by how this process proves who it is."""
    given = connection.headers.get("Authorization", "")
    if given.startswith("prismq "):
        return "the connection file belongs to another server; restart this kernel from the Jupyter server"
    if given:
        return "the token is wrong or has expired; set PRISMQ_TOKEN to a token for that server"
    which = "a token for it (on JupyterHub: one with access to it)"
    return f"if it has a login, set PRISMQ_TOKEN to {which}"
