"""Following a log over HTTP: one generator that yields each line once, whatever happens to the connection.

Apart from http.py because it holds the whole policy of resuming: where to go on (``Last-Event-ID``, the number of the last line), how long to wait,
and when to give up. Knows nothing of addresses and credentials: it is given a function that opens the stream.
"""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import requests
from urllib3.exceptions import HTTPError

from prismq_nb.client.base.backoff import GIVE_UP_SECONDS, Backoff, may_pass
from prismq_nb.client.base.interface import Complete, InputState
from prismq_nb.client.http.columns import lines_of
from prismq_nb.client.http.sse import Parser
from prismq_nb.common.log_models import Gap, LogLine
from prismq_nb.errors import PrismqError, ServerUnreachable, TooManyStreams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prismq_nb.client.base.interface import StreamEvent
    from prismq_nb.client.http.sse import Event

__all__ = ["follow"]

RECONNECT_FIRST_SECONDS = 0.05
RECONNECT_MOST_SECONDS = 3.0

_STREAM_TYPE = "text/event-stream"
_LOG = msgspec.json.Decoder(LogLine)
_GAP = msgspec.json.Decoder(Gap)
_INPUT = msgspec.json.Decoder(InputState)
_COMPLETE = msgspec.json.Decoder(Complete)


def follow(connect: Callable[[str | None], requests.Response], whole: Callable[[int], str], name: str) -> Iterator[StreamEvent]:
    """Lines, gaps, changes of `InputState`, and at last `Complete`; each line once and in order.

    A connection that breaks, a server that restarts, and one that has too many streams are waited
    for (up to `GIVE_UP_SECONDS`), and the stream goes on after the last line that was yielded.
    Closing the generator closes the connection.

    Args:
        connect: opens the stream after the event with the given id, None: where the query says. It raises ServerUnreachable when nobody answers.
        whole: gives the whole message of a line by its number; asked for the few that are too long for a batch.
        name: of the server, for messages.

    Raises:
        ServerUnreachable: nobody answered the first time, or for too long later.
        NotAllowed: the server refuses; one that did not before is asked again for 20 s.
        RunNotFound: there is no such run, or it was purged meanwhile.
        TooManyStreams: the server has had as many streams as it may for too long.
        PrismqError: the server ended the stream with an ``error`` event.
    """
    position = _Position(whole)
    patience = Backoff(RECONNECT_FIRST_SECONDS, RECONNECT_MOST_SECONDS, give_up=GIVE_UP_SECONDS)
    alive: float | None = None  # when the server was last known to be there
    while True:
        refused: TooManyStreams | None = None
        begin = time.monotonic()
        try:
            with closing(connect(position.last_id)) as response:
                if response.status_code == requests.codes.no_content:  # all of it was sent before
                    return
                _check_type(response, name)
                alive = time.monotonic()
                for item in _items(response, position, patience):
                    yield item
                    if isinstance(item, Complete):
                        return
            alive = time.monotonic()
            if alive - begin > RECONNECT_MOST_SECONDS:  # it was there, though the run was silent
                patience.reset()
        except TooManyStreams as error:
            refused = error
        except PrismqError as error:
            if alive is None or not may_pass(error, time.monotonic() - alive):
                raise
        delay = patience.delay()
        if delay is None:
            away = f"{name} was unreachable for {GIVE_UP_SECONDS:.0f} s; follow again when it is back"
            raise refused or ServerUnreachable(away)
        time.sleep(max(delay, refused.retry_after) if refused else delay)


def _check_type(response: requests.Response, name: str) -> None:
    if _STREAM_TYPE not in response.headers.get("Content-Type", ""):
        other = "another program may be using its port"
        raise ServerUnreachable(f"{name} did not answer with a stream; {other}")


def _items(response: requests.Response, position: _Position, patience: Backoff) -> Iterator[StreamEvent]:
    for event in _events(response):
        patience.reset()
        yield from position.take(event)


def _events(response: requests.Response) -> Iterator[Event]:
    """The events of one connection; it ends when the connection does, however that happens."""
    parser = Parser()
    # With chunks on the wire, None means "as they come". Without (an HTTP/1.0 proxy), it would mean "when all is there".
    size = None if getattr(response.raw, "chunked", False) else 1
    try:
        for chunk in response.iter_content(size):
            yield from parser.feed(chunk)
    except (requests.RequestException, HTTPError, OSError):
        return


class _Position:
    """What was yielded so far: makes items of an event, none of one that need not be passed on."""

    def __init__(self, whole: Callable[[int], str]) -> None:
        self.last_id: str | None = None
        self._whole = whole
        self._last_line = -1
        self._last_gap: Gap | None = None
        self._input = InputState()

    def take(self, event: Event) -> Iterable[StreamEvent]:
        """Return what is new in an event. Raises `PrismqError` for an ``error`` event."""
        if event.name == "logs":
            return self._lines(lines_of(event.data, self._whole))
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
        return ()  # progress, and what later servers may add

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
        if gap == self._last_gap:  # sent again to whoever resumes where it stands
            return ()
        self._last_gap = gap
        return (gap,)


def _ended(data: bytes) -> PrismqError:
    """The error that the server's ``error`` event stands for."""
    try:
        return PrismqError(str(msgspec.json.decode(data)["error"]))
    except (msgspec.MsgspecError, LookupError, TypeError):
        return PrismqError(data.decode("utf-8", "replace"))
