"""Dead runs are repaired beside the event loop: only requests for them wait."""

from __future__ import annotations

import asyncio
import threading

import pytest
from support.journals import MadeRun
from support.waiting import WAIT_SECONDS

from prismq_nb.client.local import LocalClient
from prismq_nb.engine.health import repair, repair_queue


@pytest.fixture
def dead(data_dir):
    """Runs whose supervisors were killed."""
    made = [MadeRun(data_dir, f"run_20251031_120000_made_{number:06x}") for number in range(16)]
    for run in made:
        run.write("line\n")
        run.unlock()
    return [run.run_id for run in made]


@pytest.fixture
def held(monkeypatch):
    """Make repairs wait for this event, and count how many do so at most."""
    event, recover = threading.Event(), repair.recovery.recover
    event.counts = {"now": 0, "most": 0}

    def slow(*args, **more):
        event.counts["now"] += 1
        event.counts["most"] = max(event.counts.values())
        assert event.wait(WAIT_SECONDS)
        event.counts["now"] -= 1
        return recover(*args, **more)

    monkeypatch.setattr(repair.recovery, "recover", slow)
    yield event
    event.set()


async def test_a_page_of_dead_runs_delays_nobody_and_ends_with_their_repair(api, dead, held):
    page = api.stream("/stream", run=dead)
    asked = asyncio.ensure_future(api("GET", f"/{dead[0]}"))
    while not held.counts["now"]:  # noqa: ASYNC110 - a thread counts
        await asyncio.sleep(0.001)
    for _ in range(5):
        assert 200 == (await api("GET", "", limit=20)).status  # while all repairs are blocked
    assert not asked.done()
    assert held.counts["most"] <= repair_queue.WORKERS
    held.set()
    assert "failed" == (await asked).json["status"]
    await page.end()
    last = [data for data in page.named("batch") if "complete" in data]
    ends = {data["run"]: data["complete"]["status"] for data in last}
    assert dict.fromkeys(dead, "failed") == ends
    assert held.counts["most"] <= repair_queue.WORKERS


async def test_a_slow_repair_is_not_waited_for(api, dead, held, monkeypatch):
    monkeypatch.setattr("prismq_nb.server.http.base.WAIT_SECONDS", 0.01)
    answer = await api("GET", f"/{dead[0]}")
    assert (200, "running") == (answer.status, answer.json["status"])
    stream = api.stream(f"/{dead[0]}/logs/stream", after=-1)
    await stream.until(lambda stream: stream.lines)
    held.set()
    await stream.end()
    assert [{"status": "failed", "exit_code": None, "total_lines": 1}] == stream.named("complete")


def test_a_client_without_a_server_waits_in_its_own_thread(data_dir, dead):
    client = LocalClient(data_dir)
    assert ("failed", repair.KILLED) == (
        client.get(dead[3]).status,
        client.get(dead[3]).error_message,
    )


def test_a_failing_repair_is_reported_and_the_next_one_is_done(data_dir, dead, monkeypatch, caplog):
    recover = repair.recovery.recover

    def fail(run_dir, **more):
        if run_dir.name == dead[0]:
            raise RuntimeError("what nobody thought of")
        return recover(run_dir, **more)

    monkeypatch.setattr(repair.recovery, "recover", fail)
    monkeypatch.setattr(repair_queue, "WORKERS", 1)
    client = LocalClient(data_dir)
    assert ["running", "failed"] == [client.get(run_id).status for run_id in dead[:2]]
    assert ["what nobody thought of" in one.message for one in caplog.records] == [True]
