"""What changes in the list of runs, as events: complete, resumable, at once."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys

import pytest
from support.api_document import event_problems, strict_document
from support.journals import MadeRun

from prismq_nb.engine.live import change_log, run_changes


def told(events, run_id):
    """What was told of a run, oldest first: its status, or ``removed``."""
    found = [event for event in events.events if event.id and event.data.get("run_id") == run_id]
    return [event.data.get("status", event.name) for event in found]


async def connected(api, **query):
    """A stream whose first event has arrived."""
    return await api.stream("/events", **query).until(lambda events: events.events)


def position(events):
    """The position that a client would resume at."""
    return events.events[-1].id


async def test_a_run_is_told_as_the_list_shows_it(api):
    events = await connected(api)
    run_id = await api.launch("input()", stdin=True)
    await events.until(lambda _: told(events, run_id))
    await api("POST", f"/{run_id}/input", body={"text": "\n"})
    await events.until(lambda _: told(events, run_id)[-1] == "completed")
    assert ["reset", "run"] == [event.name for event in events.events[:2]]
    (shown,) = (await api("GET", "")).json["runs"]
    assert shown == events.events[-1].data
    assert told(events, run_id)[0] in ("queued", "running")
    await api("DELETE", f"/{run_id}", purge="true")
    await events.until(lambda _: told(events, run_id)[-1] == "removed")


async def test_a_client_resumes_exactly_where_it_was(api):
    events = await connected(api)
    first = await api.launch("pass")
    await events.until(lambda _: told(events, first)[-1:] == ["completed"])
    await events.leave()
    other = await api.finished("pass")
    back = api.stream("/events", headers={"Last-Event-ID": position(events)})
    await back.until(lambda _: told(back, other)[-1:] == ["completed"])
    assert "resumed" == back.events[0].name
    assert [] == told(back, first)
    again = api.stream("/events", after=position(events))
    await again.until(lambda _: told(again, other))
    assert ["completed"] == told(again, other)  # each run once


@pytest.mark.parametrize("after", ["", "nonsense", "00000000-0", "\u0660", "-1", "x" * 3000])
async def test_an_unknown_position_is_reset(api, after):
    events = await connected(api, after=after)
    assert "reset" == events.events[0].name
    assert "resumed" == (await connected(api, after=position(events))).events[0].name
    number = position(events).partition("-")[0] + "-999999"
    assert "reset" == (await connected(api, after=number)).events[0].name


async def test_a_position_whose_changes_are_not_kept_is_reset(api, monkeypatch):
    monkeypatch.setattr(change_log, "MAX_CHANGES", 2)
    events = await connected(api)
    old = position(events)
    for _ in range(3):
        run_id = await api.finished("pass")
        await events.until(lambda _, run_id=run_id: told(events, run_id)[-1:] == ["completed"])
    assert "reset" == (await connected(api, after=old)).events[0].name
    assert "resumed" == (await connected(api, after=position(events))).events[0].name


async def test_runs_of_another_process_on_the_directory_are_told(api, extension, data_dir):
    events = await connected(api)
    code = (
        "import prismq_nb, sys; run = prismq_nb.launch(code='pass'); run.wait(); print(run.run_id)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        stdout=subprocess.PIPE,
        env={"PRISMQ_DATA_DIR": str(data_dir), "PATH": "/usr/bin:/bin", "HOME": str(data_dir)},
    )
    out, _ = await process.communicate()
    run_id = out.decode().strip()
    await events.until(lambda _: told(events, run_id)[-1:] == ["completed"])
    shutil.rmtree(data_dir / "runs" / run_id)
    await events.until(lambda _: told(events, run_id)[-1] == "removed")


async def test_a_killed_supervisor_is_told(api, data_dir):
    run = MadeRun(data_dir)
    events = await connected(api)
    run.write("line\n")
    run.writer.close(run.now)
    run.unlock()
    await events.until(lambda _: told(events, run.run_id)[-1:] == ["failed"])


@pytest.mark.slow
async def test_progress_is_conflated_and_a_change_of_state_is_not(api, data_dir):
    run = MadeRun(data_dir)
    events = await connected(api)
    begin = asyncio.get_running_loop().time()
    for number in range(100):
        run.state("running", cpu_percent=float(number))
        await asyncio.sleep(0.01)  # writes like a busy supervisor
    run.state("running", stopping=True)
    await events.until(lambda _: events.named("run") and events.named("run")[-1]["stopping"])
    seconds = asyncio.get_running_loop().time() - begin
    assert len(events.named("run")) <= 3 + seconds


async def test_changes_while_nobody_follows_are_told_to_who_resumes(api, extension, monkeypatch):
    monkeypatch.setattr(run_changes, "LINGER_SECONDS", 0.0)
    changes = extension.services.changes
    run_id = await api.launch("input()", stdin=True)
    events = await connected(api)
    await events.leave()
    while changes._task is not None:  # noqa: ASYNC110 - nothing else says so
        await asyncio.sleep(0.001)
    looks = changes.looks
    await api("POST", f"/{run_id}/input", body={"text": "\n"})
    await api.ended(run_id)
    other = await api.finished("pass")
    assert looks == changes.looks
    back = await connected(api, after=position(events))
    await back.until(lambda _: told(back, run_id) and told(back, other))
    assert "resumed" == back.events[0].name
    assert ["completed"] == told(back, run_id)


@pytest.mark.slow
async def test_without_notification_changes_are_found_by_polling(api, extension, data_dir):
    extension.services.changes._notifier._open = None
    events = await connected(api)
    run = MadeRun(data_dir)
    await events.until(lambda _: told(events, run.run_id) == ["running"])
    run.end()
    await events.until(lambda _: told(events, run.run_id)[-1] == "completed")


async def test_every_event_is_described(api):
    events = await connected(api)
    run_id = await api.finished("pass")
    await events.until(lambda _: told(events, run_id)[-1:] == ["completed"])
    await api("DELETE", f"/{run_id}", purge="true")
    await events.until(lambda _: told(events, run_id)[-1] == "removed")
    back = await connected(api, after=position(events))
    assert {"reset", "run", "removed"} == {event.name for event in events.events}
    for event in (*events.events, *back.events):
        sent = {"event": event.name, "data": event.text, "id": event.id}
        assert [] == event_problems(strict_document(), "/api/runs/events", sent)


async def test_a_page_gets_the_same_events_in_its_one_stream(api):
    run_id = await api.launch("print('line'); input()", stdin=True)
    page = api.stream("/stream", run=f"{run_id}@0", runs="")
    await page.until(lambda _: page.named("reset") and page.named("batch"))
    await api("POST", f"/{run_id}/input", body={"text": "\n"})
    await page.until(lambda _: told(page, run_id)[-1:] == ["completed"])
    await page.until(lambda _: "complete" in page.named("batch")[-1])  # the stream goes on
    other = await api.finished("pass")
    await page.until(lambda _: told(page, other)[-1:] == ["completed"])
    changes = [event for event in page.events if event.id]
    # the first run may change once more meanwhile
    begin = next(i for i, event in enumerate(changes) if event.data.get("run_id") == other)
    back = api.stream("/stream", runs=changes[begin - 1].id)
    await back.until(lambda _: told(back, other))
    assert ("resumed", "completed") == (back.events[0].name, told(back, other)[0])
    for event in page.events:
        sent = {"event": event.name, "data": event.text} | ({"id": event.id} if event.id else {})
        assert [] == event_problems(strict_document(), "/api/runs/stream", sent)


async def test_followers_share_each_event(api, extension):
    log = extension.services.changes.log
    events = [await connected(api) for _ in range(3)]
    run_id = await api.finished("pass")
    for each in events:
        await each.until(lambda _, each=each: told(each, run_id)[-1:] == ["completed"])
    (change,) = log._changes.values()
    assert all(json.dumps(each.events[-1].data) for each in events)
    assert 1 == len({each.events[-1].text for each in events})
    assert change.data.endswith(events[0].events[-1].text.encode() + b"\n\n")
