"""The search over all runs: what it finds, in which order, and how it ends."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time

import pytest
from support.journals import MadeRun

from prismq_nb.common.base.state import write_json
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.read import runs_search
from prismq_nb.engine.read.filters import matcher
from prismq_nb.engine.read.runs_search import HitsQuery, excerpt
from prismq_nb.engine.read.search import LogSearch
from prismq_nb.errors import TooManyStreams
from prismq_nb.journal.layout import format as fmt


def made(data_dir, number: int, text: bytes | str, *, module: str = "made", **end) -> MadeRun:
    """Run `number` of a minute; a higher one is newer."""
    run = MadeRun(data_dir, f"run_20251031_1200{number:02d}_made_{number:06x}")
    created = run.now + number * 1_000_000
    launch = {"run_id": run.run_id, "created": created, "module_id": module, "module_name": module}
    write_json(run.path / fmt.LAUNCH, launch)
    run.write(text)
    run.end(**end)
    return run


@pytest.fixture
def runs(data_dir) -> list[MadeRun]:
    """Four runs, oldest first; the third has no hit for `needle`."""
    texts = (
        "needle 0\nhay\nERROR: Needle 1\n",
        "needle\n" * 30,
        "hay\n",
        f"\x1b[31mhay {'x' * 3000} a NEEDLE {'y' * 3000}\x1b[0m\r\n",
    )
    ends = ("failed", "completed", "completed", "failed")
    return [
        made(data_dir, i, text, module=f"m{i % 2}", status=status)
        for i, (text, status) in enumerate(zip(texts, ends, strict=True))
    ]


async def searched(api, **query):
    """The events of a whole search."""
    events = api.stream("/search", **query)
    answer = await events.end()
    assert (200, "text/event-stream; charset=utf-8") == (
        answer.status,
        answer.headers["Content-Type"],
    )
    return events


def found(events) -> list[tuple[int, int, bool, list[int]]]:
    """Number of each run that was found, its hits, and the numbers of the lines that were sent."""
    return [
        (
            int(each["run"]["run_id"][17:19]),
            each["hits"],
            each["more"],
            [line["line"] for line in each["logs"]],
        )
        for each in events.named("run")
    ]


OLD, MANY, LONG = (0, 2, False, [0, 2]), (1, 30, False, [0, 1, 2]), (3, 1, False, [0])
SEARCHES = [
    ({"q": "needle"}, [LONG, MANY, OLD]),
    ({"q": "needle", "case": "true"}, [MANY, (0, 1, False, [0])]),
    ({"q": "needle", "max_hits": "29"}, [LONG, (1, 29, True, MANY[3]), OLD]),
    (
        {"q": "needle", "with_lines": "0"},
        [(3, 1, False, []), (1, 30, False, []), (0, 2, False, [])],
    ),
    ({"q": "needle", "module_id": "m0"}, [OLD]),
    ({"q": "needle", "module_id": "m1", "max_hits": "30"}, [LONG, MANY]),
    ({"q": "needle", "status": "failed"}, [LONG, OLD]),
    ({"q": "^needle [01]$", "regex": "1", "case": "0"}, [(0, 1, False, [0])]),
    ({"q": ["needle", "error"]}, [(0, 1, False, [2])]),
    ({"exclude": "needle"}, [(2, 1, False, [0]), (0, 1, False, [1])]),
    ({"level": "error"}, [(0, 1, False, [2])]),
    ({"q": "needle", "level": "error,critical"}, [(0, 1, False, [2])]),
    ({"q": "nothing has this"}, []),
    ({"q": "needle", "module_id": "none"}, []),
    ({"q": "needle", "status": "Failed,cancelled", "before": "2025-10-31T12:00:02Z"}, [OLD]),
    ({"q": "needle", "since": "2025-10-31T12:00:02Z"}, [LONG, MANY]),
    ({"q": "needle", "notebook": "a.ipynb"}, []),
]


@pytest.mark.usefixtures("runs")
async def test_the_runs_with_hits_are_sent_newest_first(api):
    for query, expected in SEARCHES:
        events = await searched(api, **query)
        assert expected == found(events), query
        names = [event.name for event in events.events]
        assert ("snapshot", "complete") == (names[0], names[-1])
        end, start = events.events[-1], events.events[0].data
        total = end.data
        assert (start["runs"], str(total["runs"])) == (total["runs_done"], end.id), query
        assert start["bytes"] == total["bytes"] == total["bytes_done"], query
        assert (len(expected), sum(hits for _, hits, _, _ in expected), 0, False) == (
            *(total[name] for name in ("found", "hits", "unreadable", "more")),
        )
        assert [None] == list({event.id for event in events.events[:-1]})


async def test_a_run_comes_as_lists_show_it_and_its_lines_are_short_plain_text(api, runs):
    events = await searched(api, q="needle", limit=1)
    (first,) = events.named("run")
    listed = (await api("GET", "")).json["runs"][0]
    assert (listed, runs[3].run_id) == (first["run"], first["run"]["run_id"])
    (line,) = first["logs"]
    assert (0, "INFO", "stdout", 1000) == (
        *(line[name] for name in ("line", "level", "stream")),
        len(line["message"]),
    )
    text = line["message"]
    assert (True, "…", "…", False) == ("a NEEDLE y" in text, text[0], text[-1], "\x1b" in text)
    assert (True, 1, 1) == (
        *(events.events[-1].data[name] for name in ("more", "found", "runs_done")),
    )


def test_an_excerpt_has_the_match_and_the_length_of_the_bound():
    text = "".join(chr(ord("a") + i % 26) for i in range(3000))
    for at in (0, 10, 200, 201, 1500, 2799, 2999):
        part = excerpt(text, at)
        assert (1000, True) == (len(part), text[at] in part)
        assert (at > 200, at < 2200) == (part[0] == "…", part[-1] == "…"), at


INVALID = [
    ({}, "q and level are missing"),
    ({"q": "(", "regex": "1"}, "missing )"),
    ({"q": "a", "max_hits": "0"}, "max_hits=0 is out of range"),
    ({"q": "a", "with_lines": "21"}, "with_lines=21 is out of range"),
    ({"q": "a", "limit": "1001"}, "limit=1001 is out of range"),
    ({"q": "a", "status": "done"}, "status='done' is not a valid status"),
    ({"q": "a", "level": "LOUD"}, "'LOUD' is not a level"),
]


async def test_an_invalid_parameter_is_400_and_one_that_reconnects_gets_204(api):
    for query, word in INVALID:
        answer = await api("GET", "/search", **query)
        assert (400, "InvalidRequest", True) == (
            answer.status,
            answer.json["reason"],
            word in answer.json["message"],
        ), (query, answer.body)
    for last, status in (("3", 204), ("x", 400)):
        answer = await api("GET", "/search", q="a", headers={"Last-Event-ID": last})
        assert status == answer.status


def damage(run: MadeRun, how: str) -> None:
    """Make the log of a run unreadable."""
    if how == "a directory":
        (run.path / fmt.LOG).unlink()
        (run.path / fmt.LOG).mkdir()
    elif how == "a bad index":
        data = (run.path / fmt.INDEX).read_bytes()
        (run.path / fmt.INDEX).write_bytes(b"x" * len(data))
    else:
        write_json(run.path / fmt.STATE, {"version": 99, "status": "completed"})


@pytest.mark.parametrize("how", ["a directory", "a bad index", "newer"])
async def test_a_log_that_cannot_be_read_is_named_and_the_others_are_searched(api, runs, how):
    damage(runs[1], how)
    events = await searched(api, q="needle")
    assert [(3, 1, False, [0]), (1, 0, False, []), (0, 2, False, [0, 2])] == found(events)
    errors = [each["error"] for each in events.named("run")]
    assert (None, None, True) == (errors[0], errors[2], bool(errors[1]))
    assert (2, 1) == (*(events.events[-1].data[name] for name in ("found", "unreadable")),)


async def test_a_run_that_is_deleted_meanwhile_is_passed_over(api, runs, monkeypatch):
    step, gone = LogSearch.step, [runs[3], runs[1], runs[0]]
    deleted = threading.Lock()

    def deleting(search: LogSearch) -> list[int]:
        with deleted:  # two threads search
            while gone:
                shutil.rmtree(gone.pop().path)
        return step(search)

    monkeypatch.setattr(LogSearch, "step", deleting)
    events = await searched(api, q="needle")
    assert ([], 0) == (found(events), events.events[-1].data["unreadable"])


async def test_what_is_running_is_searched_up_to_now(api, data_dir):
    run = MadeRun(data_dir)
    run.write("needle\n")
    events = await searched(api, q="needle")
    assert ([1], "running") == (
        [each["hits"] for each in events.named("run")],
        events.named("run")[0]["run"]["status"],
    )
    run.end()


async def test_no_step_is_taken_for_a_client_that_left_and_searches_take_turns(
    api, extension, runs, monkeypatch
):
    steps = 0

    def step(_: LogSearch) -> list[int]:
        nonlocal steps
        steps += 1
        time.sleep(0.005)  # as a step takes
        return []

    monkeypatch.setattr(LogSearch, "done", property(lambda _: False))
    monkeypatch.setattr(LogSearch, "step", step)
    streams = [api.stream("/search", q="a") for _ in range(10)]
    reporting = set()
    while len(reporting) < 8:  # the others wait
        await asyncio.sleep(0.001)
        reporting = {i for i, each in enumerate(streams) if each.named("progress")}
    assert 8 == len(reporting)
    first = streams[min(reporting)].named("progress")[0]
    assert {"runs": 4, "runs_done": 0, "found": 0} == {
        name: first[name] for name in ("runs", "runs_done", "found")
    }
    for stream in streams:
        await stream.leave()
    begin = time.perf_counter()
    while extension.services.streams:  # noqa: ASYNC110 - the test's own time limit bounds it
        await asyncio.sleep(0.001)
    taken = steps
    await asyncio.sleep(0.1)  # searches that go on take 40 steps meanwhile
    assert steps <= taken + 2
    assert time.perf_counter() - begin < 10  # at once, on a busy machine
    assert 0 == extension.services.admission.open


async def test_as_many_searches_as_streams_are_allowed(api, extension, runs):
    extension.services.admission.limit = 0
    answer = await api("GET", "/search", q="a")
    assert (429, "TooManyStreams", str(int(TooManyStreams.retry_after))) == (
        answer.status,
        answer.json["reason"],
        answer.headers["Retry-After"],
    )


@pytest.mark.parametrize("lanes", [1, 2, 3])
def test_results_keep_their_order_and_few_of_them_wait(data_dir, monkeypatch, lanes):
    """Whichever lane is the slowest."""
    monkeypatch.setattr(runs_search, "_MAX_WAITING", 3)
    for i in range(20):
        made(data_dir, i, "hit\n" if i % 3 else "no\n")
    engine = Engine(data_dir)
    search = engine.search(HitsQuery(lambda: matcher(["hit"])), {}, lanes)
    found, turn = [], 0
    while not search.done:
        ready = search.ready()
        ready[-1 if turn % 4 else 0]()  # the newest run is searched last
        turn += 1
        found += search.take()
        assert search._waiting <= 3
    search.close()
    engine.close()
    assert [i for i in reversed(range(20)) if i % 3] == [
        int(each.run.run_id[17:19]) for each in found
    ]


QUERIES = [
    {"q": ["needle"]},
    {"q": ["NEEDLE"], "case": True},
    {"q": ["need(le)?s?$"], "regex": True},
    {"q": ["(hay|needle) [0-9]"], "regex": True},
    {"q": ["needle"], "word": True},
    {"q": ["hay", "needle"]},
    {"q": ["café"]},
    {"q": ["\ufffd"]},
    {"q": ["needle"], "exclude": ["hay"]},
]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\x1b[0m\n", b"\xff\n", "\u009b1m\n".encode()])
def test_what_is_passed_over_as_bytes_has_no_hit(data_dir, monkeypatch, end):
    """A search over all runs finds what the search of each log does, wherever pieces end."""
    monkeypatch.setattr(runs_search, "_PIECE_BYTES", 61)
    words = [b"hay", b"needle", b"Needles 7", b"needle 4 hay", "cafe\u0301".encode(), b"x" * 150]
    for i in range(12):
        lines = [words[(j * (i + 1)) % 7 % len(words)] for j in range(20 * (i % 3))]
        plain = b"hay hay\n" * (i * 7)
        made(data_dir, i, plain + b"".join(line + end for line in lines) + plain)
    engine = Engine(data_dir)
    for query in QUERIES:
        every = {}
        for run in engine.list().runs:
            with engine.reader(run.run_id) as reader:
                search = LogSearch(reader, matcher(**query))
                numbers = []
                while not search.done:
                    numbers += search.step()
                every |= {run.run_id: numbers} if numbers else {}
        found = {}
        search = engine.search(HitsQuery(lambda query=query: matcher(**query), with_lines=20), {})
        while not search.done:
            search.ready()[0]()
            found |= {
                each.run.run_id: (each.hits, [line.line for line in each.logs])
                for each in search.take()
            }
        assert {key: (len(lines), lines[:20]) for key, lines in every.items()} == found, query
    engine.close()


async def test_a_bad_request_stays_one_when_it_is_repeated(api):
    again = {"Last-Event-ID": "7"}
    answer = await api("GET", "/search", q="a", since="yesterday", headers=again)
    assert 400 == answer.status
    assert "since='yesterday'" in answer.json["message"]
