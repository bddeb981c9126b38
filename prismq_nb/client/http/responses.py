"""Turn responses of proxies, logins and failing servers into errors that name cause and remedy.

client.py sends the requests; the wire form of our own errors is in `prismq_nb/errors.py`.
"""

from __future__ import annotations

from contextlib import closing
from http.client import responses
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import requests

from prismq_nb.errors import NotAllowed, PrismqError, ServerUnreachable, TooManyStreams, from_wire

if TYPE_CHECKING:
    from typing import Any

    from prismq_nb.client.http.connection import Connection

_REDIRECTS = range(300, 400)
_PHRASES = frozenset(responses.values())
"""Kernel gateways send these as the reason, such as ``Not Found``."""
_UNAVAILABLE = {424, 502, 503, 504}
"""Statuses of a proxy whose server is unavailable; JupyterHub sends 424."""


def login_error(
    response: requests.Response, connection: Connection, *, stream: bool
) -> NotAllowed | None:
    """Return an error if the response is a web page; our server sends none, so it is a login."""
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return None
    if not stream and response.content.lstrip().startswith(b"{"):  # JSON with a wrong content type
        return None
    response.close()
    return NotAllowed(
        f"{connection.url} requires a login (it sent a web page); {_remedy(connection)}"
    )


def hub_status_url(response: requests.Response) -> str | None:
    """Return the address at which JupyterHub reports the status of a server; None: no hub.

    For a server that is not running, the hub redirects ``/user/ann/api/...`` to
    ``/hub/user/ann/api/...``, which responds to API clients with 424.
    """
    if response.status_code not in _REDIRECTS:
        return None
    requested = urlsplit(response.url)
    target = urlsplit(urljoin(response.url, response.headers.get("Location", "")))
    same = (target.scheme, target.netloc) == (requested.scheme, requested.netloc)
    before, _, after = target.path.partition("/hub/")
    return target.geturl() if same and f"{before}/{after}" == requested.path else None


def to_error(response: requests.Response, connection: Connection) -> PrismqError:
    """Return the error for a response with a status of 300 or more."""
    status, url = response.status_code, connection.url
    body = _body(response)
    message, reason = _message_and_reason(response, body)
    if cause := _login_cause(status, message, reason):
        return NotAllowed(f"{url} {cause}; {_remedy(connection)}")
    if reason is None and status in _UNAVAILABLE:
        return _unavailable(url, message, status)
    if reason is None and status == requests.codes.not_found:
        how = "install it in the environment of the Jupyter server, and restart the server"
        return PrismqError(f"{url} does not have prismq_nb; {how}")
    if status == requests.codes.too_many_requests:
        return _busy(url, message, reason, response.headers.get("Retry-After", ""))
    parameter, detail = (_text(body.get(name)) for name in ("parameter", "detail"))
    return from_wire(status, message, reason, parameter, detail)


def _login_cause(status: int, message: str, reason: str | None) -> str | None:
    """Return what the server does because the caller is not signed in; None: it is not that."""
    if status in _REDIRECTS:
        return "requires a login (it answered with a redirect)"
    if status == requests.codes.unauthorized:
        return "requires a login (HTTP 401)"
    if status == requests.codes.forbidden and reason is None:
        return f"refuses the request ({message}, HTTP 403)"
    if status == requests.codes.forbidden and message.startswith("not signed in"):
        return "says that you are not signed in (HTTP 403)"
    return None


def _body(response: requests.Response) -> dict[str, Any]:
    with closing(response):
        try:
            body = response.json()
        except requests.RequestException:
            body = None
    return body if isinstance(body, dict) else {}


def _message_and_reason(
    response: requests.Response, body: dict[str, Any]
) -> tuple[str, str | None]:
    reason = body.get("reason")
    is_ours = isinstance(reason, str) and reason not in _PHRASES
    return str(body.get("message") or response.reason), reason if is_ours else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _unavailable(url: str, message: str, status: int) -> ServerUnreachable:
    what = (
        "does not respond to its proxy"
        if status == requests.codes.gateway_timeout
        else "is not running"
    )
    return ServerUnreachable(
        f"The Jupyter server behind {url} {what} ({message}, HTTP {status}); start it "
        "(on JupyterHub, from the control panel or by opening it in a browser) and try again"
    )


def _busy(url: str, message: str, reason: str | None, again: str) -> PrismqError:
    error = from_wire(429, message, reason)
    if isinstance(error, TooManyStreams):
        if again.isdecimal():  # or a date, which our server does not send
            error.retry_after = float(again)
        return error
    when = f"in {again} s" if again.isdecimal() else "later"
    cause = f"is too busy ({message}, HTTP 429)"
    return ServerUnreachable(f"The Jupyter server at {url} {cause}; try again {when}")


def _remedy(connection: Connection) -> str:
    """Return the remedy for a missing login, which depends on the credentials in use."""
    given = connection.headers.get("Authorization", "")
    if given.startswith("prismq "):
        return (
            "the connection file belongs to another server, so restart this kernel from the Jupyter"
            " server"
        )
    if given:
        return "its token is wrong or has expired, so set PRISMQ_TOKEN to a valid one"
    return "set PRISMQ_TOKEN to a token for it (on JupyterHub, a token with access to this server)"
