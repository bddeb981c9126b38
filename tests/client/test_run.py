"""The handle of a run: its requests, its waiting, and its text."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from support.fake_server import RUN_ID, FakeServer, line, record
from support.waiting import WAIT_SECONDS

from prismq_nb import errors
from prismq_nb.client.http.client import HttpClient
from prismq_nb.client.run.run import Run
from prismq_nb.common.log_models import LogPage

CHANGING = """status stopping exit_code error_message started_at completed_at duration_seconds
    progress_percent items_processed items_total lines bytes levels cpu_percent memory_bytes records
    terminal takes_input waiting_for_input output_open background notes"""


@pytest.fixture
def run(client: HttpClient, fake: FakeServer) -> Run:
    """The handle of the fake server's run; requests are counted from here on."""
    handle = Run(client, client.get(RUN_ID))
    fake.requests.clear()
    return handle


@pytest.mark.parametrize("name", ["run_id", "module_id", "module_name", "parameters", "created_at"])
def test_constant_attributes_cause_no_request(run: Run, fake: FakeServer, name: str) -> None:
    getattr(run, name)
    assert fake.requests == []


@pytest.mark.parametrize("name", CHANGING.split())
def test_each_access_to_a_changing_attribute_causes_one_request(
    run: Run, fake: FakeServer, name: str
) -> None:
    fake.run = (
        record(**{name: copy.copy(getattr(run.info, name))}, lines=7)
        if name != "lines"
        else record(lines=7)
    )
    getattr(run, name)
    assert len(fake.requests) == 1
    assert run.info.lines == 7


def test_an_ended_run_causes_no_more_requests(run: Run, fake: FakeServer) -> None:
    fake.finish("failed", 3)
    assert (run.status, run.exit_code) == ("failed", 3)
    assert run.exit_code == 3
    assert run.levels == {"complete": True}
    assert len(fake.requests) == 1


def test_levels_of_an_ended_run_are_requested_until_they_are_complete(
    run: Run, fake: FakeServer
) -> None:
    """Classification may continue after the end of a flood."""
    fake.run = record(status="completed", exit_code=0, levels={"INFO": 1, "complete": False})
    assert run.status == "completed"
    fake.run = record(status="completed", exit_code=0, levels={"INFO": 9, "complete": True})
    assert run.levels == {"INFO": 9, "complete": True}


@pytest.mark.parametrize("name", ["levels", "records"])
def test_counts_of_an_ended_run_are_waited_for(run: Run, fake: FakeServer, name: str) -> None:
    """The last lines are counted some 60 ms after the end; a zero would say that there were no
    errors.
    """
    counted = {"ERROR": 2, "complete": True}
    fake.run = record(
        status="completed",
        exit_code=0,
        levels={"ERROR": 0, "complete": False},
        records={"ERROR": 0, "complete": False},
    )
    ended = record(status="completed", exit_code=0, levels=counted, records=counted)
    threading.Timer(0.2, setattr, (fake, "run", ended)).start()
    assert getattr(run, name) == counted


def test_counts_that_never_come_are_waited_for_once(
    run: Run, fake: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed supervisor counts no more."""
    monkeypatch.setattr("prismq_nb.client.run.state.COUNT_SECONDS", 0.05)
    fake.run = record(status="failed", exit_code=-9, levels={"ERROR": 0, "complete": False})
    assert run.levels == {"ERROR": 0, "complete": False}
    asked = len(fake.requests)
    assert run.levels == {"ERROR": 0, "complete": False}
    assert len(fake.requests) == asked + 1


def test_wait_returns_the_status(run: Run, fake: FakeServer) -> None:
    threading.Timer(0.1, fake.finish, ("cancelled", -2)).start()
    assert run.wait(timeout=WAIT_SECONDS) == "cancelled"
    assert run.exit_code == -2


def test_wait_raises_when_its_timeout_expires_first(run: Run) -> None:
    """It is a TimeoutError as well, and says that the run continues."""
    with pytest.raises(
        TimeoutError,
        match=rf"collect was still running after 0.05 s; the run continues \({RUN_ID}\)",
    ) as caught:
        run.wait(timeout=0.05)
    assert caught.type is errors.WaitTimeout


def test_a_timeout_of_zero_checks_once(run: Run, fake: FakeServer) -> None:
    with pytest.raises(errors.WaitTimeout):
        run.wait(timeout=0)
    fake.finish()
    assert run.wait(timeout=0) == "completed"


def test_wait_survives_a_restart_of_the_server(run: Run, fake: FakeServer) -> None:
    fake.hang_up()

    def come_back() -> None:
        fake.finish()
        fake.restart()

    threading.Timer(0.2, come_back).start()
    assert run.wait(timeout=WAIT_SECONDS) == "completed"


def test_ctrl_c_interrupts_only_the_waiting(run: Run, fake: FakeServer) -> None:
    def interrupt() -> None:
        while not fake.requests:  # nobody waits so far
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        run.wait()
    assert {"GET"} == {method for method, *_ in fake.requests}
    assert run.status == "running"


def test_awaiting_does_not_block_the_event_loop(run: Run, fake: FakeServer) -> None:
    """The run ends only because the loop kept running."""

    async def ticks() -> int:
        count = 0
        while not waiter.done():
            count += 1
            if count == 20:
                fake.finish()
            await asyncio.sleep(0.005)
        return count

    async def main() -> tuple[str, int]:
        nonlocal waiter
        waiter = asyncio.ensure_future(status())
        count = await ticks()
        return waiter.result(), count

    async def status() -> str:
        return await run

    waiter: asyncio.Future[str]
    result, count = asyncio.run(main())
    assert result == "completed"
    assert count >= 20


def test_awaiting_can_be_cancelled(run: Run, fake: FakeServer) -> None:
    """Cancelling stops the waiting, not the run."""

    async def status() -> str:
        return await run

    async def main() -> None:
        await asyncio.wait_for(status(), 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(main())
    assert {"GET"} == {method for method, *_ in fake.requests}


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ({}, ""),
        ({"tail": 5}, "?tail=5"),
        ({"after": -1, "limit": 10}, "?after=-1&limit=10"),
        ({"before": 9}, "?before=9"),
        ({"level": "ERROR"}, "?level=ERROR"),
        ({"level": ["ERROR", "CRITICAL"]}, "?level=ERROR%2CCRITICAL"),
        ({"q": "a b"}, "?q=a+b"),
        ({"q": "a|b", "regex": True}, "?q=a%7Cb&regex=true"),
        ({"since": "2025-10-31T12:00:00Z"}, "?since=2025-10-31T12%3A00%3A00Z"),
        (
            {"since": datetime(2025, 10, 31, 12, tzinfo=UTC)},
            "?since=2025-10-31T12%3A00%3A00.000000Z",
        ),
        (
            {"since": datetime(2025, 10, 31, 12, tzinfo=timezone(timedelta(hours=2)))},
            "?since=2025-10-31T10%3A00%3A00.000000Z",
        ),
    ],
    ids=str,
)
def test_filters_of_logs_become_the_query(
    run: Run, fake: FakeServer, arguments: dict[str, object], query: str
) -> None:
    run.logs(**arguments)  # type: ignore[arg-type]
    assert f"/base/api/runs/{RUN_ID}/logs{query}" == fake.requests[-1][1]


def test_logs_print_as_a_log(run: Run, fake: FakeServer) -> None:
    """Without anything that a terminal would obey."""
    fake.lines = [
        line(0, "one"),
        line(1, "\x1b[31mtwo\x1b[0m \x1b]0;title\x07\x9b2Jend\x08", "WARNING"),
    ]
    assert repr(run.logs(tail=10)) == "12:00:00.000Z INFO     one\n12:00:01.000Z WARNING  two end"


def test_a_long_list_of_lines_prints_its_newest(run: Run, fake: FakeServer) -> None:
    fake.lines = [line(n) for n in range(250)]
    shown = repr(run.logs()).splitlines()
    assert shown[0] == "... 50 earlier lines"
    assert shown[-1] == "12:00:09.000Z INFO     line 249"
    assert len(shown) == 201


def test_a_poll_that_stopped_before_it_found_anything_is_repeated(
    run: Run, fake: FakeServer
) -> None:
    """The first poll of a process spends its time compiling patterns: an error was missed."""
    fake.lines = [line(0, level="ERROR")]
    nothing = {"run_id": RUN_ID, "logs": [], "total_lines": 1, "truncated": True, "next_after": 0}
    fake.answers = [(200, json.dumps(nothing).encode(), {})] * 5
    assert [each.line for each in run.logs(level="error")] == [0]
    fake.answers = [(200, json.dumps(nothing | {"total_lines": 10**6}).encode(), {})]
    assert repr(run.logs(level="error")) == "(no matches yet; run.search() searches the whole log)"
    assert fake.answers == []


def test_logs_know_where_to_continue(run: Run, fake: FakeServer) -> None:
    fake.lines = [line(n) for n in range(3)]
    lines = run.logs(tail=2)
    assert (lines.total_lines, lines.truncated, lines.next_after) == (3, True, 2)
    assert [each.message for each in lines] == ["line 1", "line 2"]
    assert repr(type(lines)(LogPage(RUN_ID, [], 0, truncated=False, next_after=-1))) == "(no lines)"


def test_follow_begins_at_the_first_line(run: Run, fake: FakeServer) -> None:
    """Nothing is lost for a caller that gives no position."""
    fake.lines = [line(n) for n in range(3)]
    fake.finish()
    assert [each.message for each in run.follow()] == ["line 0", "line 1", "line 2"]
    assert f"/base/api/runs/{RUN_ID}/logs/stream?after=-1&batch=true" == fake.requests[-1][1]


def test_follow_reports_output_that_could_not_be_stored(run: Run, fake: FakeServer) -> None:
    gap = {
        "before": 1,
        "lines": 7,
        "bytes": 70,
        "begin": "2025-10-31T12:00:00.000000Z",
        "end": "2025-10-31T12:00:01.000000Z",
        "reason": "disk-full",
    }
    fake.lines, fake.gaps = [line(0), line(1)], {1: gap}
    fake.finish()
    with pytest.warns(
        UserWarning, match=r"7 lines \(70 bytes\) before line 1 could not be stored: disk full"
    ):
        assert [each.line for each in run.follow()] == [0, 1]


def test_download_is_named_after_the_run(
    run: Run, fake: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.lines = [line(0)]
    monkeypatch.chdir(tmp_path)
    assert Path(f"{RUN_ID}.log") == run.download()
    assert tmp_path / f"{RUN_ID}.log" == run.download(tmp_path)
    assert (
        run.download(tmp_path / "a.txt").read_text()
        == "[2025-10-31T12:00:00.000000Z] [INFO] [stdout] line 0\n"
    )


def test_a_failed_download_keeps_the_old_file(run: Run, fake: FakeServer, tmp_path: Path) -> None:
    target = tmp_path / "log.txt"
    target.write_text("old")
    fake.answers = [(404, b'{"message": "purged", "reason": "RunNotFound"}', {})]
    with pytest.raises(errors.RunNotFound):
        run.download(target)
    assert target.read_text() == "old"
    assert [target] == [path for path in tmp_path.iterdir() if "log" in path.name]


def test_stop_requests_and_does_not_wait(run: Run, fake: FakeServer) -> None:
    run.stop()
    assert run.stopping
    fake.finish("cancelled", -2)
    with pytest.raises(errors.RunEnded):
        run.stop()


def test_send_posts_the_text(run: Run, fake: FakeServer) -> None:
    run.send("yes\n")
    run.send("", eof=True)
    run.send("hunter2\n", secret=True)
    assert fake.bodies() == [
        {"text": "yes\n", "eof": False},
        {"text": "", "eof": True},
        {"text": "hunter2\n", "eof": False, "secret": True},
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"yes\n", r"text=b'yes\\n' is not a string; pass one"),
        (5, "text=5 is not a string"),
        ("ab\ud83d", r"text has '\\ud83d' at index 2, a lone surrogate"),
    ],
    ids=["bytes", "number", "half-a-character"],
)
def test_unsendable_input_is_named(run: Run, fake: FakeServer, text: str, words: str) -> None:
    with pytest.raises(errors.InvalidRequest, match=words):
        run.send(text)
    assert fake.bodies() == []


def test_tab_completion_shows_public_names_only(run: Run) -> None:
    assert {"logs", "wait", "status", "levels"} <= set(dir(run))
    assert [name for name in dir(run) if name.startswith("_")] == []


def test_its_repr_is_short_and_has_the_status(run: Run, fake: FakeServer) -> None:
    """Without an id or a time, so that it is the same each time a notebook is run."""
    assert repr(run) == f"<Run collect running, {RUN_ID}>"
    fake.finish()
    assert repr(run) == f"<Run collect completed, {RUN_ID}>"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"waiting_for_input": True}, "running, waiting for input"),
        ({"waiting_for_input": True, "hides_input": True}, "running, waiting for input (hidden)"),
        (
            {
                "status": "completed",
                "output_open": True,
                "background": [{"pid": 7, "name": "\x1b[1mweb"}],
            },
            "completed, background processes can still print: web",
        ),
        (
            {
                "status": "failed",
                "output_open": True,
                "background": [{"pid": n, "name": f"p{n}"} for n in range(1, 6)],
            },
            "failed, background processes can still print: p1, p2, p3, 2 more",
        ),
        (
            {"status": "completed", "output_open": True},
            "completed, background processes can still print",
        ),
    ],
    ids=["waits", "waits-for-a-password", "one", "many", "unnamed"],
)
def test_its_repr_says_what_a_person_may_have_to_do(
    run: Run, fake: FakeServer, fields: dict[str, Any], words: str
) -> None:
    fake.run = fake.run | fields
    assert repr(run) == f"<Run collect {words}, {RUN_ID}>"


def test_it_requests_changes_while_its_output_is_open(run: Run, fake: FakeServer) -> None:
    fake.run = fake.run | {"status": "completed", "output_open": True, "lines": 1}
    assert (run.status, run.lines, run.output_open) == ("completed", 1, True)
    fake.run = fake.run | {"output_open": False, "lines": 2}
    assert (run.lines, run.output_open) == (2, False)
    fake.run = fake.run | {"lines": 3}
    assert run.lines == 2


def test_it_has_records_and_lines(run: Run, fake: FakeServer) -> None:
    fake.run = fake.run | {
        "levels": {"ERROR": 155, "complete": True},
        "records": {"ERROR": 1, "complete": True},
    }
    assert (run.levels["ERROR"], run.records["ERROR"]) == (155, 1)


def test_its_repr_survives_the_server(run: Run, fake: FakeServer) -> None:
    fake.hang_up()
    assert repr(run) == f"<Run collect running, {RUN_ID}>"


def test_outside_of_a_notebook_it_displays_as_its_repr(run: Run) -> None:
    with pytest.raises(NotImplementedError):  # which IPython takes for "show the repr"
        run._ipython_display_()


def test_handles_of_one_run_are_equal(run: Run, client: HttpClient) -> None:
    assert {run} == {Run(client, client.get(RUN_ID)), run}
