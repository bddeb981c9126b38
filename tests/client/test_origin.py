"""What a run knows of what started it, and the list by it: with a server and without one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from support.kernel import running
from support.waiting import WAIT_SECONDS

import prismq_nb
from prismq_nb.common.models import Origin

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow  # real servers and kernels

NESTED = """
import prismq_nb
run = prismq_nb.launch(command=["true"])
run.wait(60)
print(run.run_id)
"""


@pytest.mark.usefixtures("way")
def test_a_script_is_a_terminal_and_what_a_run_launches_names_that_run() -> None:
    outer = prismq_nb.launch(code=NESTED, name="outer")
    outer.wait(WAIT_SECONDS)
    inner = prismq_nb.get(outer.logs()[0].message)
    assert outer.origin == Origin(kind="terminal")
    assert inner.origin == Origin(kind="run", run_id=outer.run_id)


@pytest.mark.usefixtures("way")
def test_the_list_has_the_filters_of_the_server() -> None:
    runs = [prismq_nb.launch(command=["echo", f"--n={n}"], name=f"n{n}") for n in (2, 1)]
    failed = prismq_nb.launch(command=["false"], name="n3")
    for run in (*runs, failed):
        run.wait(WAIT_SECONDS)
    key = runs[0].module_key
    assert key == runs[1].module_key != failed.module_key
    begin = datetime.fromisoformat(runs[0].created_at)
    assert prismq_nb.runs(module_key=key, sort="name") == runs[::-1]
    assert prismq_nb.runs(module_key=key, before=runs[1].created_at, limit=1) == runs[:1]
    assert prismq_nb.runs(module_key=key, since=begin, sort="created_at", limit=1) == runs[1:]
    listed = prismq_nb.runs("n", since=begin, status=["failed", "Cancelled"])
    assert (listed, listed.counts) == (
        [failed],
        {"queued": 0, "running": 0, "completed": 1, "failed": 1, "cancelled": 0},
    )
    assert prismq_nb.runs(changed_since=failed.completed_at, status="failed") in ([failed], [])
    assert prismq_nb.runs(notebook="elsewhere.ipynb") == []


def test_a_notebook_its_cells_and_what_they_launch(tmp_path: Path) -> None:
    with running(tmp_path) as kernel:

        def run(code: str, cell_id: str) -> None:
            message: Any = kernel.client.session.msg(
                "execute_request",
                {"code": code, "silent": False, "store_history": True},
                metadata={"cellId": cell_id},
            )
            kernel.client.shell_channel.send(message)
            kernel.client._recv_reply(message["header"]["msg_id"], timeout=WAIT_SECONDS)

        run("import prismq_nb; prismq_nb.launch(code='pass', name='launched')", "c1")
        run("%%watch --name watched\nprismq_nb.launch(command='true', name='inside')", "c2")
        run("%%watch --name watched\n1", "c2")
        found = {one.module_name: one for one in kernel.engine.list().runs}
        watched = kernel.engine.list(q="watched").runs[-1]
        assert kernel.engine.list(notebook="analysis.ipynb").total == 4
        expected = Origin(kind="notebook", notebook="analysis.ipynb", cell_id="c1")
        assert found["launched"].origin == expected
        expected = Origin(kind="notebook", notebook="analysis.ipynb", cell_id="c2")
        assert watched.origin == expected
        expected.run_id = watched.run_id
        assert found["inside"].origin == expected
        keys = [one.module_key for one in kernel.engine.list(q="watched").runs]
        assert keys == [watched.module_key] * 2
        assert str(watched.module_key).startswith("cell:")
        assert str(found["launched"].module_key).startswith("code:")
