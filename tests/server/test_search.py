"""The search over HTTP. tests/engine/test_search.py tests what it finds."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from support.journals import MadeRun

from prismq_nb.engine.read.search import LogSearch
from prismq_nb.journal.levels.classifier import Classifier
from prismq_nb.journal.levels.sidecar import SidecarWriter


@pytest.fixture
def run(data_dir) -> MadeRun:
    """Lines 0 and 2 are alike except for escapes, case and level."""
    run = MadeRun(data_dir)
    run.write("\x1b[32mgr\x1b[1meen\x1b[0m 1\n")
    run.write("red\n")
    run.write("ERROR: Green 2\r\n", stream=1)
    run.end()
    return run


@pytest.fixture
def large(data_dir) -> MadeRun:
    """200,000 lines, every one a hit for `line`."""
    run = MadeRun(data_dir)
    for start in range(0, 200_000, 1000):
        run.write(b"".join(b"line %d\n" % i for i in range(start, start + 1000)))
    run.end()
    return run


SEARCHES = [
    ({"q": "green"}, [0, 2]),
    ({"q": "green", "case": "true"}, [0]),
    ({"q": "green", "regex": "true"}, [0]),
    ({"q": "^green", "regex": "1", "case": "false"}, [0]),
    ({"q": r"\d$", "regex": "1"}, [0, 2]),
    ({"q": "green", "level": "error"}, [2]),
    ({"q": ["green", "2"]}, [2]),
    ({"q": "green 2"}, [2]),
    ({"q": "green", "exclude": "error"}, [0]),
    ({"exclude": "green"}, [1]),
    ({"exclude": ["green", "red"]}, []),
    ({"q": "gree", "word": "true"}, []),
    ({"q": "gre+n", "regex": "1", "word": "1", "case": "0"}, [0, 2]),
    ({"q": "red", "lines_before": "1"}, [0, 1]),
    ({"q": "red", "lines_after": "5"}, [1, 2]),
    ({"level": "error", "lines_before": "1"}, [1, 2]),
    ({"q": "blue"}, []),
    ({"level": "error,critical"}, [2]),
    ({"level": "info"}, [0, 1]),
    ({"q": "green", "after": "0"}, [2]),
    ({"level": "info", "after": "0"}, [1]),
    ({"q": "green", "after": "2"}, []),
    ({"level": "info", "after": "2000"}, []),
]


async def test_a_search_sends_snapshot_hits_and_end(api, run):
    for query, lines in SEARCHES:
        events = api.stream(f"/{run.run_id}/logs/search", **query)
        answer = await events.end()
        assert (200, "text/event-stream; charset=utf-8") == (
            answer.status,
            answer.headers["Content-Type"],
        ), query
        assert (
            {"lines": 3, "bytes": run.writer.end}
            == events.named("snapshot")[0]
            == events.events[0].data
        )
        hits = [line for hits in events.named("hits") for line in hits["lines"]]
        assert lines == hits, query
        end = events.events[-1]
        assert ("complete", "3", len(lines), 3) == (
            end.name,
            end.id,
            end.data["hits"],
            end.data["lines"],
        )
        assert [None] == list({event.id for event in events.events[:-1]})
        polled = {"truncated": True}
        while polled["truncated"]:  # on a busy machine a poll stops after 0.2 s
            polled = (await api("GET", f"/{run.run_id}/logs", **query)).json
        assert lines == [line["line"] for line in polled["logs"]], query


async def test_hits_come_in_batches_with_progress(api, large):
    events = api.stream(f"/{large.run_id}/logs/search", q="LINE")
    await events.end()
    hits = events.named("hits")
    assert list(range(200_000)) == [line for batch in hits for line in batch["lines"]]
    assert len(hits) > 3
    assert [batch["lines_done"] for batch in hits] == sorted(batch["lines_done"] for batch in hits)
    assert (200_000, large.writer.end) == (hits[-1]["lines_done"], hits[-1]["bytes_done"])


@pytest.mark.parametrize(
    "query",
    [{"q": "line"}, {"level": "INFO"}, {"q": "7$", "regex": "true", "level": "INFO"}],
    ids=str,
)
async def test_with_many_hits_only_every_nth_is_sent_and_all_are_counted(api, large, query):
    hits = [i for i in range(200_000) if "q" not in query or "$" not in query["q"] or i % 10 == 7]
    events = api.stream(f"/{large.run_id}/logs/search", **query, every=256)
    await events.end()
    batches = events.named("hits")
    assert hits[::256] == [line for batch in batches for line in batch["lines"]]
    assert len(hits) == events.events[-1].data["hits"]
    assert all(batch["hits"] >= len(batch["lines"]) for batch in batches)
    assert [batch["hits"] for batch in batches] == sorted(batch["hits"] for batch in batches)


async def test_a_search_continues_where_the_previous_one_ended(api, data_dir):
    run = MadeRun(data_dir)
    run.write("hit 0\nno 1\nhit 2\n")
    first = api.stream(f"/{run.run_id}/logs/search", q="hit")
    await first.end()
    run.write("no 3\nhit 4\n")
    then = api.stream(
        f"/{run.run_id}/logs/search", q="hit", after=first.events[0].data["lines"] - 1
    )
    await then.end()
    assert [[4]] == [batch["lines"] for batch in then.named("hits")]
    assert ({"hits": 1, "lines": 5}, "5") == (
        {name: then.events[-1].data[name] for name in ("hits", "lines")},
        then.events[-1].id,
    )


INVALID_SEARCHES = [
    ({}, "q and level are missing"),
    ({"q": ""}, "q and level are missing"),
    ({"q": "a", "every": "0"}, "every=0 is out of range"),
    ({"q": "a", "every": "65537"}, "every=65537 is out of range"),
    ({"q": "a", "exact": "-1"}, "exact=-1 is out of range"),
    ({"q": "a", "with_lines": "201"}, "with_lines=201 is out of range"),
    ({"level": "ERROR", "after": "-2"}, "after=-2 is out of range"),
    ({"q": "(", "regex": "true"}, "missing )"),
    ({"q": "(?:.{0,30}a){30}", "regex": "true"}, "too complex"),
    ({"q": "x" * 1001}, "1001 characters"),
    ({"q": "a", "level": "LOUD"}, "'LOUD' is not a level"),
    ({"q": "a", "case": "maybe"}, "case='maybe'"),
    ({"q": "a", "regex": "maybe"}, "regex='maybe'"),
    ({"q": ["a"] * 21}, "q and exclude have 21 texts"),
    ({"q": "a", "lines_before": "101"}, "lines_before=101 is out of range"),
    ({"q": "a", "word": "maybe"}, "word='maybe'"),
    ({"exclude": "(", "regex": "1"}, "exclude='(' is not a valid pattern"),
]


async def test_an_invalid_parameter_is_400_and_named(api, run):
    for query, word in INVALID_SEARCHES:
        answer = await api("GET", f"/{run.run_id}/logs/search", **query)
        assert (400, "InvalidRequest", True) == (
            answer.status,
            answer.json["reason"],
            word in answer.json["message"],
        ), (query, answer.body)
        assert answer.json["parameter"] in {*query, "q"}
        assert answer.json.get("detail", "") in answer.json["message"]


async def test_an_eventsource_that_reconnects_after_the_end_is_told_to_stay_away(api, run):
    """An EventSource reconnects after every end, with the id of the last event that had one. Only a
    204 stops it.
    """
    answer = await api(
        "GET", f"/{run.run_id}/logs/search", q="green", headers={"Last-Event-ID": "3"}
    )
    assert (204, b"") == (answer.status, answer.body)
    assert (
        400
        == (
            await api(
                "GET", f"/{run.run_id}/logs/search", q="green", headers={"Last-Event-ID": "x"}
            )
        ).status
    )


async def test_an_empty_log_is_searched_at_once(api, data_dir):
    run = MadeRun(data_dir)
    events = api.stream(f"/{run.run_id}/logs/search", q="a")
    await events.end()
    assert ["snapshot", "complete"] == [event.name for event in events.events]
    assert "0" == events.events[-1].id


class Endless:
    """A search that finds nothing for ever, slowly; `steps` counts its steps."""

    def __init__(self, monkeypatch) -> None:
        self.steps = 0
        monkeypatch.setattr(LogSearch, "done", property(lambda _: False))
        monkeypatch.setattr(LogSearch, "step", self.step)

    def step(self) -> list[int]:
        self.steps += 1
        time.sleep(0.005)  # as a step takes
        return []


async def test_a_client_that_disconnects_ends_its_search(api, extension, run, monkeypatch):
    endless = Endless(monkeypatch)
    events = api.stream(f"/{run.run_id}/logs/search", q="a")
    # progress is sent though nothing is found
    await events.until(lambda events: events.named("hits"))
    assert 1 == len(extension.services.streams)
    await events.leave()
    # Until the condition holds; the test's own time limit bounds it.
    while extension.services.streams:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    steps = endless.steps
    await asyncio.sleep(0.1)  # a continuing search takes 20 steps meanwhile
    assert endless.steps <= steps + 1


async def test_searches_take_turns_and_two_run_at_once(api, extension, run, monkeypatch):
    endless = Endless(monkeypatch)
    running, most, lock = 0, 0, threading.Lock()
    step = endless.step

    def counted(_: LogSearch) -> list[int]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        found = step()
        with lock:
            running -= 1
        return found

    monkeypatch.setattr(LogSearch, "step", counted)
    streams = [api.stream(f"/{run.run_id}/logs/search", q="a") for _ in range(6)]
    for stream in streams:
        # each of the six gets its turns
        await stream.until(lambda events: len(events.named("hits")) >= 2)
    assert 2 == most
    for stream in streams:
        await stream.leave()
    while extension.services.streams:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.001)


async def test_a_search_pauses_while_its_client_does_not_read(api, data_dir, monkeypatch):
    """Its socket fills, and no further step is taken until it reads."""
    run = MadeRun(data_dir)
    run.write("a\n")
    steps = 0

    def step(_: LogSearch) -> list[int]:
        nonlocal steps
        steps += 1
        return list(range(100_000_000, 100_010_000))

    monkeypatch.setattr(LogSearch, "done", property(lambda _: False))
    monkeypatch.setattr(LogSearch, "step", step)
    request = api.request("GET", f"/{run.run_id}/logs/search", query={"q": "a"})
    host, port = request.url.split("/")[2].split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
    path = "/" + request.url.split("/", 3)[3]
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization:"
        f" {request.headers['Authorization']}\r\n\r\n".encode()
    )
    await reader.readuntil(b"snapshot")
    before = -1
    while before != steps:  # until it stops
        before = steps
        await asyncio.sleep(0.3)
    # what fits into the socket's buffers on both sides, not a search without end
    assert steps * 100_000 < 50 << 20
    writer.close()


TRACEBACK = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    work()\n'
RECORDS = (
    f"ERROR: a\n{TRACEBACK}KeyError: 'k'\nINFO: b\n{TRACEBACK}ValueError: v\nERROR: c\n  more of"
    " it\n"
)
"""Twelve lines; the records of errors begin at 0, 6 and 10."""


@pytest.fixture(params=[True, False], ids=["sidecar", "no sidecar yet"])
def records(data_dir, request) -> MadeRun:
    """A run with tracebacks."""
    run = MadeRun(data_dir)
    run.write(RECORDS)
    if request.param:
        sidecar = SidecarWriter(run.path)
        sidecar.append(Classifier().mark(RECORDS.encode(), 0))
        sidecar.close()
    run.end()
    return run


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ({"level": "ERROR"}, [0, 6, 10]),
        ({"level": "ERROR", "after": "0"}, [6, 10]),
        ({"level": "INFO"}, [5]),
        ({"q": "traceback"}, [6]),
        ({"q": "c", "level": "ERROR", "case": "true"}, [6, 10]),
        ({"q": "keyerror"}, []),
    ],
    ids=str,
)
async def test_only_the_first_line_of_each_record_is_found(api, records, query, lines):
    events = api.stream(f"/{records.run_id}/logs/search", **query, records="true")
    await events.end()
    assert lines == [line for hits in events.named("hits") for line in hits["lines"]]
    page = (await api("GET", f"/{records.run_id}/logs", limit="100", records="true", **query)).json
    assert lines == [line["line"] for line in page["logs"]]
    newest = (await api("GET", f"/{records.run_id}/logs", tail="1", records="true", **query)).json
    assert lines[-1:] == [line["line"] for line in newest["logs"]]


async def test_records_is_a_switch(api, run):
    answer = await api("GET", f"/{run.run_id}/logs/search", level="ERROR", records="maybe")
    assert (400, "records='maybe' is neither true nor false; use one of them") == (
        answer.status,
        answer.json["message"],
    )


@pytest.mark.parametrize("path", ["logs", "logs/search"])
async def test_lines_around_the_first_line_of_a_record_have_their_own_levels(api, data_dir, path):
    run = MadeRun(data_dir)
    run.write("ERROR: a\nTraceback (most recent call last):\n  x()\nValueError: x\nINFO: b\n")
    run.end()
    query = {"records": "true", "level": "ERROR", "lines_after": "3"}
    if path == "logs":
        answer = None
        while (
            answer is None or answer.json["truncated"]
        ):  # one look of a busy machine is not enough
            after = -1 if answer is None else answer.json["next_after"]
            answer = await api("GET", f"/{run.run_id}/logs", **query, limit=9, after=after)
        logs = answer.json["logs"]
    else:
        events = api.stream(f"/{run.run_id}/logs/search", **query, with_lines=9)
        await events.end()
        logs = events.named("lines")[0]["logs"]
    assert [(0, "ERROR"), (1, "ERROR"), (2, "ERROR"), (3, "ERROR")] == [
        (line["line"], line["level"]) for line in logs
    ]


@pytest.mark.parametrize(
    "query",
    [{"q": "line"}, {"level": "INFO"}, {"q": "7$", "regex": "true"}, {"q": "1234"}],
    ids=str,
)
async def test_the_first_and_the_newest_lines_come_along_where_they_are_wanted(api, large, query):
    part = {"1234": lambda i: "1234" in str(i), "7$": lambda i: i % 10 == 7}
    is_hit = part.get(query.get("q"), lambda _: True)
    hits = [i for i in range(200_000) if is_hit(i)]
    events = api.stream(f"/{large.run_id}/logs/search", **query, every=256, exact=300, with_lines=9)
    await events.end()
    names = [event.name for event in events.events]
    assert [1, len(names) - 1] == [names.index("hits"), names.index("complete")]
    first, newest = (
        [line for page in events.named(name) for line in page["logs"]]
        for name in ("lines", "newest")
    )
    assert [hits[:9], hits[-9:]] == [[line["line"] for line in each] for each in (first, newest)]
    assert [f"line {i}" for i in hits[:9]] == [line["message"] for line in first]
    numbers = [line for batch in events.named("hits") for line in batch["lines"]]
    assert [hit for i, hit in enumerate(hits) if i < 300 or i % 256 == 0] == numbers


async def test_no_line_comes_twice_and_none_without_being_wanted(api, run):
    async def lines(name: str, **query) -> list[int]:
        events = api.stream(f"/{run.run_id}/logs/search", q="green", **query)
        await events.end()
        return [line["line"] for page in events.named(name) for line in page["logs"]]

    assert ([0, 2], []) == (await lines("lines", with_lines=9), await lines("newest", with_lines=9))
    assert ([0], [2]) == (await lines("lines", with_lines=1), await lines("newest", with_lines=1))
    assert ([], []) == (await lines("lines"), await lines("newest"))


async def test_long_lines_go_along_as_far_as_there_is_room(api, data_dir):
    run = MadeRun(data_dir)
    for i in range(9):
        run.write(f"{i} {'x' * 100_000}\n")
    run.end()
    events = api.stream(f"/{run.run_id}/logs/search", q="x", with_lines=9)
    await events.end()
    sizes = [[len(line["message"]) for line in page["logs"]] for page in events.named("lines")]
    assert {100_002} == {size for page in sizes for size in page}
    assert all(sum(page[:-1]) <= 256 << 10 for page in sizes), sizes


async def test_the_error_of_a_pattern_is_apart_from_the_pattern(api, run):
    answer = await api("GET", f"/{run.run_id}/logs/search", q="a(", regex="true")
    assert ("q", "missing ): a(") == (answer.json["parameter"], answer.json["detail"])
