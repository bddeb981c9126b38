"""`HttpClient`: the engine over HTTP, for kernels of a Jupyter server.

It shares the wire forms and the errors with the server, but none of its code.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Unpack
from urllib.parse import quote

import msgspec
import requests
from urllib3.exceptions import HTTPError

from prismq_nb.client.http.follow import follow
from prismq_nb.client.http.search import hits, runs
from prismq_nb.client.http.transport import Transport
from prismq_nb.common.log_models import LogPage, SavedText
from prismq_nb.common.models import Attempts, LaunchRequest, RestartRequest, RunInfo, RunPage
from prismq_nb.common.spelling import lone_surrogate
from prismq_nb.common.system_models import Health, SystemStatistics
from prismq_nb.errors import InvalidRequest, ServerUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from prismq_nb.client.base.interface import LogQuery, RunsFilter, StreamEvent
    from prismq_nb.client.http.connection import Connection
    from prismq_nb.common.log_models import RunHits
    from prismq_nb.common.run_query import RunQuery

STREAM_SILENCE_SECONDS = 32.0
"""The server sends a comment every 15 s, so a longer silence means that the connection is dead; a
proxy may keep it open after the server behind it has died."""
DOWNLOAD_CHUNK_BYTES = 256 * 1024


class _Sent(msgspec.Struct):
    """Response of ``POST /api/runs/{id}/input``."""

    held: bool = False


class HttpClient:
    """A client of one Jupyter server; see `interface.Client`.

    Args:
        connect: returns the address and credentials of the server, see `Transport`.

    Raises:
        ServerUnreachable: `connect` found no server.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._transport = Transport(connect)

    @property
    def connection(self) -> Connection:
        """The address and credentials in use."""
        return self._transport.connection

    def reload_connection(self) -> bool:
        """Read the address and credentials again, and return whether they have changed."""
        return self._transport.reload_connection()

    def __repr__(self) -> str:
        return f"<HttpClient {self.connection.url}>"

    @property
    def env_names(self) -> tuple[str, ...]:
        """Names of the variables in the server's environment."""
        return self.connection.env_names

    # The methods of `Client`, in its order

    def launch(self, request: LaunchRequest) -> RunInfo:
        """``POST /api/runs``."""
        return self._transport.call("POST", "api/runs", RunInfo, body=msgspec.json.encode(request))

    def list(self, **query: Unpack[RunQuery]) -> RunPage:
        """``GET /api/runs``."""
        return self._transport.call("GET", "api/runs", RunPage, params=query)

    def health(self) -> Health:
        """``GET /api/health``."""
        return self._transport.call("GET", "api/health", Health)

    def statistics(self) -> SystemStatistics:
        """``GET /api/system/stats``."""
        return self._transport.call("GET", "api/system/stats", SystemStatistics)

    def get(self, run_id: str) -> RunInfo:
        """``GET /api/runs/{id}``."""
        return self._transport.call("GET", _path(run_id), RunInfo)

    def stop(self, run_id: str) -> RunInfo:
        """``DELETE /api/runs/{id}``."""
        return self._transport.call("DELETE", _path(run_id), RunInfo)

    def give_up(self, run_id: str) -> RunInfo:
        """``DELETE /api/runs/{id}?give_up=true``."""
        return self._transport.call("DELETE", _path(run_id), RunInfo, params={"give_up": "true"})

    def restart(self, run_id: str, given: RestartRequest) -> RunInfo:
        """``POST /api/runs/{id}/restart``."""
        body = msgspec.json.encode(given) if given != RestartRequest() else None
        return self._transport.call("POST", _path(run_id, "restart"), RunInfo, body=body)

    def attempts(self, run_id: str) -> Attempts:
        """``GET /api/runs/{id}/attempts``."""
        return self._transport.call("GET", _path(run_id, "attempts"), Attempts)

    def purge(self, run_id: str) -> None:
        """``DELETE /api/runs/{id}?purge=true``."""
        self._transport.request("DELETE", _path(run_id), params={"purge": "true"}).close()

    def keep(self, run_id: str, *, keep: bool = True) -> RunInfo:
        """``PATCH /api/runs/{id}``."""
        return self._transport.call(
            "PATCH", _path(run_id), RunInfo, body=msgspec.json.encode({"keep": keep})
        )

    def send(self, run_id: str, text: str, *, eof: bool = False, secret: bool = False) -> bool:
        """``POST /api/runs/{id}/input``."""
        try:
            marks = {"secret": True} if secret else {}
            body = msgspec.json.encode({"text": text, "eof": eof} | marks)
        except UnicodeEncodeError as error:
            raise InvalidRequest(lone_surrogate("text", error), parameter="text") from None
        return self._transport.call("POST", _path(run_id, "input"), _Sent, body=body).held

    def logs(self, run_id: str, query: LogQuery) -> LogPage:
        """``GET /api/runs/{id}/logs``."""
        return self._transport.call("GET", _path(run_id, "logs"), LogPage, params=query)

    def saved(self, run_id: str, query: LogQuery) -> SavedText:
        """``GET /api/runs/{id}/saved``."""
        return self._transport.call("GET", _path(run_id, "saved"), SavedText, params=query)

    def stream(self, run_id: str, query: LogQuery) -> Iterator[StreamEvent]:
        """``GET /api/runs/{id}/logs/stream``, resumed after interruptions; see `follow.follow`."""

        def connect(last_id: str | None) -> requests.Response:
            headers = {"Accept": "text/event-stream"} | (
                {} if last_id is None else {"Last-Event-ID": last_id}
            )
            params = {**query, "batch": True}
            return self._transport.request(
                "GET",
                _path(run_id, "logs", "stream"),
                params=params,
                headers=headers,
                stream=True,
                silence=STREAM_SILENCE_SECONDS,
            )

        def fetch_message(line: int) -> str:
            return self.logs(run_id, {"after": line - 1, "limit": 1}).logs[0].message

        return follow(connect, fetch_message, self.connection.url)

    def search(self, run_id: str, query: LogQuery) -> Iterator[int]:
        """``GET /api/runs/{id}/logs/search``; closing the iterator ends the search."""
        with closing(self._events(_path(run_id, "logs", "search"), query)) as response:
            yield from hits(response, self.connection.url)

    def search_runs(self, query: LogQuery, filters: RunsFilter) -> Iterator[RunHits | None]:
        """``GET /api/runs/search``; closing the iterator ends the search."""
        with closing(self._events("api/runs/search", {**query, **filters})) as response:
            yield from runs(response, self.connection.url)

    def _events(self, path: str, query: Mapping[str, object]) -> requests.Response:
        headers = {"Accept": "text/event-stream"}
        return self._transport.request("GET", path, params=query, headers=headers, stream=True)

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
        with closing(self._transport.request("GET", path, params=params, stream=True)) as response:
            try:
                target.writelines(response.iter_content(DOWNLOAD_CHUNK_BYTES))
            except (requests.RequestException, HTTPError) as error:
                lost = f"the connection to {self.connection.url} was lost"
                raise ServerUnreachable(f"{lost} during the download: {error}") from None


def _path(run_id: str, *parts: str) -> str:
    return "/".join(("api", "runs", quote(run_id, safe=""), *parts))
