"""A run in the output of a cell, in notebooks that are executed without a front end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from support.waiting import WAIT_SECONDS

from prismq_nb.notebook.saved import MIME_TYPE

pytestmark = pytest.mark.slow  # executed notebooks

WAITS = """\
import time
for i in range(250): print('line', i, flush=True)
print('ERROR: <b>bad</b>')
input()
print('the end')"""
LAUNCH = (
    f"import prismq_nb\nrun = prismq_nb.launch(code={WAITS!r}, name='train', epochs=3,"
    " stdin=True)\nrun"
)
ENDS = ["run.send('go\\n')\nrun.wait()", "import time"]


def write(path: Path, *cells: str) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nbformat.write(notebook, path)
    return path


def execute(tmp_path: Path, *cells: str) -> Any:
    notebook = nbformat.read(write(tmp_path / "a.ipynb", *cells), 4)
    NotebookClient(notebook, timeout=WAIT_SECONDS).execute()
    return notebook


def shown(notebook: Any, cell: int = 0) -> dict[str, Any]:
    """The bundle of the run in a cell's output."""
    (output,) = [
        output for output in notebook.cells[cell].outputs if MIME_TYPE in output.get("data", {})
    ]
    return dict(output.data)


def by_nbclient(tmp_path: Path, *cells: str) -> Any:
    return execute(tmp_path, *cells)


def by_papermill(tmp_path: Path, *cells: str) -> Any:
    papermill = pytest.importorskip("papermill")
    done = tmp_path / "done.ipynb"
    papermill.execute_notebook(
        str(write(tmp_path / "a.ipynb", *cells)), str(done), progress_bar=False
    )
    return nbformat.read(done, 4)


def by_nbconvert(tmp_path: Path, *cells: str) -> Any:
    source = write(tmp_path / "a.ipynb", *cells)
    command = [
        sys.executable,
        "-m",
        "nbconvert",
        "--execute",
        "--to",
        "notebook",
        "--output",
        "done.ipynb",
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return nbformat.read(tmp_path / "done.ipynb", 4)


@pytest.mark.parametrize("executed", [by_nbclient, by_papermill, by_nbconvert])
def test_an_executed_notebook_holds_the_complete_output(
    tmp_path: Path, executed: Callable[..., Any]
) -> None:
    notebook = executed(tmp_path, LAUNCH, *ENDS)
    data = shown(notebook)
    lines = data["text/plain"].splitlines()
    assert lines[0] == "train: completed (exit code 0)"
    assert lines[1].startswith("$ ")
    assert lines[1].endswith("--epochs=3")
    assert data[MIME_TYPE]["run_id"] in lines[2]
    assert "252 lines, 1 error; the newest 200:" in lines
    assert lines[-1].endswith("Z INFO     the end")
    assert "&lt;b&gt;bad&lt;/b&gt;" in data["text/html"]
    assert data[MIME_TYPE]["final"] is True
    assert notebook.metadata.get("widgets", {}) == {}


def test_nbconvert_executes_to_html_with_the_log(tmp_path: Path) -> None:
    source = write(tmp_path / "a.ipynb", LAUNCH, *ENDS)
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", str(source)],
        check=True,
        capture_output=True,
    )
    page = (tmp_path / "a.html").read_text()
    assert "completed (exit code 0)" in page
    assert "Z INFO     the end</pre>" in page
    assert "application/vnd.jupyter.widget-view+json" not in page


@pytest.mark.parametrize("end", ["run.wait()", "await run", "list(run.follow())"])
def test_the_output_is_refreshed_by_any_call_that_learns_of_the_end(
    tmp_path: Path, end: str
) -> None:
    """Within the cell that waits, not only at its end."""
    alone = (
        "from prismq_nb.notebook import display as"
        " d\nget_ipython().events.unregister('post_run_cell', d._after_cell)"
    )
    notebook = execute(tmp_path, LAUNCH, f"{alone}\nrun.send('go\\n')\n{end}")
    assert shown(notebook)["text/plain"].startswith("train: completed (exit code 0)\n")


def test_the_output_of_a_live_run_is_as_of_the_last_cell(tmp_path: Path) -> None:
    wait = "import time\nwhile run.lines < 251: time.sleep(0.01)"
    notebook = execute(tmp_path, LAUNCH, wait, "run.refresh()", "run.stop()")
    assert "<b>bad</b>" in shown(notebook)["text/plain"]
    assert ", as of " in shown(notebook)["text/plain"]
    assert shown(notebook)[MIME_TYPE]["final"] is False


def test_another_handle_and_another_output_are_the_same_run(tmp_path: Path) -> None:
    cells = [
        LAUNCH,
        "display(prismq_nb.get(run.run_id))",
        "run.send('go\\n')\nprismq_nb.get(run.run_id).wait()",
    ]
    notebook = execute(tmp_path, *cells)
    assert shown(notebook, 0) == shown(notebook, 1)
    assert shown(notebook, 0)["text/plain"].startswith("train: completed")


def test_several_runs_are_refreshed_together(tmp_path: Path) -> None:
    other = LAUNCH.replace("run =", "other =").removesuffix("run") + "other"
    both = "run.send('go\\n')\nother.send('go\\n')\nother.wait()\nrun.wait()"
    notebook = execute(tmp_path, LAUNCH, other, both)
    assert [shown(notebook, cell)[MIME_TYPE]["final"] for cell in (0, 1)] == [True, True]


def test_a_cell_without_a_live_run_causes_no_requests(tmp_path: Path) -> None:
    """Nor does one whose run has been shown to its end."""
    count = "from prismq_nb.notebook import display as d\nasked = []\nd.saved_text = asked.append"
    notebook = execute(
        tmp_path,
        LAUNCH,
        ENDS[0],
        count,
        "1",
        "import json\nprint(json.dumps([asked, list(d._outputs)]))",
    )
    assert json.loads(notebook.cells[4].outputs[0].text) == [[], []]


def test_a_purged_run_keeps_its_last_output(tmp_path: Path) -> None:
    cells = [
        LAUNCH,
        "import prismq_nb.notebook.display as d\nclient = run._client\nsaved = client.saved",
        "x = 1",
    ]
    gone = """\
from prismq_nb.errors import RunNotFound
def saved(*_): raise RunNotFound('gone')
client.saved = saved"""
    notebook = execute(tmp_path, *cells, gone, "print(list(d._outputs))", "client.stop(run.run_id)")
    assert notebook.cells[4].outputs[0].text == "[]\n"
    assert "train: running" in shown(notebook)["text/plain"]


def test_the_html_export_of_a_notebook_has_the_log(tmp_path: Path) -> None:
    notebook = execute(tmp_path, LAUNCH, *ENDS)
    body, _ = HTMLExporter().from_notebook_node(notebook)
    assert "&lt;b&gt;bad&lt;/b&gt;" in body
    assert MIME_TYPE not in body


def test_a_fork_of_a_kernel_shows_nothing(tmp_path: Path) -> None:
    fork = """\
import os
from prismq_nb.notebook import display as d
pid = os.fork()
if not pid: os._exit(len(d._outputs))
print(os.waitpid(pid, 0)[1])"""
    notebook = execute(tmp_path, LAUNCH, fork, "run.stop()")
    assert notebook.cells[1].outputs[-1].text == "0\n"


def test_a_widget_in_an_executed_notebook_is_exported_as_its_lines(tmp_path: Path) -> None:
    """The state of a widget is saved, and would take precedence over the lines."""
    notebook = execute(tmp_path, LAUNCH, *ENDS, "prismq_nb.LogViewer(run)")
    assert "application/vnd.jupyter.widget-view+json" not in shown(notebook, 3)
    body, _ = HTMLExporter().from_notebook_node(notebook)
    assert body.count("Z INFO     the end</pre>") == 2  # the run has its own
