"""The stream of one run: every line once, in order, from any position, and how the run ended."""

from __future__ import annotations

import asyncio

import pytest
from support.journals import T0, MadeRun
from support.waiting import WAIT_SECONDS
from traitlets.config import Config

from prismq_nb.common.base.state import iso

THIRDS = """
import sys
for third in range(3):
    for i in range(2000):
        print("line", third * 2000 + i)
    sys.stdin.readline()
"""


def messages(stream) -> list[str]:
    return [line["message"] for line in stream.lines]


async def whole(api, run_id, **query):
    """A stream that is read to its end."""
    stream = api.stream(f"/{run_id}/logs/stream", **query)
    answer = await stream.end()
    assert 200 == answer.status
    return stream


BOTH_FORMS = pytest.mark.parametrize("batch", ["false", "true"], ids=["line-by-line", "in-batches"])


@BOTH_FORMS
async def test_a_stream_from_before_the_middle_and_after_the_end_is_the_same(api, batch):
    run_id = await api.launch(THIRDS)
    before = api.stream(f"/{run_id}/logs/stream", after=-1, batch=batch)
    await before.until(lambda stream: len(stream.lines) == 2000)
    await api("POST", f"/{run_id}/input", body={"text": "\n"})
    await before.until(lambda stream: len(stream.lines) == 4000)
    middle = api.stream(f"/{run_id}/logs/stream", after=-1, batch=batch)
    await middle.until(lambda stream: stream.lines)
    await api("POST", f"/{run_id}/input", body={"text": "\n\n"})
    await before.end()
    await middle.end()
    after = await whole(api, run_id, after=-1, batch=batch)
    assert [f"line {i}" for i in range(6000)] == messages(before)
    assert before.lines == middle.lines == after.lines
    assert before.events[-1] == middle.events[-1] == after.events[-1]


async def test_complete_comes_once_and_last_with_status_code_and_count(api):
    run_id = await api.launch("import sys; print('a'); print('b'); sys.exit(3)")
    stream = await whole(api, run_id)
    assert ["complete"] == [event.name for event in stream.events if event.name == "complete"]
    last = stream.events[-1]
    assert ("complete", "2", {"status": "failed", "exit_code": 3, "total_lines": 2}) == (
        last.name,
        last.id,
        last.data,
    )
    assert ["failed"] == [status["status"] for status in stream.named("status")][-1:]
    assert (
        stream.events.index(next(event for event in stream.events if event.id == "1"))
        < len(stream.events) - 2
    )


async def test_each_line_is_an_event_with_its_number_as_id(api, data_dir):
    run = MadeRun(data_dir)
    run.write("héllo\u2028 \x1b[31mred\x1b[0m \x85 end\r\n", stream=1)
    run.write("a\rb\n")
    run.end()
    stream = await whole(api, run.run_id)
    first, second = [event for event in stream.events if event.name == "log"]
    assert ("0", "1") == (first.id, second.id)
    assert {
        "line": 0,
        "timestamp": iso(T0 + 1000),
        "level": "ERROR",
        "message": "héllo\u2028 \x1b[31mred\x1b[0m \x85 end",
        "stream": "stderr",
    } == first.data
    assert "b" == second.data["message"]
    assert not set("\x85\u2028\u2029") & set(first.text)


async def test_headers_are_sent_at_once_and_forbid_buffering(api):
    run_id = await api.launch("input()")
    stream = api.stream(f"/{run_id}/logs/stream")
    await stream.until(lambda stream: stream.named("status"))
    assert ("1000", []) == (stream.retry, stream.lines)
    await api("DELETE", f"/{run_id}")
    answer = await stream.end()
    assert "text/event-stream; charset=utf-8" == answer.headers["Content-Type"]
    assert ("no-cache, no-transform", "no") == (
        answer.headers["Cache-Control"],
        answer.headers["X-Accel-Buffering"],
    )


@BOTH_FORMS
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(({}, {}, range(100)), id="newest-of-the-buffer"),
        pytest.param(({"after": -1}, {}, range(100)), id="all"),
        pytest.param(({"after": 97}, {}, (98, 99)), id="after"),
        pytest.param(({"after": 99}, {}, ()), id="after-the-last"),
        pytest.param(({"after": 12345}, {}, ()), id="after-what-does-not-exist"),
        pytest.param(({"tail": 2}, {}, (98, 99)), id="tail"),
        pytest.param(({"since": iso(T0 + 98_000)}, {}, (98, 99)), id="since"),
        pytest.param(({"since": iso(T0 + 50_000), "tail": 3}, {}, (97, 98, 99)), id="since-tail"),
        pytest.param(({"after": 3}, {"Last-Event-ID": "97"}, (98, 99)), id="last-event-id-wins"),
        pytest.param(({}, {"Last-Event-ID": "99"}, ()), id="only-complete-is-missing"),
        pytest.param(({}, {"Last-Event-ID": "-1"}, range(100)), id="from-the-first"),
        pytest.param(({"q": "LINE 1"}, {}, (1, *range(10, 20))), id="text"),
        pytest.param(({"q": "line [0-9]$", "regex": "true"}, {}, range(10)), id="pattern"),
        pytest.param(({"level": "error"}, {}, range(0, 100, 10)), id="level"),
        pytest.param(
            ({"level": "ERROR", "q": "5", "after": -1}, {}, (50,)), id="filters-are-anded"
        ),
        pytest.param(({"level": "ERROR", "tail": 2}, {}, (80, 90)), id="tail-of-what-matches"),
        pytest.param(({"q": "nothing", "tail": 2}, {}, ()), id="nothing-matches"),
    ],
)
@pytest.mark.slow
async def test_a_stream_begins_and_filters_as_requested(api, data_dir, asked, batch):
    run = MadeRun(data_dir)
    for i in range(100):
        run.write(f"line {i}\n", stream=int(i % 10 == 0))
    run.end()
    query, headers, expected = asked
    stream = api.stream(f"/{run.run_id}/logs/stream", headers=headers, batch=batch, **query)
    await stream.end()
    assert list(expected) == [line["line"] for line in stream.lines]
    assert "complete" == stream.events[-1].name
    assert {"log" if batch == "false" else "logs"} >= {
        event.name for event in stream.events if event.name.startswith("log")
    }


@pytest.mark.parametrize(("last", "status"), [("2", 204), ("900", 204), ("1", 200)])
async def test_a_client_that_has_complete_gets_204(api, data_dir, last, status):
    run = MadeRun(data_dir)
    run.write("a\nb\n")
    run.end()
    assert (
        status
        == (await api("GET", f"/{run.run_id}/logs/stream", headers={"Last-Event-ID": last})).status
    )


@BOTH_FORMS
async def test_a_stream_ends_with_the_module_and_reconnecting_clients_get_later_lines(
    api, data_dir, batch
):
    run = MadeRun(data_dir)
    run.write("a\nb\n")
    first = api.stream(f"/{run.run_id}/logs/stream", after=-1, batch=batch)
    await first.until(lambda stream: len(stream.lines) == 2)
    end = {"exit_code": 3, "completed": run.now, "lines": 2}
    run.state("failed", **end, output_open=True, background=[{"pid": 7, "name": "httpd"}])
    await first.end()
    assert ("2", {"status": "failed", "exit_code": 3, "total_lines": 2}) == (
        first.events[-1].id,
        first.events[-1].data,
    )
    shown = (await api("GET", f"/{run.run_id}")).json
    assert (True, [{"pid": 7, "name": "httpd"}]) == (shown["output_open"], shown["background"])
    resumed = {"Last-Event-ID": "2"}
    assert 204 == (await api("GET", f"/{run.run_id}/logs/stream", headers=resumed)).status
    run.write("c\nd\n")
    again = await whole(api, run.run_id, after=1, batch=batch)
    assert ["c", "d"] == messages(again)
    assert "4" == again.events[-1].id
    assert 409 == (await api("DELETE", f"/{run.run_id}?purge=true")).status
    run.state("failed", **end | {"lines": 4}, output_open=False)
    assert ["c", "d"] == messages(await whole(api, run.run_id, after=1, batch=batch))
    run.unlock()
    assert 204 == (await api("DELETE", f"/{run.run_id}?purge=true")).status


async def test_a_position_that_the_run_has_not_reached_yet_is_waited_for(api, data_dir):
    run = MadeRun(data_dir)
    run.write("0\n")
    stream = api.stream(f"/{run.run_id}/logs/stream", after=2)
    await stream.until(lambda stream: stream.named("status"))
    run.write("1\n2\n3\n")
    await stream.until(lambda stream: stream.lines)
    assert ["3"] == messages(stream)


async def test_a_position_at_the_end_of_a_live_run_waits_for_more(api, data_dir):
    run = MadeRun(data_dir)
    run.write("a\nb\n")
    stream = api.stream(f"/{run.run_id}/logs/stream", headers={"Last-Event-ID": "1"})
    await stream.until(lambda stream: stream.named("status"))
    run.write("c\n")
    await stream.until(lambda stream: stream.lines)
    assert ["c"] == messages(stream)


class TestWithASmallBuffer:
    @pytest.fixture
    def jp_server_config(self, data_dir):
        return Config(
            {
                "ServerApp": {"jpserver_extensions": {"prismq_nb": True}},
                "PrismQApp": {
                    "data_dir": str(data_dir),
                    "buffer_lines": 1000,
                    "keep_alive_seconds": 0.05,
                },
            }
        )

    async def test_without_a_position_the_newest_lines_and_all_that_follow_are_sent(self, api):
        run_id = await api.launch(THIRDS)
        await api.stream(f"/{run_id}/logs/stream", after=1998).until(lambda stream: stream.lines)
        stream = api.stream(f"/{run_id}/logs/stream")
        await stream.until(lambda stream: len(stream.lines) == 1000)
        await api("POST", f"/{run_id}/input", body={"text": "\n\n\n"})
        await stream.end()
        assert list(range(1000, 6000)) == [line["line"] for line in stream.lines]

    async def test_silence_is_broken_by_comments(self, api, data_dir):
        stream = api.stream(f"/{MadeRun(data_dir).run_id}/logs/stream")
        await stream.until(lambda stream: len(stream.comments) >= 3)

    @BOTH_FORMS
    async def test_older_lines_come_from_disk(self, api, data_dir, batch):
        run = MadeRun(data_dir)
        for start in range(0, 8000, 800):
            run.write("".join(f"{i}\n" for i in range(start, start + 800)))
        run.end()
        assert [str(i) for i in range(8000)] == messages(
            await whole(api, run.run_id, after=-1, batch=batch)
        )


@BOTH_FORMS
async def test_gaps_precede_their_line_also_for_a_client_that_resumes_there(api, data_dir, batch):
    run = MadeRun(data_dir)
    run.write("0\n1\n")
    run.lose(b"lost\nlost\n")
    run.write("2\n3\n")
    run.lose(b"lost\n", "run-limit")
    run.end()

    def order(stream):
        found = []
        for event in stream.events:
            if event.name in {"log", "logs", "gap"}:
                found += (
                    range(event.data["first"], int(event.id) + 1)
                    if event.name == "logs"
                    else [event.data.get("line", event.data.get("before"))]
                )
        return found

    stream = await whole(api, run.run_id, after=-1, batch=batch)
    assert [0, 1, 2, 2, 3, 4] == order(stream)
    assert [None, None] == [event.id for event in stream.events if event.name == "gap"]
    assert {
        "before": 2,
        "lines": 2,
        "bytes": 10,
        "begin": iso(T0 + 1000),
        "end": iso(T0 + 1_002_000),
        "reason": "disk-full",
    } == stream.named("gap")[0]
    resumed = api.stream(f"/{run.run_id}/logs/stream", headers={"Last-Event-ID": "1"}, batch=batch)
    await resumed.end()
    assert [2, 2, 3, 4] == order(resumed)
    assert ["gap", "gap"] == [
        event.name
        for event in (await whole(api, run.run_id, q="nothing at all", batch=batch)).events
        if event.name == "gap"
    ]


async def test_a_gap_during_a_stream_is_sent_once(api, data_dir):
    run = MadeRun(data_dir)
    run.write("0\n")
    stream = api.stream(f"/{run.run_id}/logs/stream")
    await stream.until(lambda stream: stream.lines)
    run.lose(b"lost\n")
    await stream.until(lambda stream: stream.named("gap"))
    run.write("1\n")
    run.end()
    await stream.end()
    assert ["log", "gap", "log"] == [
        event.name for event in stream.events if event.name in ("log", "gap")
    ]


async def test_status_and_progress_are_sent_when_they_change(api, data_dir):
    run = MadeRun(data_dir)
    stream = api.stream(f"/{run.run_id}/logs/stream")
    await stream.until(lambda stream: stream.named("status"))
    run.state("running", progress=[10.0, 5, 50])
    await stream.until(lambda stream: stream.named("progress"))
    run.state("running", progress=[10.0, 5, 50], stopping=True)
    await stream.until(lambda stream: len(stream.named("status")) == 2)
    run.end("cancelled", -2, progress=[10.0, 5, 50])
    await stream.end()
    assert [{"percent": 10.0, "items_processed": 5, "items_total": 50}] == stream.named("progress")
    assert [("running", False), ("running", True), ("cancelled", True)] == [
        (status["status"], status["stopping"] or status["status"] == "cancelled")
        for status in stream.named("status")
    ]


async def test_the_bar_that_a_completed_run_left_is_withdrawn(api, data_dir):
    run = MadeRun(data_dir)
    run.state("running", progress=[63.0, 63, 100])
    one, many = api.stream(f"/{run.run_id}/logs/stream"), api.stream("/stream", run=run.run_id)
    await one.until(lambda stream: stream.named("progress"))
    await many.until(lambda stream: stream.named("batch"))
    run.end("completed", 0, progress=[63.0, 63, 100])
    await one.end()
    await many.end()
    assert [63.0, None] == [progress["percent"] for progress in one.named("progress")]
    told = [batch["progress"] for batch in many.named("batch") if "progress" in batch]
    assert [63.0, None] == [progress and progress["percent"] for progress in told]


async def test_a_purged_run_ends_its_streams_with_an_error(api, data_dir, extension):
    run = MadeRun(data_dir)
    stream = api.stream(f"/{run.run_id}/logs/stream")
    await stream.until(lambda stream: stream.named("status"))
    extension.services.engine._store.remove(extension.services.engine._store.find(run.run_id))
    await stream.end()
    assert ("error", {"error": "run purged"}) == (stream.events[-1].name, stream.events[-1].data)


async def test_stopping_the_server_ends_the_streams_without_a_complete_event(
    api, data_dir, extension
):
    run = MadeRun(data_dir)
    streams = [api.stream(f"/{run.run_id}/logs/stream"), api.stream("/stream", run=run.run_id)]
    await streams[0].until(lambda stream: stream.events)
    await streams[1].until(lambda stream: stream.events)
    extension.services.feeds.close()
    await asyncio.gather(*(stream.end() for stream in streams))
    assert "status" == streams[0].events[-1].name
    assert not extension.services.streams


async def test_a_client_that_disconnects_is_forgotten(api, data_dir, extension):
    run = MadeRun(data_dir)
    stream = api.stream(f"/{run.run_id}/logs/stream")
    await stream.until(lambda stream: stream.named("status"))
    assert 1 == len(extension.services.streams)
    await stream.leave()
    deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
    while extension.services.streams:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.005)  # between two polls
    assert not extension.services.feeds._feeds[run.run_id].watched


INVALID_STREAMS = [
    ({"tail": 0}, {}, "tail=0"),
    ({"tail": "ten"}, {}, "tail='ten'"),
    ({"after": -2}, {}, "after=-2"),
    ({"since": "yesterday"}, {}, "since='yesterday'"),
    ({"level": "LOUD"}, {}, "level='LOUD'"),
    ({"q": "(", "regex": 1}, {}, "q='('"),
    ({"batch": "perhaps"}, {}, "batch='perhaps'"),
    ({}, {"Last-Event-ID": "abc"}, "Last-Event-ID='abc'"),
]


async def test_an_invalid_parameter_is_400_and_named(api, data_dir):
    path = f"/{MadeRun(data_dir).run_id}/logs/stream"
    for query, headers, word in INVALID_STREAMS:
        answer = await api("GET", path, headers=headers, **query)
        assert (400, "InvalidRequest") == (answer.status, answer.json["reason"]), (query, headers)
        assert word in answer.json["message"], (query, headers)


async def test_an_unexpected_error_ends_the_stream_with_an_error_event(api, data_dir, monkeypatch):
    def fail(*_):
        raise RuntimeError("the password is hunter2")

    run = MadeRun(data_dir)
    run.write("a\n")
    monkeypatch.setattr("prismq_nb.engine.live.feed.Feed.block", fail)
    streams = [api.stream(f"/{run.run_id}/logs/stream"), api.stream("/stream", run=run.run_id)]
    for stream in streams:
        await stream.end()
        assert ("error", False) == (stream.events[-1].name, "hunter2" in stream.events[-1].text)
