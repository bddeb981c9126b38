"""The index of runs: the cost of a list in system calls, and the changes of other processes."""

from __future__ import annotations

import json
import os
import shutil
import tracemalloc

import pytest
from support import many_runs, this_thread
from support.journals import MadeRun
from support.runs import until

from prismq_nb.common.base.state import iso
from prismq_nb.common.models import RunInfo
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.store import index as indexes
from prismq_nb.engine.store import rows
from prismq_nb.errors import DataDirectoryUnusable, InvalidRequest

pytestmark = pytest.mark.slow  # hundreds of runs

COUNT = 120


@pytest.fixture
def runs(data_dir, monkeypatch):
    """Ids of ended runs, oldest first."""
    made = many_runs.make(data_dir, COUNT)
    many_runs.settle(data_dir)
    return made


@pytest.fixture
def engine(data_dir, runs, monkeypatch):
    """An engine that reads ended runs only when a test tells it to."""
    monkeypatch.setattr(indexes, "SLICE_SECONDS", 1e6)
    engine = Engine(data_dir)
    yield engine
    engine.close()


@pytest.fixture
def calls(monkeypatch):
    """Count the system calls that read files, by name."""
    counted: dict[str, int] = {}

    def counting(name, call):
        def counted_call(*args, **more):
            counted[name] = counted.get(name, 0) + 1
            return call(*args, **more)

        return counted_call

    for name in ("open", "stat", "lstat", "scandir", "listdir"):
        this_thread.replace(monkeypatch, os, name, counting(name, getattr(os, name)))
    yield counted
    monkeypatch.undo()


QUERIES = {
    "all": {},
    "page": {"limit": 1000, "offset": 40},
    "name": {"q": "JOB 7"},
    "id": {"q": "made_00000"},
    "status": {"status": "failed"},
    "module": {"module_id": "module-3"},
    "together": {"q": "job", "status": "completed", "module_id": "module-3"},
    "nothing": {"q": "no such run"},
    "sorted": {"sort": "-duration", "status": "failed,cancelled", "since": "2000-01-01"},
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_list_reads_one_directory_however_many_runs_have_ended(engine, calls, query):
    engine.list(q="everything is read")
    calls.clear()
    engine.list(**query)
    assert sum(calls.values()) <= 4, calls


def test_the_first_list_reads_each_file_once(engine, calls):
    engine.list(q="all")
    assert calls["open"] <= 2 * COUNT
    assert sum(calls.values()) <= 5 * COUNT


def test_the_first_page_reads_only_its_own_runs_where_reading_takes_long(
    engine, calls, monkeypatch
):
    monkeypatch.setattr(indexes, "READ_AHEAD_SECONDS", 0.0)
    monkeypatch.setattr(indexes.RunIndex, "_sweep", lambda _: None)
    page = engine.list(limit=10, offset=5)
    assert (10, COUNT) == (len(page.runs), page.total)
    assert calls["open"] <= 2 * 10


def test_one_run_is_read_without_the_others(engine, runs, calls):
    engine.get(runs[0])
    assert sum(calls.values()) < 30


def test_filters_and_pages_are_those_of_the_files(engine, runs):
    newest = runs[::-1]
    assert newest[:50] == [run.run_id for run in engine.list().runs]
    assert newest[100:] == [run.run_id for run in engine.list(limit=50, offset=100).runs]
    expected = [one for number, one in reversed(list(enumerate(runs))) if number % 20 == 3]
    page = engine.list(module_id="module-3", limit=2, offset=1)
    assert (expected[1:3], len(expected)) == ([run.run_id for run in page.runs], page.total)
    assert COUNT // 3 == engine.list(status="failed").total
    assert {"Job 7"} == {run.module_name for run in engine.list(q="JOB 7").runs}
    assert [runs[7]] == [run.run_id for run in engine.list(q="max-results=7 ").runs]


def change(data_dir, run_id, **fields):
    path = data_dir / "runs" / run_id / "run.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | fields))


def ids(page):
    return [run.run_id for run in page.runs]


def test_a_list_can_be_sorted_and_equals_are_newest_first(data_dir, runs, engine):
    slow, broken, waiting = runs[5], runs[7], runs[110]
    change(data_dir, slow, completed=many_runs.T0 + 3_600_000_000)
    change(data_dir, broken, records=[0, 0, 0, 2, 1])
    change(data_dir, waiting, started=0)
    newest = [one for one in reversed(runs) if one not in {slow, waiting}]
    assert [slow, *newest, waiting] == ids(engine.list(sort="-duration", limit=1000))
    assert [*newest, slow, waiting] == ids(engine.list(sort="duration", limit=1000))
    assert [broken, runs[-1]] == ids(engine.list(sort="-errors", limit=2))
    assert [runs[-1], broken] == [*ids(engine.list(sort="errors", limit=1)), broken]
    assert broken == ids(engine.list(sort="errors", limit=1000))[-1]
    assert runs == ids(engine.list(sort="created_at", limit=1000))
    names = [run.module_name for run in engine.list(sort="name", limit=1000).runs]
    assert (sorted(names), sorted(names)[::-1]) == (
        names,
        [run.module_name for run in engine.list(sort="-name", limit=1000).runs],
    )


def test_runs_of_a_time_of_a_notebook_and_of_a_module(engine, runs):
    created = engine.get(runs[43]).created_at
    assert runs[:-77:-1] == ids(engine.list(since=created, limit=1000))
    assert runs[42::-1] == ids(engine.list(before=created, limit=1000))
    key = "script:/home/somebody/project/3.py"
    assert key == engine.get(runs[43]).module_key
    assert [runs[23]] == ids(engine.list(module_key=key, before=created, limit=1))
    following = engine.list(module_key=key, since=created, sort="created_at", limit=1)
    assert [runs[63]] == ids(following)
    assert COUNT == engine.list(notebook="/home/somebody/project/a.ipynb").total
    assert 0 == engine.list(notebook="a.ipynb").total


def test_counts_by_status_keep_the_other_filters(engine, data_dir):
    third = COUNT // 3
    expected = {"queued": 0, "running": 1, "completed": third, "failed": third, "cancelled": third}
    live = MadeRun(data_dir, many_runs.run_id(COUNT))
    for query in ({}, {"status": "failed"}, {"sort": "name", "status": "running, completed"}):
        assert expected == engine.list(**query).counts
    page = engine.list(module_id="module-3", status="failed,cancelled")
    assert {"queued": 0, "running": 0, "completed": 2, "failed": 2, "cancelled": 2} == page.counts
    assert page.total == 4
    live.end()
    assert third + 1 == engine.list().counts["completed"]


def test_counts_are_unknown_while_runs_are_being_read(engine, monkeypatch):
    monkeypatch.setattr(indexes, "READ_AHEAD_SECONDS", 0.0)
    monkeypatch.setattr(indexes.RunIndex, "_sweep", lambda _: None)
    assert engine.list(limit=10).counts is None
    assert COUNT == sum(engine.list(limit=10, q="made").counts.values())


def test_changes_since_a_time_are_ended_runs_that_changed_and_all_that_go_on(
    engine, data_dir, runs
):
    listed(engine)
    live = MadeRun(data_dir, many_runs.run_id(COUNT))
    changes = (data_dir / "runs" / name for name in runs)
    last = max(path.stat().st_ctime_ns for path in changes)
    moment = iso(last // 1000)
    assert [live.run_id] == ids(engine.list(changed_since=moment))
    engine.keep(runs[7])
    assert [live.run_id, runs[7]] == ids(engine.list(changed_since=moment))


INVALID = {
    "asleep": ({"status": "asleep"}, "status='asleep' is not a valid status; use one or more of"),
    "fajled": ({"status": "running,fajled"}, "'fajled' is not a valid status.*'failed'"),
    "sort": ({"sort": "-size"}, "sort='-size' is not a valid order; use one of created_at"),
    "durations": ({"sort": "durations"}, "did you mean 'duration'"),
    "since": ({"since": "yesterday"}, "since='yesterday' is not a valid time; use ISO 8601"),
    "before": ({"before": "x"}, "before='x'"),
    "changed": ({"changed_since": "x"}, "changed_since='x'"),
}


@pytest.mark.parametrize(("query", "words"), INVALID.values(), ids=INVALID)
def test_an_invalid_query_names_value_and_remedy(engine, query, words):
    with pytest.raises(InvalidRequest, match=words) as refused:
        engine.list(**query)
    assert [*query] == [refused.value.parameter]


def test_a_listed_run_equals_the_run_itself(engine, runs):
    assert [engine.get(run_id) for run_id in runs[::-1]] == engine.list(limit=1000).runs


def listed(engine):
    return [run.run_id for run in engine.list(limit=1000).runs]


def test_runs_added_or_removed_by_another_process_show_in_the_next_list(engine, data_dir, runs):
    assert runs[::-1] == listed(engine)
    (new,) = many_runs.make(data_dir, 1, COUNT)
    shutil.rmtree(data_dir / "runs" / runs[3])
    assert [new, *(run for run in runs[::-1] if run != runs[3])] == listed(engine)


def test_a_live_run_is_read_each_time(engine, data_dir):
    live = MadeRun(data_dir, many_runs.run_id(COUNT))
    assert [live.run_id] == [run.run_id for run in engine.list(status="running").runs]
    live.end()
    assert [live.run_id] == [run.run_id for run in engine.list(limit=1, status="completed").runs]
    assert not engine.list(status="running").total


def test_changes_of_ended_runs_by_another_process_are_noticed_in_the_background(
    data_dir, runs, monkeypatch
):
    monkeypatch.setattr(indexes, "SLICE_SECONDS", 0.01)
    monkeypatch.setattr(indexes, "SWEEP_SECONDS", 0.02)
    engine = Engine(data_dir)
    assert not any(run.kept for run in engine.list(limit=1000).runs)
    path = data_dir / "runs" / runs[5]
    (path / "keep").touch()
    until(lambda: [runs[5]] == [run.run_id for run in engine.list(limit=1000).runs if run.kept])
    state = json.loads((path / "run.json").read_bytes()) | {"status": "failed", "exit_code": 77}
    (path / "run.json").write_text(json.dumps(state))
    until(lambda: 77 in [run.exit_code for run in engine.list(status="failed", limit=1000).runs])
    (path / "launch.json").write_text("{")
    until(lambda: "launch.json is damaged" in str(engine.list(q=runs[5]).runs[0].error_message))
    engine.close()


def put_times_back(path, then):
    """As ``rsync -a``, ``tar`` and ``cp -p`` do."""
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))


def test_changes_by_a_restored_backup_show_in_the_next_list(engine, data_dir, runs):
    then = os.stat(data_dir / "runs")
    listed(engine)
    (new,) = many_runs.make(data_dir, 1, COUNT)
    shutil.rmtree(data_dir / "runs" / runs[3])
    put_times_back(data_dir / "runs", then)
    assert [new, *(run for run in runs[::-1] if run != runs[3])] == listed(engine)


def test_a_file_with_an_older_modification_time_is_read_again(data_dir, runs, monkeypatch):
    monkeypatch.setattr(indexes, "SLICE_SECONDS", 0.01)
    monkeypatch.setattr(indexes, "SWEEP_SECONDS", 0.02)
    engine = Engine(data_dir)
    path = data_dir / "runs" / runs[0] / "run.json"  # completed
    then = path.stat()
    old = path.read_bytes()
    listed(engine)
    with path.open("r+b") as file:
        file.write(old.replace(b'"completed"', b'"cancelled"'))
    put_times_back(path, then)
    assert (then.st_size, then.st_mtime_ns) == (path.stat().st_size, path.stat().st_mtime_ns)
    until(lambda: 1 == engine.list(q=runs[0], status="cancelled").total)
    engine.close()


def test_own_changes_show_in_the_next_list(engine, runs):
    listed(engine)
    engine.keep(runs[7])
    assert [runs[7]] == [run.run_id for run in engine.list(limit=1000).runs if run.kept]
    engine.purge(runs[7])
    assert runs[7] not in listed(engine)


def test_a_list_has_bounded_texts_and_marks_what_was_cut(engine, data_dir, runs):
    path = data_dir / "runs" / runs[0]
    launch = json.loads((path / "launch.json").read_bytes())
    long = {"module_name": "n" * 100_000, "module_id": "m" * 9000, "parameters": {"a": "p" * 9000}}
    long["arguments"] = "a" * 1000
    (path / "launch.json").write_text(json.dumps(launch | long))
    state = json.loads((path / "run.json").read_bytes()) | {"error_message": "e" * 100_000}
    (path / "run.json").write_text(json.dumps(state))
    run = engine.list(offset=COUNT - 1).runs[0]
    assert (True, {}) == (run.abridged, run.parameters)
    texts = (run.module_name, run.module_id, run.arguments, run.error_message)
    assert [200, 200, 200, 500] == [len(text) for text in texts]
    whole = engine.get(runs[0])
    assert (False, 100_000, 100_000) == (
        whole.abridged,
        len(whole.module_name),
        len(whole.error_message),
    )
    assert not any(run.abridged for run in engine.list(limit=COUNT - 1).runs)


def test_rows_round_trip():
    run = RunInfo(
        run_id="r",
        module_id="m",
        module_name="ü\0",
        status="failed",
        created_at="t",
        parameters={"a": [1, None, {"b": 0.5}]},
        bytes=1 << 52,
    )
    assert run == rows.unpack(rows.pack(run))


def test_an_ended_run_takes_about_a_kilobyte(engine):
    engine.list(q="all")
    engine.close()
    tracemalloc.start()
    again = Engine(engine.data_dir)
    again.list(q="all")
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    again.close()
    assert size < COUNT * 1500 + 100_000


def test_rows_beyond_the_memory_limit_are_read_when_listed(engine, runs, monkeypatch):
    monkeypatch.setattr(indexes, "MAX_ROWS_BYTES", 1000)
    assert runs[::-1] == listed(engine)
    assert {"Job 7"} == {run.module_name for run in engine.list(q="job 7").runs}


def test_a_missing_directory_of_runs_is_empty_and_a_file_in_its_place_an_error(engine, data_dir):
    assert COUNT == engine.list().total
    shutil.rmtree(data_dir / "runs")
    assert 0 == engine.list().total
    shutil.rmtree(data_dir / "runs", ignore_errors=True)  # the previous list has created it again
    (data_dir / "runs").touch()
    with pytest.raises(DataDirectoryUnusable, match="cannot be used"):
        engine.list()
