"""The output of a list of runs, in notebooks that are executed without a front end."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import nbformat
import pytest
from msgspec import convert
from nbclient import NotebookClient
from nbconvert import HTMLExporter, MarkdownExporter
from support.fake_server import RUN_ID, record
from support.waiting import WAIT_SECONDS

from prismq_nb.client.base.interface import Client
from prismq_nb.client.run.run import Run
from prismq_nb.client.runs_table import Runs
from prismq_nb.common.models import RunInfo
from prismq_nb.notebook.runs import MIME_TYPE, SAVED_RUNS, mime_bundle

pytestmark = pytest.mark.slow  # executed notebooks

LAUNCH = (
    "import prismq_nb\nfor n in range(2): prismq_nb.launch(code='print(1)', name=f'<b>{n}',"
    " n=n).wait()"
)


def listed(count: int, **query: Any) -> Runs:
    runs = [
        Run(cast("Client", None), convert(record(module_name=f"<job> {n}"), RunInfo))
        for n in range(count)
    ]
    return Runs(
        runs,
        3 * count,
        {"q": None, "module_id": None, "status": None, "limit": 50, "offset": 0, **query},
    )


def test_it_has_the_query_and_both_texts() -> None:
    made = mime_bundle(listed(2, q="job"))
    assert made[MIME_TYPE] == {"q": "job", "limit": 50, "offset": 0}
    assert "<job> 1" in made["text/plain"]
    assert "... 4 more\n(as of 20" in made["text/plain"]
    assert "&lt;job&gt; 1" in made["text/html"]
    assert "<job>" not in made["text/html"]
    assert f"{RUN_ID}</td>" in made["text/html"]
    assert "4 more. As of 20" in made["text/html"]


@pytest.mark.parametrize("query", [{"sort": "-duration"}, {"status": "failed,cancelled"}], ids=str)
def test_a_list_that_the_live_table_would_not_show_is_not_live(query: dict[str, str]) -> None:
    made = mime_bundle(listed(2, **query))
    assert {"text/plain", "text/html"} == made.keys()


def test_a_notebook_keeps_the_newest_of_many_runs() -> None:
    made = mime_bundle(listed(1000))
    assert made["text/html"].count("<tr>") == SAVED_RUNS + 1
    assert len(made["text/plain"].splitlines()) == SAVED_RUNS + 3
    assert "2,950 more" in made["text/html"]
    assert len(nbformat.writes(notebook(made))) < 60_000


def test_without_runs_both_texts_say_so() -> None:
    made = mime_bundle(listed(0))
    assert made["text/plain"].startswith("(no runs)")
    assert "No runs." in made["text/html"]


def notebook(data: dict[str, Any]) -> Any:
    output = nbformat.v4.new_output("execute_result", data, execution_count=1)
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("runs()", outputs=[output])])


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter])
def test_a_list_in_a_cell_is_a_list_and_an_export_shows_its_table(
    tmp_path: Path, exporter: type[Any]
) -> None:
    cells = [
        LAUNCH,
        "runs = prismq_nb.runs()\nruns",
        "print(len(runs), runs[0].parameters, [run.status for run in runs])",
    ]
    executed = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(
        executed, timeout=WAIT_SECONDS, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    (output,) = executed.cells[1].outputs
    assert output.output_type == "execute_result"
    assert executed.cells[2].outputs[0].text == "2 {'n': 1} ['completed', 'completed']\n"
    body, _ = exporter().from_notebook_node(executed)
    assert "&lt;b&gt;1" in body
    assert MIME_TYPE not in body
