"""Following over HTTP: each line once and in order, whatever happens to the connection."""

from __future__ import annotations

import msgspec
import pytest
from support.fake_server import RUN_ID, FakeServer, line

from prismq_nb import errors
from prismq_nb.client.base.interface import Complete
from prismq_nb.client.http import follow as follow_module
from prismq_nb.client.http.client import HttpClient
from prismq_nb.common.log_models import Gap, LogLine

GAP = {
    "before": 2,
    "lines": 7,
    "bytes": 70,
    "begin": "2025-10-31T12:00:00.000000Z",
    "end": "2025-10-31T12:00:01.000000Z",
    "reason": "disk-full",
}


def numbers(items: list[object]) -> list[int]:
    """The line numbers among the items of a stream."""
    return [item.line for item in items if isinstance(item, LogLine)]


def streams(fake: FakeServer) -> list[str | None]:
    """`Last-Event-ID` of each stream that was opened."""
    return [
        headers.get("Last-Event-Id") for _, path, headers, _ in fake.requests if "/stream" in path
    ]


def test_it_gives_all_lines_then_the_end(fake: FakeServer, client: HttpClient) -> None:
    """A run that has ended is replayed."""
    fake.lines = [line(n) for n in range(5)]
    fake.finish("failed", 3)
    items = list(client.stream(RUN_ID, {"after": -1}))
    assert list(range(5)) == numbers(items)
    assert Complete("failed", 3, 5) == items[-1]


@pytest.mark.parametrize("drops", [[3], [3, 0, 0, 2], [0], [1, 1, 1, 1]], ids=str)
def test_a_dropped_connection_is_resumed_exactly(
    fake: FakeServer, client: HttpClient, drops: list[int | None]
) -> None:
    """With `Last-Event-ID`, as in the HTML standard; before the first line, by the same query."""
    fake.lines = [line(n) for n in range(10)]
    fake.finish()
    fake.drops = list(drops)
    assert list(range(10)) == numbers(list(client.stream(RUN_ID, {"after": -1})))
    assert streams(fake)[:1] == [None]
    assert len(drops) + 1 == len(streams(fake))


@pytest.mark.parametrize("drops", [[], [2], [0], [1, 1, 0, 1]], ids=str)
def test_batches_are_lines_too(
    fake: FakeServer, client: HttpClient, drops: list[int | None]
) -> None:
    """Many lines at a time, if the server can: the result is the same, with a cut text
    completed.
    """
    fake.lines = [
        line(n, "long " * 50 if n % 4 == 1 else None, ("INFO", "ERROR", "CRITICAL")[n % 3])
        for n in range(10)
    ]
    fake.gaps = {6: GAP}
    fake.batch_lines = 3
    fake.drops = list(drops)
    fake.finish()
    items = list(client.stream(RUN_ID, {"after": -1}))
    assert fake.lines == [msgspec.to_builtins(item) for item in items if isinstance(item, LogLine)]
    assert len([path for _, path, _, _ in fake.requests if "limit=1" in path]) == 3


@pytest.mark.parametrize("batch_lines", [None, 3], ids=["an event per line", "in batches"])
def test_answered_lines_are_marked(
    fake: FakeServer, client: HttpClient, batch_lines: int | None
) -> None:
    """The next line is the answer, in the same row on a terminal."""
    fake.lines = [line(0), line(1, "Name? ") | {"prompt": True}, line(2, "Ada"), line(3)]
    fake.batch_lines = batch_lines
    fake.finish()
    items = [item for item in client.stream(RUN_ID, {"after": -1}) if isinstance(item, LogLine)]
    assert [False, True, False, False] == [item.prompt for item in items]


def test_a_restarted_server_is_found_and_resumed_from(fake: FakeServer, client: HttpClient) -> None:
    """Another port, another secret, the next line."""
    fake.lines = [line(n) for n in range(3)]
    stream = client.stream(RUN_ID, {"after": -1})
    got = [next(stream) for _ in range(3)]
    fake.hang_up()
    fake.lines += [line(n) for n in range(3, 6)]
    fake.finish()
    fake.restart()
    assert list(range(6)) == numbers([*got, *stream])
    assert streams(fake)[-1] == "2"


def test_a_line_that_is_sent_twice_is_given_once(fake: FakeServer, client: HttpClient) -> None:
    """Whatever a proxy replays."""
    fake.lines = [line(0), line(0), line(1)]
    fake.finish()
    assert numbers(list(client.stream(RUN_ID, {}))) == [0, 1]


def test_a_gap_is_given_once_at_its_place(fake: FakeServer, client: HttpClient) -> None:
    """It has no number, so the server sends it again to a client that resumes there."""
    fake.lines = [line(n) for n in range(4)]
    fake.gaps = {2: GAP}
    fake.drops = [2]
    fake.finish()
    kinds = [type(item) for item in client.stream(RUN_ID, {"after": -1})]
    assert [LogLine, LogLine, Gap, LogLine, LogLine, Complete] == kinds


def test_an_error_event_is_raised_and_ends_it(fake: FakeServer, client: HttpClient) -> None:
    """It is the last event of a stream, so there is nothing to resume."""
    fake.lines = [line(0)]
    fake.stream_error = "The run was purged."
    stream = client.stream(RUN_ID, {})
    next(stream)
    with pytest.raises(errors.PrismqError, match="purged"):
        next(stream)
    assert len(streams(fake)) == 1


def test_a_204_is_an_end(fake: FakeServer, client: HttpClient) -> None:
    """204 tells `EventSource` and us not to reconnect."""
    fake.answers = [(204, b"", {})]
    assert list(client.stream(RUN_ID, {})) == []


def test_an_unknown_run_is_not_waited_for(client: HttpClient) -> None:
    """It will not appear."""
    with pytest.raises(errors.RunNotFound):
        next(client.stream("run_20251031_120000_other_abc123", {}))


def test_no_server_at_the_first_attempt_is_an_error(fake: FakeServer, client: HttpClient) -> None:
    """Only a server that responded before is waited for."""
    fake.hang_up()
    with pytest.raises(errors.ServerUnreachable):
        next(client.stream(RUN_ID, {}))


def test_a_server_that_stays_away_is_given_up(
    fake: FakeServer, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a patience that is long enough for a container to come back."""
    monkeypatch.setattr(follow_module, "GIVE_UP_SECONDS", 0.2)
    fake.lines = [line(0)]
    stream = client.stream(RUN_ID, {})
    next(stream)
    fake.hang_up()
    with pytest.raises(errors.ServerUnreachable, match="was unreachable"):
        next(stream)


def test_another_program_on_the_old_port_is_not_believed(
    fake: FakeServer, client: HttpClient
) -> None:
    """A page with status 200 is not a stream; the server is waited for."""
    fake.lines = [line(n) for n in range(2)]
    fake.drops = [1]
    fake.finish()
    stream = client.stream(RUN_ID, {})
    next(stream)
    fake.answers = [(200, b"<html>", {"Content-Type": "text/html"})]
    assert numbers(list(stream)) == [1]


TOO_MANY = b'{"message": "2000 streams are open", "reason": "TooManyStreams"}'


def test_after_a_429_it_waits_as_long_as_the_server_says(
    fake: FakeServer, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """429 is not an end: the stream is opened when a slot is free."""
    pauses: list[float] = []
    monkeypatch.setattr(follow_module.time, "sleep", pauses.append)
    fake.lines = [line(n) for n in range(3)]
    fake.finish()
    fake.answers = [
        (429, TOO_MANY, {"Retry-After": "7"}),
        (429, TOO_MANY, {"Retry-After": "no number"}),
    ]
    assert [0, 1, 2] == numbers(list(client.stream(RUN_ID, {"after": -1})))
    assert [7.0, errors.TooManyStreams.retry_after] == pauses


def test_too_many_streams_for_too_long_are_an_error(
    fake: FakeServer, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's own error, with its reason."""
    monkeypatch.setattr(follow_module, "GIVE_UP_SECONDS", 0.0)
    fake.answers = [(429, TOO_MANY, {"Retry-After": "0"})]
    with pytest.raises(errors.TooManyStreams, match="2000 streams"):
        next(client.stream(RUN_ID, {}))
