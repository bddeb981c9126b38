"""Running runs keep an idle server alive, for so long; open streams do not."""

from __future__ import annotations

import asyncio
import logging

import pytest
from support.journals import MadeRun

from prismq_nb.common.models import LaunchSpec
from prismq_nb.server import activity
from prismq_nb.server.activity import Activity
from prismq_nb.server.asking import AskingLog


@pytest.fixture
def started(data_dir, extension, monkeypatch):
    """Starts an Activity that looks all the time; gives what it tells Jupyter."""
    monkeypatch.setattr(activity, "LOOK_SECONDS", 0.01)
    begun = []

    def start(hours: float) -> dict:
        times: dict = {}
        begun.append(Activity(extension.services.engine, extension.services.pools.calls, times, hours))
        begun[-1].start()
        return times

    yield start
    for one in begun:
        one.stop()


async def changed(times: dict, before: object) -> None:
    for _ in range(1000):
        if times.get("prismq_nb") not in {None, before}:
            return
        await asyncio.sleep(0.01)  # between two looks
    raise AssertionError("no activity was told")


async def test_a_run_that_goes_on_is_activity_and_one_that_has_ended_is_none(started, extension):
    run = extension.services.engine.launch(LaunchSpec(code="input()"))
    times = started(1.0)
    await changed(times, None)
    await changed(times, times["prismq_nb"])
    extension.services.engine.send(run.run_id, "\n")
    while extension.services.engine.get(run.run_id).status == "running":  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.01)  # between two looks
    assert not Activity(extension.services.engine, extension.services.pools.calls, {}, 1.0)._active()


async def test_a_run_that_goes_on_too_long_is_none(extension):
    extension.services.engine.launch(LaunchSpec(code="input()"))
    await asyncio.sleep(0.02)  # so that it has run for some time
    assert Activity(extension.services.engine, extension.services.pools.calls, {}, 1.0)._active()
    assert not Activity(extension.services.engine, extension.services.pools.calls, {}, 1e-9)._active()


async def test_a_stream_is_no_activity(api, data_dir, extension):
    run = MadeRun(data_dir)
    before = extension.serverapp.web_app.last_activity()
    stream = api.stream(f"/{run.run_id}/logs/stream")
    await stream.until(lambda stream: stream.named("status"))
    await stream.leave()
    assert extension.serverapp.web_app.last_activity() == before


def test_a_run_that_begins_to_wait_for_input_is_logged_once(data_dir, extension, caplog):
    caplog.set_level(logging.INFO)
    run = MadeRun(data_dir)
    asking = AskingLog(extension.log)
    one = Activity(extension.services.engine, extension.services.pools.calls, {}, 0, asking.look)
    told = []
    for waits, hides in ((False, False), (True, False), (True, False), (False, False), (True, True)):
        run.state("running", waiting_for_input=waits, hides_input=hides)
        assert not one._active()
        told.append([record.getMessage() for record in caplog.records if run.run_id in record.getMessage()])
    line = f"prismq_nb: {run.run_id} is waiting for input"
    hidden = f"prismq_nb: {run.run_id} is waiting for hidden input"
    assert [[], [line], [line], [line], [line, hidden]] == told
