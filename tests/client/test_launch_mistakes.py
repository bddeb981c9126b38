"""Invalid arguments of `launch`, and the sentence that names the value and the remedy.

Each row is a mistake.
"""

from __future__ import annotations

import inspect
import json
import re
import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.mistakes import sentence
from support.waiting import WAIT_SECONDS

from prismq_nb import launch


def train() -> None:
    """Something that a newcomer has in a cell."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a script, a package, and a script further down."""
    files = {
        "train.py": "import sys; print(sys.argv[1:])",
        "pkg/__init__.py": "",
        "pkg/tool.py": "",
        "src/eval.py": "",
        "my file.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("script", "meant"),
    [
        ("trian.py", "'train.py'"),
        ("train", "'train.py'"),
        ("Train.py", "'train.py'"),
        ("./trian.py", "'train.py'"),
        ("src/evla.py", "'src/eval.py'"),
        ("eval.py", "'src/eval.py'"),
        ("python train.py --epochs 2", "script='train.py', args=['--epochs', '2']"),
        ("python3.11 -u train.py", "script='train.py'"),
        ("train.py --epochs 2", "script='train.py', args=['--epochs', '2']"),
        ("train.py --name 'a b'", "script='train.py', args=['--name', 'a b']"),
        ("nohup python train.py &", "script='train.py'"),
        ("!python train.py", "script='train.py'"),
        ("%run train.py", "'train.py'"),
        ("python -m pkg.tool -x", "module='pkg.tool', args=['-x']"),
        ("-m pkg.tool", "module='pkg.tool'"),
        ("pkg.tool", "module='pkg.tool'"),
        ("python -c 'print(1)'", "command=\"python -c 'print(1)'\""),
        ("bash -c ls", "command='bash -c ls'"),
        ("ls", "command=['ls']"),
        ("print('hello world')", "code=..."),
        ("import os\nprint(os)", "code=..."),
        ("x = 3", "code=..."),
    ],
)
def test_a_missing_script(script: str, meant: str) -> None:
    text = sentence(lambda: launch(script))
    assert text.startswith(f"script is {script.removeprefix('./')!r}: there is no such file in ")
    assert text.endswith(f"; did you mean {meant}?")


@pytest.mark.parametrize(
    ("script", "end"),
    [
        ("zzz", r"in '/.*'\Z"),
        ("https://example.org/a.py", ": download it first"),
        ("x" * 300, "no such file"),
        ("print(1); " * 100, r"did you mean code=\.\.\."),
    ],
    ids=["nothing like it", "an address", "a long name", "long code"],
)
def test_a_script_with_no_similar_name(script: str, end: str) -> None:
    text = sentence(lambda: launch(script))
    assert re.search(end, text)
    assert len(text) < 300


def test_an_absolute_path_is_looked_up_in_its_folder(folder: Path) -> None:
    text = sentence(lambda: launch(folder / "src" / "evl.py", cwd="/usr"))
    assert text.endswith(f"; did you mean {str(folder / 'src' / 'eval.py')!r}?")


def test_an_interpreter_and_a_script_are_a_script() -> None:
    assert sentence(lambda: launch("python", "train.py", "-x")).endswith(
        "did you mean script='train.py', args=['-x']?"
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({}, "launch() needs something to run: a script such as 'train.py', module='package.tool'"),
        ({"cmd": "make"}, "did you mean command='make'?"),
        ({"path": "a.py"}, "did you mean script='a.py'?"),
        ({"modul": "pkg"}, "did you mean module='pkg'?"),
        (
            {"script": "train.py", "code": "1"},
            "launch() runs one thing, but got script='train.py' and code='1'; remove one",
        ),
        ({"script": "--x", "module": "pkg"}, "did you mean args=[...] for its arguments?"),
        (
            {"script": train},
            (
                "script is the function train, which another process cannot call; put it in a "
                "file, or use code=inspect.getsource(train)"
            ),
        ),
        ({"script": Path}, "script is the class Path, which another process cannot call"),
        (
            {"script": lambda: 1},
            (
                "script is the function <lambda>, which another process cannot call; put the code "
                "that calls it in a file"
            ),
        ),
        ({"script": json}, "script is the module json; did you mean module='json'?"),
        (
            {"script": ["ls", "-l"]},
            "script is the list ['ls', '-l']; did you mean command=['ls', '-l']?",
        ),
        ({"script": ["train.py", "-x"]}, "did you mean script='train.py', args=['-x']?"),
        ({"script": b"train.py"}, "script is the bytes b'train.py'; pass the path of a file"),
        ({"script": 3}, "script is the int 3; pass the path of a file"),
        ({"script": ""}, "script is empty"),
        ({"script": "~no-such-user/a.py"}, "has an unknown home directory; use the full path"),
        (
            {"module": "train.py"},
            "module is 'train.py', which is not a dotted name; did you mean script='train.py'?",
        ),
        ({"module": "pkg/tool"}, "did you mean module='pkg.tool'?"),
        ({"module": "pkg/tool.py"}, "did you mean script='pkg/tool.py'?"),
        ({"module": "python -m pkg.tool -x"}, "did you mean module='pkg.tool', args=['-x']?"),
        ({"module": "my-tool"}, "did you mean module='my_tool'?"),
        (
            {"module": "1"},
            "module is '1', which is not a dotted name; use one such as 'package.module'",
        ),
        ({"module": json}, "did you mean module='json'?"),
        ({"module": Path("a.py")}, "did you mean script='a.py'?"),
        (
            {"code": "train.py"},
            "code='train.py' is a file name; did you mean script='train.py'?",
        ),
        ({"code": ["a", "b"]}, "did you mean code='\\n'.join(...)?"),
        ({"command": Path("/bin/ls")}, "did you mean command=['/bin/ls']?"),
        ({"command": 3}, "command is the int 3; pass a string for the shell, or a list of words"),
        ({"command": ["ls -l"]}, "did you mean command='ls -l'?"),
        (
            {"command": ["pyhton3"]},
            "there is no such executable on the PATH; did you mean 'python3'?",
        ),
        ({"command": ["no-such-program-at-all"]}, "a shell command is one string, not a list"),
    ],
)
def test_an_impossible_source(source: dict[str, Any], words: str) -> None:
    assert words in sentence(lambda: launch(**source))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"params": {"epochs": 2}}, "did you mean parameters={'epochs': 2}?"),
        ({"environment": {"A": "1"}}, "did you mean env={'A': '1'}?"),
        ({"config": {"a": 1}}, "did you mean config=json.dumps(...)?"),
        (
            {"parameters": ["-x"]},
            "parameters=['-x'] is not a dict such as {'epochs': 2}; did you mean args=['-x']?",
        ),
        ({"parameters": {1: 2}}, "parameters has the key 1; keys must be strings"),
        (
            {"args": "--epochs 2"},
            "args='--epochs 2' is a single string; did you mean args=['--epochs', '2']?",
        ),
        ({"args": {"epochs": 2}}, "did you mean parameters={'epochs': 2}?"),
        ({"args": 3}, "args=3 is not a list; pass one entry for each argument"),
        ({"args": [None]}, "args contains None (NoneType); use a string, a number or a path"),
        ({"env": ["A=1"]}, "env is of type list; pass a dict such as {'SEED': 1}"),
        (
            {"env": {"A": True}},
            (
                "env['A']=True is ambiguous, because programs differ in what they accept as true; "
                "did you mean '1' or 'True'?"
            ),
        ),
        ({"env": {1: "A"}}, "env has the key 1; names of variables must be strings"),
        ({"cwd": "pgk"}, "there is no such directory; did you mean '"),
        ({"cwd": "train.py"}, "there is no such directory, but a file; did you mean '"),
        ({"cwd": 3}, "cwd=3 is not a string; did you mean cwd='3'?"),
        ({"python": 3.11}, "python=3.11 is a number; did you mean python='python3.11'?"),
        (
            {"python": "pyhton3"},
            "python is 'pyhton3': there is no such executable; did you mean 'python3'?",
        ),
        ({"name": 3}, "name=3 is not a string; did you mean name='3'?"),
        (
            {"stdin": "yes\n"},
            "stdin='yes\\n' is not True or False; did you mean run.send('yes\\n')",
        ),
        ({"merge": "no"}, "merge='no' is not True or False"),
        (
            {"mask": 3},
            "mask is not a list of strings; pass values or names of variables, such as ['API_KEY']",
        ),
        ({"encoding": "utf9"}, "encoding='utf9' is not an encoding that Python knows"),
        ({"notify": 3}, "notify is not a name or a list of names; pass names of targets, such as"),
        ({"notify": ["ops", 3]}, "notify is not a name or a list of names"),
        ({"notify": ""}, "notify has an entry that is neither a name (letters, digits,"),
        ({"notify": "ops"}, "notify='ops': no targets are configured; define it in"),
        ({"notify_lines": "all"}, "notify_lines='all' is not a whole number, such as 20"),
        ({"notify_lines": 1.5}, "notify_lines=1.5 is not a whole number"),
        ({"notify_lines": True}, "notify_lines=True is not a whole number"),
        ({"notify_lines": 500}, "notify_lines=500 is not between 0 and 100"),
        ({"launcher": "slurm"}, "launcher='slurm' is not available; use 'local'"),
        ({"terminal": "yes"}, "terminal='yes' is not valid; use True, False, or (columns, rows)"),
        (
            {"timeout": "5 parsecs"},
            (
                "timeout='5 parsecs' is not a valid duration; use seconds, or a string such as "
                "'90s', '5m' or '1h30m'"
            ),
        ),
        ({"timeout": "1:30"}, "timeout='1:30' is not a valid duration"),
        ({"timeout": ""}, "timeout='' is not a valid duration"),
        ({"timeout": True}, "timeout=True is not a valid duration"),
        ({"timeout": -1}, "timeout=-1 is negative"),
        ({"timeout": 0}, "timeout=0.0 is not above 0 seconds; omit it"),
        ({"timeout": float("inf")}, "timeout=inf is not finite; omit timeout for no limit"),
        ({"timeout": float("nan")}, "timeout=nan is not finite"),
    ],
    ids=str,
)
def test_an_impossible_option(options: dict[str, Any], words: str) -> None:
    assert words in sentence(lambda: launch("train.py", **options))


def test_an_address_to_notify_is_not_shown() -> None:
    """It holds a password."""
    words = sentence(lambda: launch("train.py", notify=["mailto://ann:hunter22@example.org"]))
    assert words.startswith("notify has an address, which only a Jupyter server can keep")
    assert "hunter22" not in words


def test_an_environment_of_another_type_is_not_shown() -> None:
    """Its values may be secret."""
    env: Any = "TOKEN=hunter22"
    assert "hunter22" not in sentence(lambda: launch("train.py", env=env))


@pytest.mark.parametrize(
    ("word", "words"),
    [
        (
            {"epochs": 2},
            "the argument {'epochs': 2} is a dict; did you mean parameters={'epochs': 2}?",
        ),
        (["-x"], "the argument ['-x'] is a list; did you mean args=['-x']?"),
        (None, "args contains None (NoneType)"),
    ],
    ids=str,
)
def test_an_invalid_argument(word: object, words: str) -> None:
    assert words in sentence(lambda: launch("train.py", word))


def test_words_are_arguments() -> None:
    run = launch("train.py", "--epochs", 1, Path("a"), args=["b"], lr=0.5)
    run.wait(WAIT_SECONDS)
    assert [line.message for line in run.logs()] == ["['--epochs', '1', 'a', 'b', '--lr=0.5']"]


def test_none_is_the_same_as_nothing() -> None:
    nothing: Any = None
    run = launch(
        "train.py",
        args=nothing,
        parameters=None,
        env=None,
        mask=nothing,
        encoding=nothing,
        timeout=None,
    )
    assert run.wait(WAIT_SECONDS) == "completed"


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [
        ("90s", 90), ("5m", 300), ("1h30m", 5400), ("1H 30 min", 5400), ("2 days", 172_800),
        ("1.5h", 5400), ("90", 90),
        (90, 90), (0.5, 0.5), (timedelta(minutes=5), 300),
    ],
    ids=str,
)  # fmt: skip
def test_a_timeout_is_accepted_as_people_write_it(
    data_dir: Path, timeout: Any, seconds: float
) -> None:
    run = launch("train.py", timeout=timeout)
    assert (
        json.loads((data_dir / "runs" / run.run_id / "launch.json").read_text())["timeout"]
        == seconds
    )
    assert run.wait(timeout="30s") == "completed"


def test_a_wait_accepts_the_same_words() -> None:
    run = launch(code="input()", terminal=True)
    assert "was still running after 0.1 s" in sentence(lambda: run.wait("0.1s")).replace(
        ", waiting for input", ""
    )
    assert "timeout='long' is not a valid duration" in sentence(lambda: run.wait("long"))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("timout", "timeout"),
        ("tiemout", "timeout"),
        ("time_out", "timeout"),
        ("encodng", "encoding"),
    ],
)
def test_a_keyword_similar_to_an_option_causes_a_warning(name: str, meant: str) -> None:
    """By contract it is an argument of the script, and few scripts have one of that name."""
    argument = name.replace("_", "-")
    with pytest.warns(
        UserWarning,
        match=rf"{name}=5 is passed to the program as --{argument}=5; did you mean {meant}=5\?",
    ) as caught:
        run = launch("train.py", **{name: 5})
    assert caught[0].filename == __file__
    run.wait(WAIT_SECONDS)
    assert [line.message for line in run.logs()] == [f"['--{argument}=5']"]


@pytest.mark.parametrize(
    "name",
    [
        "model",
        "mode",
        "names",
        "scripts",
        "modules",
        "max_results",
        "colour",
        "timeouts",
        "seed",
        "merged",
    ],
)
@pytest.mark.slow
def test_an_argument_with_its_own_name_causes_no_warning(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        launch("train.py", **{name: 5})
        launch("train.py", parameters={"timout": 5})


def test_its_help_shows_types_and_begins_with_examples() -> None:
    signature = str(inspect.signature(launch))
    assert "script: str | os.PathLike[str] | None = None, *arguments: object" in signature
    assert "'" not in signature.replace("'utf-8'", "").replace("'local'", "")
    first, _, rest = str(launch.__doc__).partition("\n\n")
    assert len(first) <= 120
    assert rest.lstrip().startswith('>>> launch("train.py", epochs=2)')
