"""What an error looks like in a notebook, and in a script."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from support.waiting import WAIT_SECONDS

pytestmark = pytest.mark.slow  # real kernels

SENTENCE = re.compile(r"InvalidRequest: script is .*trian\.py.*there is no such file.*\Z")


def executed(*cells: str) -> list[str]:
    """Execute cells in one kernel; return the text that each leaves below it, without colours."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(
        notebook, allow_errors=True, kernel_name="python3", timeout=WAIT_SECONDS
    ).execute()
    return [_text(cell.outputs) for cell in notebook.cells]


def _text(outputs: list[nbformat.NotebookNode]) -> str:
    texts = ["\n".join(each.get("traceback", [])) + each.get("text", "") for each in outputs]
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(texts))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a kernel shows for each cell, by a name for it."""
    cells = {
        "import": "import os; from prismq_nb import LogViewer, get, launch",
        "one": 'launch("trian.py")',
        "below": 'def start():\n    return launch("trian.py")\nstart()',
        "handler": 'try:\n    1 / 0\nexcept ZeroDivisionError:\n    launch("trian.py")',
        "magic": "%tb",
        "debugger": "import sys; print(get_ipython().InteractiveTB.tb is sys.last_traceback)",
        "verbose": '%xmode Verbose\nlaunch("trian.py")',
        "minimal": '%xmode Minimal\nlaunch("trian.py")',
        "context": '%xmode Context\nget("nothing")',
        "bug": "class Odd:\n    def __fspath__(self):\n        return 1 / 0\nlaunch(Odd())",
        "away": 'os.environ["PRISMQ_URL"] = "http://127.0.0.1:9"\nlaunch("train.py")',
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRISMQ_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.chdir(tmp_path_factory.mktemp("notebook"))
        return dict(zip(cells, executed(*cells.values()), strict=True))


@pytest.mark.parametrize(
    ("cell", "lines"),
    [
        ("one", ['----> 1 launch("trian.py")']),
        ("below", ["----> 3 start()", '----> 2     return launch("trian.py")']),
        ("handler", ['----> 4     launch("trian.py")']),
    ],
)
def test_an_error_shows_the_lines_of_the_notebook_and_one_sentence(
    shown: dict[str, str], cell: str, lines: list[str]
) -> None:
    text = shown[cell]
    assert lines == [line for line in text.splitlines() if line.startswith("---->")]
    assert SENTENCE.search(text)
    assert "prismq_nb/" not in text
    assert "ZeroDivisionError\n" not in text
    assert len(text.splitlines()) <= 12


def test_all_frames_are_shown_if_requested(shown: dict[str, str]) -> None:
    for cell in ("magic", "verbose"):
        assert "prismq_nb/client/launch/launch.py" in shown[cell]
        assert SENTENCE.search(shown[cell].strip())
    assert shown["debugger"].strip() == "True"


def test_only_the_sentence_is_shown_if_requested(shown: dict[str, str]) -> None:
    assert shown["minimal"].strip().splitlines()[-1].startswith("InvalidRequest: script is ")
    assert "---->" not in shown["minimal"]


def test_the_error_of_an_absent_server_has_no_chain_of_the_http_library(
    shown: dict[str, str],
) -> None:
    assert (
        "ServerUnreachable: The Jupyter server at http://127.0.0.1:9 does not respond"
        in shown["away"]
    )
    assert not re.search("urllib3|requests|prismq_nb/", shown["away"])


def test_other_errors_are_shown_as_usual(shown: dict[str, str]) -> None:
    """A fault in code that ours calls must not be hidden."""
    assert "ZeroDivisionError: division by zero" in shown["bug"]
    assert "prismq_nb/client/launch/launch.py" in shown["bug"]


@pytest.mark.parametrize(
    "source",
    [
        "launch('trian.py')",
        "get('nothing')",
        "import os; os.environ['PRISMQ_URL'] = 'http://127.0.0.1:9'; get('x')",
    ],
)
def test_a_script_ends_with_one_traceback(source: str, tmp_path: Path) -> None:
    """Without a misleading chain of handled exceptions."""
    code = f"from prismq_nb import get, launch; {source}"
    text = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False
    ).stderr
    assert text.count("Traceback (most recent call last)") == 1
    assert re.search(r"^prismq_nb\.errors\.\w+: .+\Z", text.strip(), re.MULTILINE)
