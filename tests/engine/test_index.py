"""The index of all runs: what a list costs is counted in system calls, and others' changes show."""

from __future__ import annotations

import json
import os
import shutil
import tracemalloc

import pytest
from support import many_runs, this_thread
from support.journals import MadeRun
from support.runs import until

from prismq_nb.common.models import Run
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.store import index as indexes
from prismq_nb.engine.store import rows
from prismq_nb.errors import DataDirectoryUnusable

COUNT = 120


@pytest.fixture
def runs(data_dir, monkeypatch):
    """Ids of ended runs, oldest first."""
    made = many_runs.make(data_dir, COUNT)
    many_runs.settle(data_dir)
    return made


@pytest.fixture
def engine(data_dir, runs, monkeypatch):
    """An engine that looks at ended runs only when a test tells it to."""
    monkeypatch.setattr(indexes, "SLICE_SECONDS", 1e6)
    engine = Engine(data_dir)
    yield engine
    engine.close()


@pytest.fixture
def calls(monkeypatch):
    """Counts the system calls that look at files, by name."""
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
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_list_looks_at_one_directory_however_many_runs_have_ended(engine, calls, query):
    engine.list(q="everything is read")
    calls.clear()
    engine.list(**query)
    assert sum(calls.values()) <= 4, calls


def test_the_first_list_reads_each_file_once(engine, calls):
    engine.list(q="all")
    assert calls["open"] <= 2 * COUNT
    assert sum(calls.values()) <= 5 * COUNT


def test_the_first_page_reads_its_own_runs_only_where_that_takes_long(engine, calls, monkeypatch):
    monkeypatch.setattr(indexes, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(indexes.RunIndex, "_sweep", lambda _: None)
    page = engine.list(limit=10, offset=5)
    assert (10, COUNT) == (len(page.runs), page.total)
    assert calls["open"] <= 2 * 10


def test_one_run_is_looked_up_without_the_others(engine, runs, calls):
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


def test_a_run_in_a_list_is_the_run_itself(engine, runs):
    assert [engine.get(run_id) for run_id in runs[::-1]] == engine.list(limit=1000).runs


def listed(engine):
    return [run.run_id for run in engine.list(limit=1000).runs]


def test_what_another_process_adds_or_removes_is_in_the_next_list(engine, data_dir, runs):
    assert runs[::-1] == listed(engine)
    (new,) = many_runs.make(data_dir, 1, COUNT)
    shutil.rmtree(data_dir / "runs" / runs[3])
    assert [new, *(run for run in runs[::-1] if run != runs[3])] == listed(engine)


def test_a_run_that_goes_on_is_looked_at_each_time(engine, data_dir):
    live = MadeRun(data_dir, many_runs.run_id(COUNT))
    assert [live.run_id] == [run.run_id for run in engine.list(status="running").runs]
    live.end()
    assert [live.run_id] == [run.run_id for run in engine.list(limit=1, status="completed").runs]
    assert not engine.list(status="running").total


def test_what_another_process_does_to_ended_runs_is_seen_by_the_thread(data_dir, runs, monkeypatch):
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


def test_what_a_restored_backup_adds_and_removes_is_in_the_next_list(engine, data_dir, runs):
    then = os.stat(data_dir / "runs")
    listed(engine)
    (new,) = many_runs.make(data_dir, 1, COUNT)
    shutil.rmtree(data_dir / "runs" / runs[3])
    put_times_back(data_dir / "runs", then)
    assert [new, *(run for run in runs[::-1] if run != runs[3])] == listed(engine)


def test_a_file_whose_time_was_set_back_is_read_again(data_dir, runs, monkeypatch):
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


def test_own_changes_are_in_the_next_list(engine, runs):
    listed(engine)
    engine.keep(runs[7])
    assert [runs[7]] == [run.run_id for run in engine.list(limit=1000).runs if run.kept]
    engine.purge(runs[7])
    assert runs[7] not in listed(engine)


def test_a_list_carries_bounded_texts_and_says_so(engine, data_dir, runs):
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


def test_rows_give_back_what_was_put_into_them():
    run = Run(
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


def test_rows_beyond_their_memory_are_read_when_they_are_listed(engine, runs, monkeypatch):
    monkeypatch.setattr(indexes, "MAX_ROWS_BYTES", 1000)
    assert runs[::-1] == listed(engine)
    assert {"Job 7"} == {run.module_name for run in engine.list(q="job 7").runs}


def test_a_directory_of_runs_that_is_gone_has_none_and_one_that_is_a_file_says_so(engine, data_dir):
    assert COUNT == engine.list().total
    shutil.rmtree(data_dir / "runs")
    assert 0 == engine.list().total
    shutil.rmtree(data_dir / "runs", ignore_errors=True)  # the list before has made it again
    (data_dir / "runs").touch()
    with pytest.raises(DataDirectoryUnusable, match="cannot be used"):
        engine.list()
