"""What a run is a run of, and what started it."""

from __future__ import annotations

import json

import pytest
from support.journals import MadeRun

from prismq_nb.common.base import module_key
from prismq_nb.common.models import LaunchOrigin, LaunchSpec, Origin, RestartRequest
from prismq_nb.engine.engine import Engine
from prismq_nb.errors import InvalidRequest

COMMANDS = {
    "make": "make",
    "make -j4 test": "make test",
    "make -j4 build | tee make.log": "make build",
    "cd build && make install": "make install",
    "cd build": "cd build",
    "SEED=7 python -u train.py --epochs 2 -v": "python train.py",
    "python -m package.tool --in a.csv": "python package.tool",
    "docker compose up -d": "docker compose up",
    "cp a b c d": "cp a b",
    "(sleep 1; ls)": "sleep 1",
    "ls >out 2>&1": "ls",
    "ls\nrm x": "ls",
    "echo 'open quote": "echo 'open quote",
}


@pytest.mark.parametrize(("command", "words"), COMMANDS.items(), ids=COMMANDS)
def test_a_command_is_known_by_its_first_words_without_options(command, words):
    assert f"command:{words}@/work" == module_key.of_command(command, "/work")


def test_a_command_of_words_is_known_as_its_text_is():
    words = ["python", "-u", "train.py", "--epochs", "2"]
    assert "command:python train.py@/work" == module_key.of_command(words, "/work")
    assert [None, None, None] == [module_key.of_command(one, "/") for one in ("", [""], ";")]


def test_a_long_command_is_cut_in_time_and_keys_differ_by_what_was_cut():
    long = "x" * 1_000_000
    keys = [module_key.bounded(f"script:/{long}{end}") for end in "ab"]
    assert (2, {module_key.MAX_KEY_CHARS}) == (len({*keys}), {len(key) for key in keys})
    assert len(str(module_key.of_command(f"'{long}", "/"))) < 2000


@pytest.fixture
def engine(data_dir):
    engine = Engine(data_dir)
    yield engine
    engine.close()


ORIGIN = {"kind": "notebook", "notebook": "/home/ann/a.ipynb", "cell_id": "c1"}


def test_runs_of_the_same_thing_have_the_same_key(engine, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        (folder / "train.py").write_text("pass")
    (tmp_path / "link").symlink_to(one)

    def key(cwd=one, **spec):
        return engine.launch(LaunchSpec(cwd=str(cwd), **spec)).module_key

    assert f"script:{one}/train.py" == key(script="train.py")
    assert key(script="train.py", args=["1"], name="a") == key(tmp_path, script="link/train.py")
    assert key(script="train.py") != key(two, script="train.py")
    assert f"module:this@{one}" == key(module="this")
    assert f"command:true@{one}" == key(command=["true", "--x"]) == key(command="true; false")
    assert key(code="pass") is None
    cells = [key(code="pass", origin=LaunchOrigin(**ORIGIN | {"cell_id": cell})) for cell in "aba"]
    assert ("code:", cells[0], 2) == (cells[0][:5], cells[2], len({*cells}))


def test_a_secret_is_neither_in_the_key_nor_in_the_origin(engine, tmp_path):
    folder = tmp_path / "hunter2hunter2"
    folder.mkdir()
    (folder / "a.py").write_text("pass")
    (tmp_path / "link.py").symlink_to(folder / "a.py")
    origin = LaunchOrigin(kind="notebook", notebook="/hunter2hunter2.ipynb")
    for source in ({"script": "link.py"}, {"command": ["true", "hunter2hunter2"]}):
        run = engine.launch(
            LaunchSpec(cwd=str(tmp_path), mask=["hunter2hunter2"], origin=origin, **source)
        )
        stored = (engine.data_dir / "runs" / run.run_id / "launch.json").read_text()
        assert (False, False) == ("hunter2" in str(run), "hunter2" in stored)


def test_a_restart_has_the_key_and_the_origin_of_its_launch(engine):
    assert Origin(kind="api") == engine.launch(LaunchSpec(code="pass")).origin
    run = engine.launch(LaunchSpec(code="pass", origin=LaunchOrigin(**ORIGIN)))
    assert Origin(**ORIGIN) == run.origin
    while engine.get(run.run_id).status == "running":
        engine.wait_for_repair(run.run_id)
    again = engine.restart(run.run_id, RestartRequest())
    assert (run.module_key, run.origin) == (again.module_key, again.origin)


INVALID = [
    ({}, "origin.kind is missing; use one of notebook, terminal, ui, api, run"),
    ({"kind": "notebooks"}, "did you mean 'notebook'"),
    ({"kind": "run"}, "name the run in origin.run_id"),
    ({"kind": "ui", "run_id": "../x"}, "origin.run_id is '../x'; use the id of a run"),
    ({"kind": "ui", "notebook": ""}, "origin.notebook is ''; use 1 to 4,096 characters"),
    ({"kind": "ui", "notebook": "a\0"}, "origin.notebook contains a NUL character"),
    ({"kind": "ui", "cell_id": "c" * 201}, "use 1 to 200 characters, or omit it"),
]


@pytest.mark.parametrize(("fields", "words"), INVALID, ids=[words for _, words in INVALID])
def test_an_invalid_origin_is_refused(engine, fields, words):
    with pytest.raises(InvalidRequest, match="origin") as refused:
        engine.launch(LaunchSpec(code="pass", origin=LaunchOrigin(**fields)))
    assert words in str(refused.value)


OLDER = {
    "script": ({"kind": "script", "spec": {"script": "../a.py"}}, "script:/home/a.py"),
    "module": ({"kind": "module", "spec": {"module": "a.b"}}, "module:a.b@/home/ann"),
    "command": (
        {"kind": "command", "spec": {"command": ["make", "-j4"]}},
        "command:make@/home/ann",
    ),
    "code": ({"kind": "code", "spec": {"code": "pass"}}, None),
    "cell": ({"kind": "cell", "notebook": "a.ipynb"}, None),
    "damaged": ({"kind": 5, "spec": [], "module_key": 7, "origin": {"kind": ["x"]}}, None),
    "later": ({"module_key": "catalog:7", "origin": {"kind": "robot", "more": 1}}, "catalog:7"),
}


@pytest.mark.parametrize(("launch", "key"), OLDER.values(), ids=OLDER)
def test_a_run_of_another_version_has_what_can_be_derived(engine, data_dir, launch, key):
    run = MadeRun(data_dir)
    run.end()
    path = run.path / "launch.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"cwd": "/home/ann"} | launch))
    found = engine.get(run.run_id)
    notebook = launch.get("notebook")
    expected = Origin(kind="notebook" if notebook else None, notebook=notebook)
    assert (key, expected) == (found.module_key, found.origin)
    assert [found] == engine.list(notebook=notebook, module_key=key).runs
