"""Health and statistics, over HTTP and without a server."""

from __future__ import annotations

import asyncio
import shutil

from support.waiting import WAIT_SECONDS

import prismq_nb
from prismq_nb.client.local import LocalClient
from prismq_nb.server import state_events


async def test_health_and_statistics_count_runs_and_modules(api, data_dir):
    for name, code in (("a", "pass"), ("b", "pass"), ("c", "exit(3)")):
        origin = {"kind": "ui", "notebook": "a.ipynb", "cell_id": code}
        await api.finished(code, name=name, origin=origin)
    running = await api.launch("input()", origin={"kind": "ui", "notebook": "b", "cell_id": "c"})
    health = (await api("GET", "/api/health")).json
    assert 0 < health.pop("uptime_seconds") < 3600
    expected = {"status": "healthy", "version": prismq_nb.__version__}
    assert expected | {"active_runs": 1, "total_modules": 3, "contents_files": True} == health
    found = (await api("GET", "/api/system/stats")).json
    runs = {"total": 4, "successful": 2, "failed": 1, "cancelled": 0, "active": 1}
    assert runs | {"success_rate": 2 / 3} == found["runs"]
    assert {"total": 3, "active": 1, "idle": 2} == found["modules"]
    system = found["system"]
    free = shutil.disk_usage(data_dir).free / 1e9
    assert free / 2 < system["disk_free_gb"] < free * 2  # others write meanwhile
    assert (True, True) == (0 <= system["cpu_percent"] <= 100, 0 < system["memory_percent"] <= 100)
    client = LocalClient(data_dir)
    assert (1, 3) == (client.health().active_runs, client.health().total_modules)
    assert found["runs"]["total"] == client.statistics().runs.total
    client._engine.close()
    await api("POST", f"/{running}/input", body={"eof": True})


async def test_without_runs_there_is_no_rate(api):
    found = (await api("GET", "/api/system/stats")).json
    assert (0, None) == (found["runs"]["total"], found["runs"]["success_rate"])


async def test_a_lost_data_directory_is_not_healthy(api, data_dir):
    await api("GET", "")
    shutil.rmtree(data_dir)
    data_dir.write_text("in its place")
    for path in ("/api/health", "/api/system/stats"):
        answer = await api("GET", path)
        assert (507, "DataDirectoryUnusable") == (answer.status, answer.json["reason"])


def _metrics(body):
    lines = [line for line in body.decode().splitlines() if line.startswith("prismq_")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def test_the_metrics_have_gauges_of_runs(api, extension, jp_serverapp):
    await jp_serverapp.extension_manager.start_all_extensions()
    await api.finished("print('one')\nprint('two')")
    await api.finished("exit(3)")
    running = await api.launch("print('up')\ninput()")
    stream = api.stream(f"/{running}/logs/stream", after=-1)
    await stream.until(lambda stream: stream.lines)
    await api("GET", "")
    first = _metrics((await api("GET", "/metrics")).body)
    statuses = {"completed": 1, "failed": 1, "running": 1, "queued": 0, "cancelled": 0}
    assert statuses == {name: first[f'prismq_runs{{status="{name}"}}'] for name in statuses}
    assert 1 == first["prismq_subscribers"]
    assert 3 == first["prismq_index_runs"]
    assert 0 < first["prismq_index_bytes"] < 10_000
    assert 2 <= first["prismq_captured_lines"] <= 3
    assert 8 <= first["prismq_captured_bytes"] <= 11
    assert 0 <= first["prismq_capture_lag_seconds"] < 60
    await stream.leave()
    await api("POST", f"/{running}/input", body={"eof": True})
    await api.ended(running)
    for run in (await api("GET", "")).json["runs"]:
        await api("DELETE", f"/{run['run_id']}", purge="true")
    await api("GET", "")
    names = ("prismq_captured_lines", "prismq_captured_bytes", "prismq_index_bytes")
    last = _metrics((await api("GET", "/metrics")).body)
    assert [0, 0, 0, 0] == [last[name] for name in (*names, "prismq_index_runs")]
    await extension.stop_extension()
    assert {} == _metrics((await api("GET", "/metrics")).body)


async def test_each_change_of_state_is_an_event_of_jupyter(api, jp_serverapp, monkeypatch):
    monkeypatch.setattr(state_events, "ASK_SECONDS", 0.01)
    old = await api.launch("input()", name="old")
    ended = await api.finished("pass")
    heard, arrived = [], asyncio.Event()

    async def listener(logger, schema_id, data):
        heard.append(data)
        arrived.set()

    async def until(condition):
        while not condition():
            arrived.clear()
            await asyncio.wait_for(arrived.wait(), WAIT_SECONDS)

    await jp_serverapp.extension_manager.start_all_extensions()
    (extension,) = jp_serverapp.extension_manager.extension_apps["prismq_nb"]
    assert not extension._state_events.is_heard
    jp_serverapp.event_logger.add_listener(schema_id=state_events.SCHEMA_ID, listener=listener)
    changes = extension.services.changes
    while old not in changes._active:  # noqa: ASYNC110 - until the list is followed
        await asyncio.sleep(0.01)
    new = await api.launch("input()\nexit(3)", name="new")
    await until(lambda: any(one["run_id"] == new for one in heard))
    await api("PATCH", f"/{ended}", body={"keep": True})
    for run_id in (old, new):
        await api("POST", f"/{run_id}/input", body={"text": "x\n"})
        await api.ended(run_id)
    await until(lambda: {old, new} == {one["run_id"] for one in heard if one["end_reason"]})
    found = [
        (one["name"], one["previous_status"], one["status"], one["exit_code"]) for one in heard
    ]
    begun = [each for each in found if each[1] is None]
    assert begun in ([("new", None, "running", None)], [("new", None, "queued", None)])
    assert {("old", "running", "completed", 0), ("new", "running", "failed", 3)} <= {*found}
    assert len(found) == len({*found})
    await extension.stop_extension()
