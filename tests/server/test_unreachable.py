"""A run on another machine, over HTTP."""

from __future__ import annotations

import pytest
from support.journals import MadeRun

from prismq_nb.engine.files import file_system
from prismq_nb.server.activity import Activity


@pytest.fixture
def unreachable(data_dir, monkeypatch):
    """A run that another machine started, on a shared file system."""
    monkeypatch.setattr(file_system, "is_network", lambda _: True)
    run = MadeRun(data_dir)
    run.state("running", boot="another", host="node7")
    run.unlock()
    return run


async def test_it_is_shown_refuses_requests_and_can_be_abandoned(api, unreachable):
    run_id = unreachable.run_id
    (listed,) = (await api("GET", "")).json["runs"]
    assert (listed["status"], listed["unreachable"], listed["host"]) == ("running", True, "node7")
    refused = await api("DELETE", f"/{run_id}")
    assert (refused.status, refused.json["reason"]) == (409, "RunUnreachable")
    assert "'node7'" in refused.json["message"]
    assert (await api("DELETE", f"/{run_id}", purge="true")).status == 409
    both = await api("DELETE", f"/{run_id}", purge="true", give_up="true")
    assert (both.status, both.json["reason"]) == (400, "InvalidRequest")
    given_up = await api("DELETE", f"/{run_id}", give_up="true")
    assert (given_up.status, given_up.json["status"]) == (200, "failed")
    assert (await api("DELETE", f"/{run_id}", give_up="true")).json["reason"] == "RunEnded"
    assert (await api("DELETE", f"/{run_id}", purge="true")).status == 204


async def test_it_is_not_activity(extension, unreachable):
    extension.services.engine.wait_for_repair(unreachable.run_id)
    assert extension.services.engine.get(unreachable.run_id).unreachable
    assert not Activity(
        extension.services.engine, extension.services.pools.calls, {}, 1e9
    )._active()
    assert extension._active_runs([]) == []


async def test_its_stream_says_that_it_is_unreachable(api, unreachable):
    stream = api.stream(f"/{unreachable.run_id}/logs/stream")
    await stream.until(lambda stream: stream.named("status"))
    status = stream.named("status")[0]
    assert (status["status"], status["unreachable"], status["host"]) == ("running", True, "node7")
    await stream.leave()
