"""The engine over HTTP: what a kernel beside a Jupyter server uses.

Apart from local.py so that a kernel loads either `requests` or the engine, never both. Knows the wire forms and the errors, nothing of the server's
code.
"""

from __future__ import annotations

import os
import threading
import warnings
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import msgspec
import requests
from urllib3.exceptions import HTTPError, InsecureRequestWarning, NewConnectionError

from prismq_nb.client.http.answers import error_of, hub_words, login_page
from prismq_nb.client.http.follow import follow
from prismq_nb.client.http.search import found
from prismq_nb.common.log_models import LogPage, SavedText
from prismq_nb.common.models import Attempts, LaunchSpec, RestartRequest, Run, RunPage
from prismq_nb.common.spelling import lone_surrogate
from prismq_nb.errors import InvalidRequest, PrismqError, ServerUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from prismq_nb.client.base.interface import LogQuery, StreamEvent
    from prismq_nb.client.http.connection import Connection

__all__ = ["HttpClient"]

CONNECT_TIMEOUT_SECONDS = 5.0
ANSWER_TIMEOUT_SECONDS = 30.0
"""A launch takes 0.1 s, a poll looks for 0.2 s; the rest is for a machine that is very busy. A shorter one calls a slow server dead."""
STREAM_SILENCE_SECONDS = 32.0
"""The server sends a comment every 15 s, so this much silence means that the connection is gone,
though nobody closed it: a proxy may keep it open when the server behind it has died."""
DOWNLOAD_CHUNK_BYTES = 256 * 1024

_REFUSED_STATUSES = frozenset({401, 403})  # what a restarted server answers to the secret of the one before

T = TypeVar("T")


class _Sent(msgspec.Struct):
    """Answer of ``POST /api/runs/{id}/input``."""

    held: bool = False


class HttpClient:
    """A client of one Jupyter server; see `interface.Client`.

    Args:
        connect: reads where the server is. It is called again when the server does not answer or refuses the credentials, because a restarted server
            has another port and another secret.

    Raises:
        ServerUnreachable: `connect` found nothing.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self.connection = connect()
        self._local = threading.local()  # requests' Session is not safe to share between threads

    def __repr__(self) -> str:
        return f"<HttpClient {self.connection.url}>"

    @property
    def env_names(self) -> tuple[str, ...]:
        """Names of the variables in the server's environment."""
        return self.connection.env_names

    # The calls of the interface, in its order.

    def launch(self, spec: LaunchSpec) -> Run:
        """``POST /api/runs``."""
        return self._call("POST", "api/runs", Run, body=msgspec.json.encode(spec))

    def list(self, *, module_id: str | None = None, status: str | None = None, q: str | None = None, limit: int = 50, offset: int = 0) -> RunPage:
        """``GET /api/runs``."""
        query = {"module_id": module_id, "status": status, "q": q, "limit": limit, "offset": offset}
        return self._call("GET", "api/runs", RunPage, params=query)

    def get(self, run_id: str) -> Run:
        """``GET /api/runs/{id}``."""
        return self._call("GET", _path(run_id), Run)

    def stop(self, run_id: str) -> Run:
        """``DELETE /api/runs/{id}``."""
        return self._call("DELETE", _path(run_id), Run)

    def give_up(self, run_id: str) -> Run:
        """``DELETE /api/runs/{id}?give_up=true``."""
        return self._call("DELETE", _path(run_id), Run, params={"give_up": "true"})

    def restart(self, run_id: str, given: RestartRequest) -> Run:
        """``POST /api/runs/{id}/restart``."""
        body = msgspec.json.encode(given) if given != RestartRequest() else None
        return self._call("POST", _path(run_id, "restart"), Run, body=body)

    def attempts(self, run_id: str) -> Attempts:
        """``GET /api/runs/{id}/attempts``."""
        return self._call("GET", _path(run_id, "attempts"), Attempts)

    def purge(self, run_id: str) -> None:
        """``DELETE /api/runs/{id}?purge=true``."""
        self._send("DELETE", _path(run_id), params={"purge": "true"}).close()

    def keep(self, run_id: str, *, keep: bool = True) -> Run:
        """``PATCH /api/runs/{id}``."""
        return self._call("PATCH", _path(run_id), Run, body=msgspec.json.encode({"keep": keep}))

    def send(self, run_id: str, text: str, *, eof: bool = False, secret: bool = False) -> bool:
        """``POST /api/runs/{id}/input``."""
        try:
            marks = {"secret": True} if secret else {}
            body = msgspec.json.encode({"text": text, "eof": eof} | marks)
        except UnicodeEncodeError as error:
            raise InvalidRequest(lone_surrogate("text", error)) from None
        return self._call("POST", _path(run_id, "input"), _Sent, body=body).held

    def logs(self, run_id: str, query: LogQuery) -> LogPage:
        """``GET /api/runs/{id}/logs``."""
        return self._call("GET", _path(run_id, "logs"), LogPage, params=query)

    def saved(self, run_id: str, query: LogQuery) -> SavedText:
        """``GET /api/runs/{id}/saved``."""
        return self._call("GET", _path(run_id, "saved"), SavedText, params=query)

    def stream(self, run_id: str, query: LogQuery) -> Iterator[StreamEvent]:
        """``GET /api/runs/{id}/logs/stream``, resumed by itself where it breaks; see `follow.follow`."""

        def connect(last_id: str | None) -> requests.Response:
            headers = {"Accept": "text/event-stream"} | ({} if last_id is None else {"Last-Event-ID": last_id})
            params = {**query, "batch": True}
            return self._send("GET", _path(run_id, "logs", "stream"), params=params, headers=headers, stream=True, silence=STREAM_SILENCE_SECONDS)

        def whole(line: int) -> str:
            return self.logs(run_id, {"after": line - 1, "limit": 1}).logs[0].message

        return follow(connect, whole, str(self))

    def search(self, run_id: str, query: LogQuery) -> Iterator[int]:
        """``GET /api/runs/{id}/logs/search``; closing the iterator ends the search."""
        with closing(
            self._send("GET", _path(run_id, "logs", "search"), params=query, headers={"Accept": "text/event-stream"}, stream=True)
        ) as response:
            yield from found(response, str(self))

    def download(
        self,
        run_id: str,
        target: BinaryIO,
        form: str = "text",
        query: LogQuery | None = None,
    ) -> None:
        """``GET /api/runs/{id}/logs/download``."""
        params = {"format": form, **(query or {})}
        path = _path(run_id, "logs", "download")
        with closing(self._send("GET", path, params=params, stream=True)) as response:
            try:
                target.writelines(response.iter_content(DOWNLOAD_CHUNK_BYTES))
            except (requests.RequestException, HTTPError) as error:
                lost = f"the connection to {self.connection.url} was lost"
                raise ServerUnreachable(f"{lost} during the download: {error}") from None

    # How a request is made.

    def _call(self, method: str, path: str, kind: type[T], *, params: Mapping[str, Any] | None = None, body: bytes | None = None) -> T:
        response = self._send(method, path, params=params, body=body)
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError as error:
            url = self.connection.url
            raise PrismqError(f"{url} sent an unexpected answer: {error}") from None

    def _send(
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
        """One request, sent again only if the server has moved and cannot have acted on the first."""
        given = {name: value for name, value in (params or {}).items() if value is not None}
        query = {name: list(map(_text, _several(value))) for name, value in given.items()}
        kind = {} if body is None else {"Content-Type": "application/json"}
        for last_try in (False, True):
            connection = self.connection
            try:
                response = self._session(connection).request(
                    method,
                    f"{connection.url}/{path}",
                    params=query,
                    data=body,
                    headers={**kind, **(headers or {})},
                    timeout=(CONNECT_TIMEOUT_SECONDS, silence),
                    stream=stream,
                    allow_redirects=False,  # a redirect leads to a login page, which answers 200
                )
            except requests.RequestException as error:
                if not last_try and (method == "GET" or _never_sent(error)) and self.look_again():
                    continue
                raise ServerUnreachable(f"The Jupyter server at {connection.url} does not answer: {_cause(error)}") from None
            if response.status_code < requests.codes.multiple_choices:
                if page := login_page(response, connection, stream=stream):
                    raise page
                return response
            if not last_try and response.status_code in _REFUSED_STATUSES and self.look_again():
                response.close()
                continue
            raise error_of(self._explained(response, connection), connection)
        raise AssertionError("unreachable")  # the second round either returns or raises

    def _explained(self, response: requests.Response, connection: Connection) -> requests.Response:
        """Follow a redirect of JupyterHub to what it says of the server; others lead to a login."""
        where = hub_words(response)
        if where is None:
            return response
        response.close()
        timeout = (CONNECT_TIMEOUT_SECONDS, ANSWER_TIMEOUT_SECONDS)
        try:
            return self._session(connection).get(where, timeout=timeout, allow_redirects=False)
        except requests.RequestException as error:
            raise ServerUnreachable(f"The hub at {connection.url} does not answer: {_cause(error)}") from None

    def _session(self, connection: Connection) -> requests.Session:
        key = (os.getpid(), connection.url, *connection.headers.values())  # sockets are not shared with a fork, nor credentials with another server
        if getattr(self._local, "key", None) != key:
            self._local.key, self._local.session = key, _session(connection)
        session: requests.Session = self._local.session
        return session

    def look_again(self) -> bool:
        """Read again where the server is; whether that has changed."""
        try:
            connection = self._connect()
        except (ServerUnreachable, OSError, ValueError, LookupError):  # it is down, or between two lives
            return False
        moved = connection != self.connection
        self.connection = connection
        return moved


def _session(connection: Connection) -> requests.Session:
    session = requests.Session()

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(connection.headers)
        return request

    session.auth = sign  # not session.headers: an entry in ~/.netrc would win over those
    if connection.local:
        session.trust_env = False  # a proxy set by HTTP_PROXY does not reach this machine's own loopback
        session.verify = False  # no authority signs for 127.0.0.1; whoever listens there could as well read the connection file
        warnings.filterwarnings("ignore", r".*host '(localhost|127\.|::1)", InsecureRequestWarning)
    return session


def _path(run_id: str, *parts: str) -> str:
    return "/".join(("api", "runs", quote(run_id, safe=""), *parts))


def _several(value: Any) -> list[Any]:
    """The values of a parameter that may be repeated."""
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _never_sent(error: requests.RequestException) -> bool:
    """Whether the connection was refused, so that a launch cannot have happened already."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def _cause(error: requests.RequestException) -> str:
    if isinstance(error, requests.ReadTimeout):
        return "it accepted the request, then sent nothing"
    if _never_sent(error):
        return "nothing is listening there"
    return f"{error}"
