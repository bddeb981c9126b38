"""Restarts: by the engine that launched a run, and by one that knows only what is on disk."""

from __future__ import annotations

import json

import pytest
from support.damages import JSON
from support.journals import MadeRun
from support.runs import ended, everything_stored, output

from prismq_nb.common.models import LaunchSpec, RestartRequest
from prismq_nb.engine.engine import Engine
from prismq_nb.engine.launch.stored_environment import MAX_BYTES, MAX_NAMES
from prismq_nb.errors import InvalidRequest, NotRepeatable, RunActive

pytestmark = pytest.mark.slow  # real runs

SECRET = "open-sesame-4711"
SHOW = "import os; print({n: os.environ.get(n) for n in ('PYTHONX', 'MINE', 'OTHER', 'GONE')})"


@pytest.fixture
def engine(data_dir, tmp_path):
    engine = Engine(data_dir, default_cwd=tmp_path)
    yield engine
    engine.close()


@pytest.fixture
def later(data_dir):
    """An engine that launched nothing, as after a restart of the server."""
    later = Engine(data_dir)
    yield later
    later.close()


def run(engine, **spec):
    return ended(engine, engine.launch(LaunchSpec(**spec)).run_id)


def again(engine, run_id, **given):
    return ended(engine, engine.restart(run_id, RestartRequest(**given)).run_id)


def shown(engine, run_id):
    return output(engine, run_id)[0].decode()


def refusal(engine, run_id, **given):
    with pytest.raises(NotRepeatable) as caught:
        engine.restart(run_id, RestartRequest(**given))
    return str(caught.value)


def test_listed_variables_are_kept_and_others_removed_as_before(engine, later, monkeypatch):
    monkeypatch.setenv("GONE", "the engine has it")
    env = {"PYTHONX": "kept", "GONE": None, "CLICOLOR": "1", "PYDEVD_USE_FRAME_EVAL": "NO"}
    first = run(engine, code=SHOW, env=env)
    state = later.attempts(first.run_id)
    assert (state.can_restart, state.restart_needs, state.restart_problem) == (True, [], None)
    assert shown(engine, again(later, first.run_id).run_id) == shown(engine, first.run_id)


def test_other_variables_are_kept_by_name_and_must_be_given_again(engine, later):
    env = {"MINE": SECRET, "OTHER": SECRET * 2, "PYTHONX": "kept"}
    first = run(engine, code=SHOW, env=env, inherited_env=["OTHER"])
    assert SECRET.encode() not in launch_bytes(engine, first).replace(b"print", b"")
    state = later.attempts(first.run_id)
    assert (state.can_restart, state.restart_needs) == (False, ["MINE", "OTHER"])
    assert state.restart_chosen == ["MINE"]
    assert "needs the values of MINE and OTHER" in state.restart_problem
    assert (
        f"prismq_nb.get('{first.run_id}').restart(env={{'MINE': '...'}})" in state.restart_problem
    )
    assert refusal(later, first.run_id) == state.restart_problem
    assert "needs the value of OTHER" in refusal(later, first.run_id, env={"MINE": "x"})
    second = again(later, first.run_id, env={"MINE": SECRET, "OTHER": SECRET * 2})
    assert shown(engine, second.run_id) == shown(engine, first.run_id)
    assert engine.attempts(first.run_id).can_restart  # the launching engine remembers it


def launch_bytes(engine, found):
    return (engine.run_dir(found.run_id) / "launch.json").read_bytes()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATH", f"/bin:/{SECRET}"),
        ("PYTHON_API_TOKEN", SECRET),
        ("CONDA_AUTH", SECRET),
        ("CONDA_CHANNEL_ALIAS", f"https://me:{SECRET}@host/"),
        ("PYTHONX", "x" * (MAX_BYTES + 1)),
    ],
)
def test_possible_secrets_and_long_values_must_be_given_though_listed(
    engine, later, data_dir, name, value
):
    mask = ["LITERAL"] if name == "PATH" else []
    env = {"LITERAL": SECRET} if mask else {}
    first = run(engine, code="pass", env={name: value, **env}, mask=mask)
    assert name in later.attempts(first.run_id).restart_needs
    assert SECRET.encode() not in everything_stored(data_dir)
    assert len(launch_bytes(engine, first)) < MAX_BYTES


def test_a_variable_equal_to_the_engine_s_is_neither_kept_nor_asked_for(engine, later, monkeypatch):
    monkeypatch.setenv("MINE", SECRET)
    first = run(engine, code=SHOW, env={"MINE": SECRET, "SHLVL": "7"}, inherited_env=["SHLVL"])
    assert later.attempts(first.run_id).restart_needs == []
    assert SECRET.encode() not in launch_bytes(engine, first)
    assert shown(engine, again(later, first.run_id).run_id) == shown(engine, first.run_id)


def test_masked_variables_and_values_must_be_given_and_are_masked_again(engine, later, data_dir):
    code = "import os; print(os.environ['MINE'], os.environ['OTHER'])"
    other = "a-second-secret"
    first = run(engine, code=code, env={"MINE": SECRET, "OTHER": other}, mask=["MINE", other])
    state = later.attempts(first.run_id)
    assert (state.restart_needs, state.restart_masks) == (["MINE", "OTHER"], 1)
    assert "the values of MINE, OTHER and 1 masked value" in state.restart_problem
    assert "mask=['...']" in state.restart_problem
    values = {"MINE": SECRET, "OTHER": other}
    assert "needs 1 masked value" in refusal(later, first.run_id, env=values)
    second = again(later, first.run_id, env=values, mask=[other])
    assert shown(engine, second.run_id) == "****** ******\n"
    assert not {SECRET.encode(), other.encode()} & set(everything_stored(data_dir).split(b"'"))
    assert SECRET.encode() not in everything_stored(data_dir)
    with pytest.raises(InvalidRequest, match="fewer than 6 characters"):
        later.restart(first.run_id, RestartRequest(env=values, mask=["abc"]))


def test_a_masked_variable_missing_from_the_engine_must_be_given(engine, later, monkeypatch):
    """Otherwise its name would be masked instead, and the value would be in the log."""
    monkeypatch.setenv("MINE", SECRET)
    first = run(engine, code="import os; print(os.environ['MINE'])", mask=["MINE"])
    assert later.attempts(first.run_id).can_restart
    monkeypatch.delenv("MINE")
    assert later.attempts(first.run_id).restart_needs == ["MINE"]
    second = again(later, first.run_id, env={"MINE": "another-secret"})
    assert shown(engine, second.run_id) == "******\n"


def test_masked_arguments_are_not_passed_on_as_stars(engine, later):
    first = run(engine, code="pass", args=[SECRET], env={"MINE": SECRET}, mask=["MINE"])
    assert "its arguments held masked values" in refusal(later, first.run_id, env={"MINE": SECRET})


def test_too_many_names_are_not_kept(engine, later):
    env = {f"NAME{n}": "x" for n in range(MAX_NAMES + 1)}
    first = run(engine, code="pass", env=env)
    assert "too many variables" in refusal(later, first.run_id)
    assert len(launch_bytes(engine, first)) < 4096


@pytest.mark.parametrize("what", ["script", "folder"])
def test_a_missing_file_is_named(engine, later, tmp_path, what):
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "job.py").write_text("pass")
    first = run(engine, script="job.py", cwd=str(folder))
    (folder / "job.py").rename(tmp_path / "moved.py")
    if what == "folder":
        folder.rmdir()
    gone = "there is no such file" if what == "script" else "there is no such directory"
    for each in (engine, later):
        assert gone in refusal(each, first.run_id)
        assert gone in each.attempts(first.run_id).restart_problem
        assert not each.attempts(first.run_id).can_restart


def test_a_live_run_cannot_be_restarted(engine):
    found = engine.launch(LaunchSpec(code="input()"))
    assert "stop it before" in engine.attempts(found.run_id).restart_problem
    with pytest.raises(RunActive):
        engine.restart(found.run_id)
    engine.stop(found.run_id)
    ended(engine, found.run_id)
    assert engine.attempts(found.run_id).can_restart


def attempts(engine, run_id):
    return [(run.run_id, run.attempt, run.restart_of) for run in engine.attempts(run_id).attempts]


def test_attempts_are_counted_whichever_of_them_is_restarted(engine, later):
    ids = [run(engine, code="pass").run_id]
    for number in (0, 1, 0):
        ids.append(again(later, ids[number]).run_id)
    origins = [None, ids[0], ids[1], ids[0]]
    expected = [(run_id, n, of) for n, (run_id, of) in enumerate(zip(ids, origins, strict=True), 1)]
    for run_id in ids:
        assert attempts(engine, run_id) == attempts(later, run_id) == expected
    assert [(run.attempt, run.restart_of) for run in later.list().runs] == [
        (n, of) for _, n, of in reversed(expected)
    ]
    for purged in (ids[0], ids[3]):
        later.purge(purged)
    assert attempts(engine, ids[1]) == expected[1:3]
    assert engine.get(again(engine, ids[2]).run_id).attempt == 4


def test_a_single_launch_is_its_only_attempt(engine):
    one, other = run(engine, code="pass").run_id, run(engine, code="pass").run_id
    assert attempts(engine, one) == [(one, 1, None)]
    assert attempts(engine, other) == [(other, 1, None)]


def test_loops_and_nonsense_in_the_files_do_no_harm(data_dir, later):
    ids = [f"run_20251031_12000{n}_made_{n:06x}" for n in range(4)]
    loop = {0: (ids[1], 3), 1: (ids[0], 2), 2: ("../../etc", 10**9), 3: (ids[3], True)}
    for n, (first, attempt) in loop.items():
        MadeRun(data_dir, ids[n]).end()
        path = data_dir / "runs" / ids[n] / "launch.json"
        more = {"first_attempt": first, "restart_of": first, "attempt": attempt}
        path.write_text(json.dumps(json.loads(path.read_text()) | more))
    assert [run_id for run_id, *_ in attempts(later, ids[0])] == [ids[1], ids[0]]
    assert [run_id for run_id, *_ in attempts(later, ids[1])] == [ids[1], ids[0]]
    assert attempts(later, ids[2]) == [(ids[2], 1, None)]
    assert attempts(later, ids[3]) == [(ids[3], 1, ids[3])]


@pytest.mark.parametrize("content", [*JSON.values(), b'{"spec": {}, "environment": {"mask": 1}}'])
def test_a_damaged_launch_is_refused_with_the_reason(data_dir, later, content):
    made = MadeRun(data_dir)
    made.end()
    (made.path / "launch.json").write_bytes(content)
    assert later.attempts(made.run_id).can_restart is False
    assert "cannot be started again" in refusal(later, made.run_id)
