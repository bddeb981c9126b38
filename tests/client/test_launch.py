"""The body of a launch: the caller's options, interpreter, folder and environment."""

from __future__ import annotations

import os
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.fake_server import FakeServer

import prismq_nb
from prismq_nb.errors import InvalidRequest


@pytest.fixture(autouse=True)
def _found(found: FakeServer) -> None:
    """Direct every launch to the fake server."""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> None:
    """The home directory, ``~``."""
    monkeypatch.setenv("HOME", "/home/me")


def sent(fake: FakeServer, *args: Any, **options: Any) -> dict[str, Any]:
    """The body of one launch."""
    prismq_nb.launch(*args, **options)
    body: dict[str, Any] = fake.bodies()[-1]
    return body


def test_a_keyword_is_a_parameter_with_dashes(fake: FakeServer) -> None:
    """As argparse, click and typer name them; `parameters` has the names as they are."""
    assert sent(fake, "a.py", max_results=50, parameters={"out_dir": "x"})["parameters"] == {
        "max-results": 50,
        "out_dir": "x",
    }


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="'max-results' is given both"):
        prismq_nb.launch("a.py", max_results=1, parameters={"max-results": 2})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (None, None),
        (1.5, 1.5),
        ("a", "a"),
        (Path("/a"), "/a"),
        ((1, 2), [1, 2]),
        (range(1), [0]),
        (date(2025, 10, 31), "2025-10-31"),
    ],
    ids=str,
)
def test_parameters_become_json(fake: FakeServer, value: object, expected: object) -> None:
    assert expected == sent(fake, "a.py", x=value)["parameters"]["x"]


def test_numpy_scalars_become_numbers(fake: FakeServer) -> None:
    """Every computation returns them. NumPy itself is not needed for this."""

    class Int64:
        ndim = 0

        def item(self) -> int:
            return 7

    assert sent(fake, "a.py", n=Int64())["parameters"]["n"] == 7


@pytest.mark.parametrize(
    "value", [b"x", {"a": 1}, object(), Decimal("1.5")], ids=lambda value: type(value).__name__
)
def test_a_parameter_without_an_obvious_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequest, match=r"the parameter 'x' is .* \("):
        prismq_nb.launch("a.py", x=value)


def test_the_interpreter_and_the_folder_are_the_caller_s(
    fake: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's may differ: another virtual environment, another folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", "/venv/of/the/kernel/bin/python")
    body = sent(fake, "jobs/collect.py")
    assert ("/venv/of/the/kernel/bin/python", str(tmp_path), str(tmp_path / "jobs/collect.py")) == (
        body["python"],
        body["cwd"],
        body["script"],
    )


@pytest.mark.parametrize("kind", ["script", "notebook"])
@pytest.mark.parametrize(
    ("path", "cwd", "expected"),
    [
        ("a.py", "/data", "/data/a.py"),
        ("/b/a.py", "/data", "/b/a.py"),
        ("~/a.py", "/data", "/home/me/a.py"),
        (Path("a.py"), Path("/data"), "/data/a.py"),
        ("a.py", "~/data", "/home/me/data/a.py"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("home")
def test_paths_are_resolved(
    fake: FakeServer, kind: str, path: str | Path, cwd: str | Path, expected: str
) -> None:
    assert expected == sent(fake, **{kind: path}, cwd=cwd)[kind]


@pytest.mark.parametrize(
    ("python", "expected"),
    [
        ("/x/bin/python", "/x/bin/python"),
        (Path("~/v/bin/python"), "/home/me/v/bin/python"),
        ("no-such-python", "no-such-python"),
    ],
)
@pytest.mark.usefixtures("home")
def test_another_interpreter_can_be_named(
    fake: FakeServer, python: str | Path, expected: str
) -> None:
    assert expected == sent(fake, "a.py", python=python)["python"]


def test_an_interpreter_is_looked_up_on_the_caller_s_path(
    fake: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's PATH may differ."""
    (tmp_path / "python9").write_text("#!/bin/sh\n")
    (tmp_path / "python9").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert str(tmp_path / "python9") == sent(fake, "a.py", python="python9")["python"]


def test_the_environment_is_the_caller_s_without_jupyter_s_tokens(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SETTING", "1")
    monkeypatch.setenv("JUPYTER_TOKEN", "t")
    monkeypatch.setenv("JPY_PARENT_PID", "x")
    env = sent(fake, "a.py")["env"]
    assert env["MY_SETTING"] == "1"
    assert os.environ["PATH"] == env["PATH"]
    assert not {"JUPYTER_TOKEN", "JPY_PARENT_PID", "PRISMQ_CONNECTION_FILE"} & env.keys()


def test_variables_that_only_the_server_has_are_removed(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run has the notebook's environment, not a mixture."""
    monkeypatch.delenv("ONLY_SERVER", raising=False)
    monkeypatch.setenv("BOTH", "here")
    fake.env_names = ["ONLY_SERVER", "BOTH"]
    fake.write_connection_file()
    env = sent(fake, "a.py")["env"]
    assert (env["ONLY_SERVER"], env["BOTH"]) == (None, "here")


def test_explicit_variables_take_precedence(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A", "own")
    monkeypatch.setenv("B", "own")
    env = sent(fake, "a.py", env={"A": "said", "B": None, "C": 3, "D": Path("/d")})["env"]
    assert (env["A"], env["B"], env["C"], env["D"]) == ("said", None, "3", "/d")


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("module://matplotlib_inline.backend_inline", None),
        ("module://ipympl.backend_nbagg", None),
        ("inline", None),
        ("widget", None),
        ("agg", "agg"),
        ("module://my.own", "module://my.own"),
    ],
)
def test_a_plotting_backend_for_cells_is_not_passed_on(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch, backend: str, expected: str | None
) -> None:
    """Every kernel sets it, and it cannot work where there is no cell."""
    monkeypatch.setenv("MPLBACKEND", backend)
    assert expected == sent(fake, "a.py")["env"]["MPLBACKEND"]
    assert backend == sent(fake, "a.py", env={"MPLBACKEND": backend})["env"]["MPLBACKEND"]


def test_a_variable_that_is_not_utf8_does_not_prevent_a_launch(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON cannot carry it; the run gets the server's."""
    monkeypatch.setitem(os.environb, b"LATIN", b"\xe9")
    assert "LATIN" not in sent(fake, "a.py")["env"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"module": "pkg.mod"}, "pkg.mod"),
        ({"code": "print(1)"}, "print(1)"),
        ({"command": "make | tee log"}, "make | tee log"),
        ({"command": ["make", "-j", 4, Path("/x")]}, ["make", "-j", "4", "/x"]),
    ],
    ids=str,
)
def test_other_sources(fake: FakeServer, source: dict[str, Any], expected: object) -> None:
    body = sent(fake, **source)
    assert expected == body[next(iter(source))]
    assert "script" not in body


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"module": Path("x")}, "module is the PosixPath"),
        ({"command": 3}, "command is the int 3"),
        ({"command": ["a", None]}, "command contains None"),
        ({"code": "x", "args": "--a b"}, r"args='--a b' is a single string"),
        ({"code": "x", "args": [object()]}, "args contains <object"),
        ({"code": "x", "env": {"A": True}}, r"env\['A'\]=True"),
    ],
)
def test_an_impossible_option_is_refused_here(options: dict[str, Any], text: str) -> None:
    """Before it becomes a strange argument of a program."""
    with pytest.raises(InvalidRequest, match=text):
        prismq_nb.launch(**options)


def test_a_kernel_is_sent_without_an_interpreter(fake: FakeServer) -> None:
    body = sent(fake, "a.py", kernel="python3")
    assert ("python3", None) == (body["kernel"], body.get("python"))
    assert "python" in sent(fake, "a.py", kernel="python3", python="python3")  # which is refused


def test_explicit_variables_are_distinguished_from_inherited_ones(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", "x")
    monkeypatch.setenv("BOTH", "x")
    body = sent(fake, "a.py", env={"BOTH": "y", "GIVEN": "z"})
    inherited = body["inherited_env"]
    assert "MINE" in inherited
    assert not {"BOTH", "GIVEN"} & set(inherited)
    assert set(inherited) <= body["env"].keys()


def test_options_are_passed_on_and_defaults_are_not(fake: FakeServer) -> None:
    body = sent(
        fake,
        "a.py",
        name="n",
        args=["a", 1, Path("/b")],
        merge=True,
        stdin=True,
        encoding="latin-1",
        mask="hunter22",
        timeout=5,
    )
    assert {
        "name": "n", "args": ["a", "1", "/b"], "merge": True, "stdin": True, "encoding": "latin-1",
        "mask": ["hunter22"], "timeout": 5.0,
    }.items() <= body.items()  # fmt: skip
    by_default = {"script", "python", "cwd", "env", "inherited_env", "origin"}
    assert by_default == sent(fake, "a.py").keys()
