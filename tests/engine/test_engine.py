"""The engine: launches, lists, and several engines that share a data directory."""

from __future__ import annotations

import sys

import pytest
from support.journals import MadeRun
from support.runs import ended, output, until

from prismq_nb.capture.run_directory import slug
from prismq_nb.common.models import LaunchSpec
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.files.run_directory import RunFiles
from prismq_nb.engine.launch.prepare import parameter_arguments, prepare
from prismq_nb.engine.store.run_info import run_info
from prismq_nb.errors import InvalidRequest, NotRepeatable, RunActive, RunEnded, RunNotFound


@pytest.fixture
def engine(data_dir, tmp_path):
    engine = Engine(data_dir, default_cwd=tmp_path)
    yield engine
    engine.close()


def run(engine, **spec):
    return ended(engine, engine.launch(LaunchSpec(**spec)).run_id)


def test_a_script_runs_in_its_cwd_with_arguments_and_parameters(engine, tmp_path):
    (tmp_path / "job.py").write_text("import os, sys; print(os.getcwd(), sys.argv)")
    found = run(
        engine,
        script="job.py",
        args=["a b"],
        parameters={"max-results": 5, "fast": True, "slow": False, "tag": ["x", "y"], "none": None},
    )
    arguments = [str(tmp_path / "job.py"), "a b", "--max-results=5", "--fast", "--tag=x", "--tag=y"]
    assert output(engine, found.run_id)[0].decode() == f"{tmp_path} {arguments}\n"
    assert (found.module_id, found.module_name) == ("job", "job")
    assert found.parameters == {
        "max-results": 5,
        "fast": True,
        "slow": False,
        "tag": ["x", "y"],
        "none": None,
    }


def test_a_module_a_command_a_shell_and_code_can_be_run(engine, tmp_path):
    (tmp_path / "mod.py").write_text("print(__name__)")
    (tmp_path / "lib.py").write_text("VALUE = 7")
    cases = [
        ({"module": "mod"}, b"__main__\n"),
        ({"command": ["echo", "a  b"]}, b"a  b\n"),
        ({"command": "echo a | tr a b; exit 0"}, b"b\n"),
        ({"code": "import lib; print(lib.VALUE)"}, b"7\n"),
    ]
    for spec, expected in cases:
        assert output(engine, run(engine, **spec).run_id)[0] == expected, spec


def test_a_traceback_of_code_shows_its_lines(engine):
    found = run(engine, code="x = 1\nraise ValueError(x)\n")
    assert b"raise ValueError(x)" in output(engine, found.run_id)[1]


def test_environment_is_merged_with_the_engine_s_and_null_removes_a_variable(engine, monkeypatch):
    monkeypatch.setenv("FROM_ENGINE", "1")
    monkeypatch.setenv("TO_REMOVE", "1")
    for name in ("PYTHONUNBUFFERED", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    code = (
        "import os; print({n: os.environ.get(n) for n in ('FROM_ENGINE', 'TO_REMOVE', 'NEW',"
        " 'PYTHONUNBUFFERED', 'FORCE_COLOR')})"
    )
    found = run(
        engine, code=code, env={"NEW": "2", "TO_REMOVE": None}, unbuffered=False, color=False
    )
    assert eval(output(engine, found.run_id)[0]) == {
        "FROM_ENGINE": "1",
        "TO_REMOVE": None,
        "NEW": "2",
        "PYTHONUNBUFFERED": None,
        "FORCE_COLOR": None,
    }


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({}, "exactly one of script, module, command, notebook, code; got none"),
        ({"script": "a.py", "code": "1"}, "got script and code"),
        ({"script": ""}, "script is empty"),
        ({"command": []}, "command is empty"),
        ({"script": "missing.py"}, "missing.py': there is no such file"),
        ({"script": "."}, "that is a directory"),
        ({"script": "a\0b"}, "NUL"),
        ({"module": "no-module!"}, "not a dotted name"),
        ({"command": ["no-such-program-here"]}, "no such executable"),
        ({"code": "1", "python": "no-such-python"}, "python is 'no-such-python'"),
        ({"code": "1", "cwd": "/no/such/dir"}, "no such directory"),
        ({"code": "1", "cwd": "relative"}, "absolute path"),
        ({"code": "1", "timeout": -1.0}, "above 0 seconds"),
        ({"code": "1", "timeout": float("nan")}, "above 0 seconds"),
        ({"code": "1", "launcher": "dask"}, "use 'local'"),
        ({"code": "1", "env": {"A=B": "1"}}, "has no '='"),
        ({"code": "1", "parameters": {"a b": 1}}, "one word"),
        ({"code": "1", "parameters": {"a": {"b": 1}}}, "flat lists"),
        ({"code": "1", "mask": ["short"]}, "fewer than 6 characters"),
        ({"notebook": "a.ipynb"}, "cannot be run yet"),
    ],
    ids=lambda value: None if isinstance(value, str) else ",".join(value) or "nothing",
)
def test_an_invalid_launch_names_the_value_and_the_remedy(engine, spec, words):
    with pytest.raises(InvalidRequest) as error:
        engine.launch(LaunchSpec(**spec))
    assert words in str(error.value)
    assert engine.list().total == 0


def test_names_become_ids_that_are_safe_paths(engine):
    assert [slug(name) for name in ("a b/../c", "é", "x" * 60, "--", "ok_1-2")] == [
        "a-b-c",
        "run",
        "x" * 40,
        "run",
        "ok_1-2",
    ]
    found = run(engine, code="1", name="../../etc/pass wd")
    assert found.module_name == "../../etc/pass wd"
    assert "_etc-pass-wd_" in found.run_id


def test_prepare_uses_the_given_interpreter(tmp_path):
    assert prepare(LaunchSpec(code="1", python=sys.executable), tmp_path).argv[0] == sys.executable
    assert parameter_arguments({"a": 0, "b": ""}) == ["--a=0", "--b="]


def test_the_list_is_newest_first_filtered_and_paged(engine):
    ids = [run(engine, code="1", name=f"job{i}").run_id for i in range(3)] + [
        run(engine, code="raise SystemExit(1)", name="bad").run_id
    ]
    assert [r.run_id for r in engine.list().runs] == ids[::-1]
    assert [r.run_id for r in engine.list(status="failed").runs] == ids[3:]
    assert [r.run_id for r in engine.list(q="JOB").runs] == ids[2::-1]
    assert [r.run_id for r in engine.list(module_id="job1").runs] == [ids[1]]
    page = engine.list(limit=1, offset=1)
    assert ([r.run_id for r in page.runs], page.total) == ([ids[2]], 4)
    with pytest.raises(InvalidRequest, match="use one or more of queued, running"):
        engine.list(status="done")


@pytest.mark.parametrize(
    "run_id",
    [
        "run_20251031_120000_youtube_abc123",
        "../../etc/passwd",
        "",
        "run_20251031_120000_a/../b_abc123",
        "x" * 5000,
    ],
)
def test_unknown_and_malformed_ids_are_not_found(engine, run_id):
    for call in (engine.get, engine.stop, engine.purge, engine.reader):
        with pytest.raises(RunNotFound):
            call(run_id)


def test_an_ended_run_cannot_be_stopped_or_written_to_but_can_be_purged(engine):
    run_id = run(engine, code="1").run_id
    with pytest.raises(RunEnded):
        engine.stop(run_id)
    with pytest.raises(RunEnded):
        engine.send(run_id, "x")
    engine.purge(run_id)
    assert engine.list().total == 0


def test_a_live_run_is_not_purged(engine):
    run_id = engine.launch(LaunchSpec(code="input()")).run_id
    with pytest.raises(RunActive):
        engine.purge(run_id)
    engine.stop(run_id)
    ended(engine, run_id)


def test_a_second_engine_lists_follows_and_stops_the_runs_of_the_first(engine, data_dir):
    run_id = engine.launch(LaunchSpec(code="print('hi', flush=True); input()")).run_id
    engine.close()
    second = Engine(data_dir)
    until(lambda: output(second, run_id)[0] == b"hi\n")
    assert second.get(run_id).status == "running"
    second.stop(run_id)
    assert ended(second, run_id).status == "cancelled"
    second.close()


def test_a_damaged_directory_is_listed_and_does_not_affect_others(engine):
    good = run(engine, code="1").run_id
    empty = engine.data_dir / "runs" / "run_20200101_000000_empty_000000"
    empty.mkdir()
    until(
        lambda: (
            {r.run_id: r.status for r in engine.list().runs}
            == {good: "completed", empty.name: "failed"}
        )
    )


def test_other_users_can_read_nothing(engine):
    run_id = run(engine, code="print('x')").run_id
    modes = {
        path: path.stat().st_mode & 0o077
        for path in [engine.data_dir, *(engine.data_dir / "runs" / run_id).rglob("*")]
    }
    assert {path: mode for path, mode in modes.items() if mode} == {}


SHOWS = "import os, sys; print(os.getcwd(), sys.argv[1:], os.environ.get('NEW'))"


def test_an_engine_that_did_not_launch_a_run_restarts_it_as_it_was(engine, data_dir, tmp_path):
    (tmp_path / "job.py").write_text(SHOWS)
    first = run(
        engine,
        script="job.py",
        args=["a"],
        parameters={"n": 1},
        name="again",
        timeout=60,
        terminal=True,
    )
    other = Engine(data_dir, default_cwd=data_dir)
    again = ended(other, other.restart(first.run_id).run_id)
    other.close()
    assert again.run_id != first.run_id
    assert (again.module_name, again.parameters) == ("again", {"n": 1})
    assert output(engine, again.run_id) == output(engine, first.run_id)


def test_an_environment_is_repeated_by_its_engine_and_never_kept_on_disk(engine, data_dir):
    first = run(engine, code=SHOWS, env={"NEW": "a value that is nobody's business"})
    assert output(engine, run_again(engine, first)) == output(engine, first.run_id)
    assert not [
        path for path in (data_dir / "runs").rglob("*.json") if b"nobody's" in path.read_bytes()
    ]
    other = Engine(data_dir)
    with pytest.raises(NotRepeatable, match="needs the value of NEW"):
        other.restart(first.run_id)
    other.close()


def run_again(engine, found):
    return ended(engine, engine.restart(found.run_id).run_id).run_id


def test_masked_values_are_not_available_to_a_restart(engine, data_dir):
    first = run(engine, code="pass", mask=["hunter2hunter2"])
    assert run_again(engine, first)
    other = Engine(data_dir)
    with pytest.raises(NotRepeatable, match="needs 1 masked value"):
        other.restart(first.run_id)
    other.close()


def test_only_an_ended_run_can_be_restarted(engine):
    found = engine.launch(LaunchSpec(code="input()"))
    with pytest.raises(RunActive, match="stop it before"):
        engine.restart(found.run_id)
    engine.stop(found.run_id)
    assert ended(engine, found.run_id).status == "cancelled"


def test_a_run_that_ends_while_it_is_read_is_shown_consistently(engine, data_dir, monkeypatch):
    found = run(engine, code="print(1)")
    files = RunFiles(data_dir / "runs" / found.run_id, {"created": 1})
    last = files.state()
    moments = iter([{**last, "status": "running", "lines": 0}])
    monkeypatch.setattr(files, "state", lambda: next(moments, last))
    assert run_info(files).lines == 1


NOTHING = (None, None, None)
LAST_BARS = {
    "abandoned": (NOTHING, "completed", [63.0, 63, 100]),
    "not drawn again": (NOTHING, "completed", [63.0, None, None]),
    "counts are never made up": (NOTHING, "completed", [99.9, 999, 1000]),
    "but for the last drawing": ((100.0, None, None), "completed", [99.2, None, None]),
    "full": ((100.0, 40, 40), "completed", [100.0, 40, 40]),
    "a count without an end": ((None, 123, None), "completed", [None, 123, None]),
    "none": (NOTHING, "completed", None),
    "failed": ((63.0, 63, 100), "failed", [63.0, 63, 100]),
    "cancelled": ((63.0, 63, 100), "cancelled", [63.0, 63, 100]),
    "running": ((63.0, 63, 100), "running", [63.0, 63, 100]),
}


@pytest.mark.parametrize(("expected", "status", "progress"), LAST_BARS.values(), ids=LAST_BARS)
def test_a_completed_run_shows_a_full_bar_or_none(engine, data_dir, expected, status, progress):
    run = MadeRun(data_dir)
    if status == "running":
        run.state(status, progress=progress)
    else:
        run.end(status, 0, progress=progress)
    found = engine.get(run.run_id)
    assert expected == (found.progress_percent, found.items_processed, found.items_total)
