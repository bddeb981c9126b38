"""Live runs keep an idle server alive for a limited time; open streams do not."""

from __future__ import annotations

import asyncio
import logging

import pytest
from support.journals import MadeRun

from prismq_nb.common.models import LaunchSpec
from prismq_nb.server import activity
from prismq_nb.server.activity import Activity
from prismq_nb.server.input_wait_log import InputWaitLog


@pytest.fixture
def started(data_dir, extension, monkeypatch):
    """Start an Activity that checks all the time; return what it reports to Jupyter."""
    monkeypatch.setattr(activity, "INTERVAL_SECONDS", 0.01)
    begun = []

    def start(hours: float) -> dict:
        times: dict = {}
        begun.append(
            Activity(extension.services.engine, extension.services.pools.calls, times, hours)
        )
        begun[-1].start()
        return times

    yield start
    for one in begun:
        one.stop()


async def changed(times: dict, before: object) -> None:
    for _ in range(1000):
        if times.get("prismq_nb") not in {None, before}:
            return
        await asyncio.sleep(0.01)  # between two checks
    raise AssertionError("no activity was told")


async def test_a_live_run_is_activity_and_an_ended_one_is_not(started, extension):
    run = extension.services.engine.launch(LaunchSpec(code="input()"))
    times = started(1.0)
    await changed(times, None)
    await changed(times, times["prismq_nb"])
    extension.services.engine.send(run.run_id, "\n")
    # nothing is reported
    while extension.services.engine.get(run.run_id).status == "running":  # noqa: ASYNC110
        await asyncio.sleep(0.01)  # between two checks
    assert not Activity(
        extension.services.engine, extension.services.pools.calls, {}, 1.0
    )._active()


async def test_a_run_that_takes_too_long_is_not_activity(extension):
    extension.services.engine.launch(LaunchSpec(code="input()"))
    await asyncio.sleep(0.02)  # so that it has run for some time
    assert Activity(extension.services.engine, extension.services.pools.calls, {}, 1.0)._active()
    assert not Activity(
        extension.services.engine, extension.services.pools.calls, {}, 1e-9
    )._active()


async def test_a_stream_is_not_activity(api, data_dir, extension):
    run = MadeRun(data_dir)
    before = extension.serverapp.web_app.last_activity()
    stream = api.stream(f"/{run.run_id}/logs/stream")
    await stream.until(lambda stream: stream.named("status"))
    await stream.leave()
    assert extension.serverapp.web_app.last_activity() == before


def test_a_run_that_begins_to_wait_for_input_is_logged_once(data_dir, extension, caplog):
    caplog.set_level(logging.INFO)
    run = MadeRun(data_dir)
    asking = InputWaitLog(extension.log)
    one = Activity(extension.services.engine, extension.services.pools.calls, {}, 0, asking.update)
    told = []
    for waits, hides in (
        (False, False),
        (True, False),
        (True, False),
        (False, False),
        (True, True),
    ):
        run.state("running", waiting_for_input=waits, hides_input=hides)
        assert not one._active()
        told.append(
            [record.getMessage() for record in caplog.records if run.run_id in record.getMessage()]
        )
    line = f"prismq_nb: {run.run_id} is waiting for input"
    hidden = f"prismq_nb: {run.run_id} is waiting for hidden input"
    assert [[], [line], [line], [line], [line, hidden]] == told
