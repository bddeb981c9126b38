"""`Transport`: send requests to a Jupyter server that may move, restart or hide behind a proxy."""

from __future__ import annotations

import os
import threading
import warnings
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import requests
from urllib3.exceptions import InsecureRequestWarning, NewConnectionError

from prismq_nb.client.http.responses import hub_status_url, login_error, to_error
from prismq_nb.errors import PrismqError, ServerUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prismq_nb.client.http.connection import Connection

CONNECT_TIMEOUT_SECONDS = 5.0
ANSWER_TIMEOUT_SECONDS = 30.0
"""A launch takes 0.1 s and a poll 0.2 s, but a busy machine may take much longer."""

# how a restarted server responds to the secret of its predecessor
_REFUSED_STATUSES = frozenset({401, 403})

T = TypeVar("T")


class Transport:
    """Sends requests to one Jupyter server, with its credentials, from any thread.

    Args:
        connect: returns the address and credentials of the server. It is called again when the
            server does not respond or refuses the credentials, because a restarted server has
            another port and another secret.

    Raises:
        ServerUnreachable: `connect` found no server.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self.connection = connect()
        self._local = threading.local()  # requests' Session is not safe to share between threads

    def call(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
    ) -> T:
        """Send a request, and decode the JSON of the response.

        Args:
            method: HTTP method.
            path: path below the server's base URL, without a leading slash.
            kind: type of the result.
            params: query parameters; None is left out, a list is repeated.
            body: JSON.

        Raises:
            PrismqError: the response is an error, or not of that type; see `request`.
        """
        response = self.request(method, path, params=params, body=body)
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError as error:
            url = self.connection.url
            raise PrismqError(f"{url} sent an unexpected response: {error}") from None

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
        silence: float = ANSWER_TIMEOUT_SECONDS,
    ) -> requests.Response:
        """Send a request; retry it if the server has moved and cannot have acted on it.

        Args:
            method: HTTP method.
            path: path below the server's base URL, without a leading slash.
            params: query parameters; None is left out, a list is repeated.
            body: JSON.
            headers: headers besides the credentials.
            stream: leave the body of the response to the caller, who closes it.
            silence: seconds without a byte after which the connection is given up.

        Raises:
            ServerUnreachable: the server does not respond.
            NotAllowed: a login is required.
            PrismqError: the error that the response carries.
        """
        given = {name: value for name, value in (params or {}).items() if value is not None}
        kind = {} if body is None else {"Content-Type": "application/json"}
        options: dict[str, Any] = {
            "params": {name: list(map(_text, _several(value))) for name, value in given.items()},
            "data": body,
            "headers": {**kind, **(headers or {})},
            "timeout": (CONNECT_TIMEOUT_SECONDS, silence),
            "stream": stream,
            "allow_redirects": False,  # a redirect leads to a login page with status 200
        }
        for may_retry in (True, False):
            connection = self.connection
            url = f"{connection.url}/{path}"
            try:
                response = self._session(connection).request(method, url, **options)
            except requests.RequestException as error:
                is_safe = method == "GET" or _never_sent(error)
                if may_retry and is_safe and self.reload_connection():
                    continue
                raise ServerUnreachable(
                    f"The Jupyter server at {connection.url} does not respond: {_cause(error)}"
                ) from None
            is_refused = response.status_code in _REFUSED_STATUSES
            if may_retry and is_refused and self.reload_connection():
                response.close()
                continue
            return self._checked(response, connection, stream=stream)
        raise AssertionError("unreachable")  # the second attempt either returns or raises

    def _checked(
        self, response: requests.Response, connection: Connection, *, stream: bool
    ) -> requests.Response:
        """Return the response, or raise the error that it stands for."""
        if response.status_code >= requests.codes.multiple_choices:
            raise to_error(self._explained(response, connection), connection)
        if error := login_error(response, connection, stream=stream):
            raise error
        return response

    def _explained(self, response: requests.Response, connection: Connection) -> requests.Response:
        """Follow a redirect of JupyterHub to its status page; other redirects lead to a login."""
        where = hub_status_url(response)
        if where is None:
            return response
        response.close()
        timeout = (CONNECT_TIMEOUT_SECONDS, ANSWER_TIMEOUT_SECONDS)
        try:
            return self._session(connection).get(where, timeout=timeout, allow_redirects=False)
        except requests.RequestException as error:
            raise ServerUnreachable(
                f"The hub at {connection.url} does not respond: {_cause(error)}"
            ) from None

    def _session(self, connection: Connection) -> requests.Session:
        # a fork must not share sockets, and another server must not get these credentials
        key = (os.getpid(), connection.url, *connection.headers.values())
        if getattr(self._local, "key", None) != key:
            self._local.key, self._local.session = key, _session(connection)
        session: requests.Session = self._local.session
        return session

    def reload_connection(self) -> bool:
        """Read the address and credentials again, and return whether they have changed."""
        try:
            connection = self._connect()
        # the server is down or restarting
        except (ServerUnreachable, OSError, ValueError, LookupError):
            return False
        moved = connection != self.connection
        self.connection = connection
        return moved


def _session(connection: Connection) -> requests.Session:
    session = requests.Session()

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(connection.headers)
        return request

    session.auth = sign  # an entry in ~/.netrc would override session.headers
    if connection.local:
        # a proxy from HTTP_PROXY cannot reach this machine's loopback interface
        session.trust_env = False
        # no authority signs certificates for 127.0.0.1
        session.verify = False
        warnings.filterwarnings("ignore", r".*host '(localhost|127\.|::1)", InsecureRequestWarning)
    return session


def _several(value: Any) -> list[Any]:
    """Return the values of a parameter that may be repeated."""
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _never_sent(error: requests.RequestException) -> bool:
    """Return whether no connection was made, so that the server cannot have acted."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def _cause(error: requests.RequestException) -> str:
    if isinstance(error, requests.ReadTimeout):
        return "it accepted the request but sent nothing"
    if _never_sent(error):
        return "nothing is listening there; is it running?"
    return f"{error}"
