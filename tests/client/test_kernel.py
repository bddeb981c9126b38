"""`launch(kernel=...)` where there is no server: this process reads the kernelspecs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import prismq_nb
from prismq_nb.errors import InvalidRequest


@pytest.fixture(autouse=True)
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel of this Python with a variable, and one that cannot be read."""
    spec = {"argv": [sys.executable, "-m", "ipykernel_launcher"], "env": {"A": "kernel"}}
    for name, text in (("mine", json.dumps({"display_name": "Mine"} | spec)), ("broken", "{")):
        folder = tmp_path / "kernels" / name
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(text)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))


def test_the_run_has_interpreter_and_environment_of_the_kernel() -> None:
    code = "import os, sys; print(sys.executable, os.environ['A'])"
    run = prismq_nb.launch(code=code, kernel="mine", terminal=False)
    assert "completed" == run.wait(60)
    assert [f"{sys.executable} kernel"] == [line.message for line in run.logs()]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"code": "1", "kernel": "min"}, "use one of .*mine.*; did you mean 'mine'"),
        ({"code": "1", "kernel": "broken"}, "kernel.json cannot be read"),
        ({"code": "1", "kernel": "mine", "python": "python3"}, "remove one of them"),
        ({"command": "true", "kernel": "mine"}, "a command needs no interpreter"),
        ({"code": "1", "kernel": 3}, "kernel"),
    ],
    ids=str,
)
def test_a_kernel_that_gives_nothing_is_refused(options: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        prismq_nb.launch(**options)


def test_without_jupyter_client_kernels_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jupyter_client.kernelspec", None)
    with pytest.raises(InvalidRequest, match="jupyter_client is not installed; use python="):
        prismq_nb.launch(code="1", kernel="mine")
