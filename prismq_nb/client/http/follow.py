"""Follow a log over HTTP: yield each line once, and resume after interruptions.

This module holds the whole policy of resuming: where to continue (``Last-Event-ID``, the number of
the last line), how long to wait, and when to give up. The caller opens the connections.
"""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import requests
from urllib3.exceptions import HTTPError

from prismq_nb.client.base.backoff import GIVE_UP_SECONDS, Backoff, is_transient
from prismq_nb.client.base.interface import Complete, InputState
from prismq_nb.client.http.columns import decode_lines
from prismq_nb.client.http.sse import Parser
from prismq_nb.common.log_models import Gap, LogLine
from prismq_nb.errors import PrismqError, ServerUnreachable, TooManyStreams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prismq_nb.client.base.interface import StreamEvent
    from prismq_nb.client.http.sse import Event

RECONNECT_FIRST_SECONDS = 0.05
RECONNECT_MAX_SECONDS = 3.0

_STREAM_TYPE = "text/event-stream"
_LOG = msgspec.json.Decoder(LogLine)
_GAP = msgspec.json.Decoder(Gap)
_INPUT = msgspec.json.Decoder(InputState)
_COMPLETE = msgspec.json.Decoder(Complete)


def follow(
    connect: Callable[[str | None], requests.Response],
    fetch_message: Callable[[int], str],
    url: str,
) -> Iterator[StreamEvent]:
    """Yield each line once and in order, gaps, changes of `InputState`, and `Complete` at the end.

    After a lost connection, a server restart, or a refusal because of too many streams, the stream
    is resumed after the last line, for up to `GIVE_UP_SECONDS`. Closing the generator closes the
    connection.

    Args:
        connect: opens the stream after the event with the given id; None: where the query starts.
            It raises ServerUnreachable if the server does not respond.
        fetch_message: returns the full message of a line by its number, for the few that are too
            long for a batch.
        url: address of the server, for messages.

    Raises:
        ServerUnreachable: the server did not respond to the first request, or later for too long.
        NotAllowed: the server refuses access; after an earlier success, it is retried for 20 s.
        RunNotFound: there is no such run, or it was purged meanwhile.
        TooManyStreams: the server was at its limit of open streams for too long.
        PrismqError: the server ended the stream with an ``error`` event.
    """
    cursor = _Cursor(fetch_message)
    retries = Backoff(RECONNECT_FIRST_SECONDS, RECONNECT_MAX_SECONDS, give_up=GIVE_UP_SECONDS)
    alive_s: float | None = None  # monotonic time of the last sign of the server
    while True:
        refused: TooManyStreams | None = None
        begin_s = time.monotonic()
        try:
            with closing(connect(cursor.last_id)) as response:
                if (
                    response.status_code == requests.codes.no_content
                ):  # the log was already complete
                    return
                _check_type(response, url)
                alive_s = time.monotonic()
                for item in _items(response, cursor, retries):
                    yield item
                    if isinstance(item, Complete):
                        return
            alive_s = time.monotonic()
            if (
                alive_s - begin_s > RECONNECT_MAX_SECONDS
            ):  # it was connected, though the run was silent
                retries.reset()
        except TooManyStreams as error:
            refused = error
        except PrismqError as error:
            if alive_s is None or not is_transient(error, time.monotonic() - alive_s):
                raise
        delay = retries.delay()
        if delay is None:
            lost = (
                f"The Jupyter server at {url} was unreachable for {GIVE_UP_SECONDS:.0f} s;"
                " follow the run again when it is back"
            )
            raise refused or ServerUnreachable(lost)
        time.sleep(max(delay, refused.retry_after) if refused else delay)


def _check_type(response: requests.Response, url: str) -> None:
    if _STREAM_TYPE not in response.headers.get("Content-Type", ""):
        other = "another program may be using that port"
        raise ServerUnreachable(f"{url} did not respond with an event stream; {other}")


def _items(response: requests.Response, cursor: _Cursor, retries: Backoff) -> Iterator[StreamEvent]:
    for event in _events(response):
        retries.reset()
        yield from cursor.take(event)


def _events(response: requests.Response) -> Iterator[Event]:
    """Yield the events of one connection, until it ends or breaks."""
    parser = Parser()
    # For a chunked response, None means as chunks arrive; for others (an HTTP/1.0 proxy), it would
    # mean at the end.
    size = None if getattr(response.raw, "chunked", False) else 1
    try:
        for chunk in response.iter_content(size):
            yield from parser.feed(chunk)
    except (requests.RequestException, HTTPError, OSError):
        return


class _Cursor:
    """The position in the stream: turns events into items, and drops what was already yielded."""

    def __init__(self, fetch_message: Callable[[int], str]) -> None:
        self.last_id: str | None = None
        self._fetch_message = fetch_message
        self._last_line = -1
        self._last_gap: Gap | None = None
        self._input = InputState()

    def take(self, event: Event) -> Iterable[StreamEvent]:
        """Return the new items of an event.

        Raises:
            PrismqError: it is an ``error`` event.
        """
        if event.name == "logs":
            return self._lines(decode_lines(event.data, self._fetch_message))
        if event.name == "log":
            return self._lines([_LOG.decode(event.data)])
        if event.name == "gap":
            return self._gap(_GAP.decode(event.data))
        if event.name == "status":
            return self._state(_INPUT.decode(event.data))
        if event.name == "complete":
            return (_COMPLETE.decode(event.data),)
        if event.name == "error":
            raise _ended(event.data)
        return ()  # progress, and events of later versions

    def _lines(self, lines: Iterable[LogLine]) -> Iterator[LogLine]:
        for line in lines:
            if line.line > self._last_line:
                self._last_line = line.line
                self.last_id = str(line.line)
                yield line

    def _state(self, state: InputState) -> Iterable[InputState]:
        before, self._input = self._input, state
        return () if state == before else (state,)

    def _gap(self, gap: Gap) -> Iterable[Gap]:
        if gap == self._last_gap:  # sent again to a client that resumes at it
            return ()
        self._last_gap = gap
        return (gap,)


def _ended(data: bytes) -> PrismqError:
    """Return the error of an ``error`` event."""
    try:
        return PrismqError(str(msgspec.json.decode(data)["error"]))
    except (msgspec.MsgspecError, LookupError, TypeError):
        return PrismqError(data.decode("utf-8", "replace"))
