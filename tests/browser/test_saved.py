"""What a notebook on disk says about its runs, as the applications save it."""

from __future__ import annotations

import json
from typing import Any

import requests
from playwright.sync_api import expect
from support.jupyter_process import until
from support.waiting import WAIT_SECONDS

LAB_IS_ENOUGH = True  # with --whole Notebook 7 is tested, too

OLDEST_TOO = True

MIME_TYPE = "application/vnd.prismq.run+json"
WAITS = """\
for i in range(250): print('line', i, flush=True)
print('ERROR: <b>bad</b>')
input()
print('the end')"""
LAUNCH = f"import prismq_nb\nrun = prismq_nb.launch(code={WAITS!r}, name='train', epochs=3)\nrun"
DIRTY = "context.model.dirty"


def text(jupyter: Any, name: str, kind: str = "text/plain") -> str:
    """The text of the first cell's only output, on disk."""
    (output,) = jupyter.read(name)["cells"][0]["outputs"]
    return "".join(output["data"][kind])


def api(jupyter: Any, method: str, what: str = "", **kwargs: Any) -> requests.Response:
    """A request about the shown run."""
    run_id = jupyter.viewer().get_attribute("data-run")
    url = f"{jupyter.server.url}api/runs/{run_id}{what}"
    return requests.request(
        method, url, headers=jupyter.server.headers, timeout=WAIT_SECONDS, **kwargs
    )


def end(jupyter: Any) -> None:
    """End the run, without its kernel, and wait until the server has counted its lines."""
    assert api(jupyter, "POST", "/input", json={"text": "go\n"}).status_code == 202
    jupyter.wait_state("completed")
    until(lambda: api(jupyter, "GET", "/saved").json()["final"], "the text is final")


def started(jupyter: Any, name: str) -> None:
    jupyter.open(name, LAUNCH)
    jupyter.run_all()
    jupyter.wait_lines(251)
    jupyter.wait_idle()


def test_it_is_as_of_the_moment_in_which_it_is_saved(jupyter):
    started(jupyter, "running.ipynb")
    jupyter.save()
    plain = text(jupyter, "running.ipynb")
    assert plain.splitlines()[0].startswith("train: running")
    assert plain.splitlines()[0].endswith(" UTC")
    assert "<b>bad</b>" in plain
    assert jupyter.notebook(DIRTY) is False
    end(jupyter)
    jupyter.save()
    plain = text(jupyter, "running.ipynb")
    assert plain.splitlines()[0] == "train: completed (exit code 0)"
    assert plain.splitlines()[-1].endswith("Z INFO     the end")
    assert "&lt;b&gt;bad&lt;/b&gt;" in text(jupyter, "running.ipynb", "text/html")
    assert len((jupyter.server.root_dir / "running.ipynb").read_bytes()) < 60_000
    jupyter.screenshot("saved")


def test_the_end_of_the_run_reaches_the_notebook_automatically_and_a_reload_changes_nothing(
    jupyter,
):
    started(jupyter, "ended.ipynb")
    jupyter.save()
    end(jupyter)
    shown = (
        "() => window.jupyterapp.shell.currentWidget.content.model.cells.get(0).outputs.get(0).data"
    )
    jupyter.page.wait_for_function(f"() => ({shown})()['{MIME_TYPE}'].final")
    assert jupyter.page.evaluate(shown)["text/plain"].startswith("train: completed (exit code 0)\n")
    assert jupyter.notebook(DIRTY) is True
    jupyter.save()
    saved = (jupyter.server.root_dir / "ended.ipynb").read_text()
    jupyter.reload()
    jupyter.wait_state("completed")
    assert jupyter.notebook(DIRTY) is False
    jupyter.save()
    assert json.loads(saved)["cells"] == jupyter.read("ended.ipynb")["cells"]


def test_a_viewer_stays_when_its_text_is_replaced(jupyter):
    started(jupyter, "stays.ipynb")
    root = jupyter.viewer().element_handle()
    jupyter.save()
    end(jupyter)
    jupyter.save()
    assert root.evaluate("root => root.isConnected")


def test_a_run_restarted_in_the_viewer_is_the_one_that_is_saved(jupyter):
    started(jupyter, "again.ipynb")
    end(jupyter)
    first = jupyter.viewer().get_attribute("data-run")
    jupyter.viewer().locator(".prismq-button-restart").click()
    jupyter.page.wait_for_function(
        "first => document.querySelector('.prismq-root').dataset.run !== first", arg=first
    )
    jupyter.wait_lines(251)
    jupyter.save()
    second = jupyter.viewer().get_attribute("data-run")
    assert second in text(jupyter, "again.ipynb")
    end(jupyter)
    # the kernel means the first one
    jupyter.python("[run.wait(), get_ipython().run_cell('1').result]")
    jupyter.reload()
    jupyter.wait_state("completed")
    assert jupyter.viewer().get_attribute("data-run") == second


def test_a_purged_run_shows_the_lines_that_the_notebook_kept(jupyter):
    started(jupyter, "purged.ipynb")
    end(jupyter)
    jupyter.save()
    assert api(jupyter, "DELETE", "?purge=true").status_code == 204
    jupyter.reload()
    gone = jupyter.page.locator(".prismq-gone")
    expect(gone).to_contain_text(
        "This log is no longer on this server; the notebook kept its last 200 lines."
    )
    expect(gone.locator("pre").last).to_contain_text("<b>bad</b>")
    expect(gone).not_to_contain_text("api/")
    expect(jupyter.page.locator(".prismq-list")).to_have_count(0)
    assert jupyter.notebook(DIRTY) is False
    for theme in ("Dark", "Light") if jupyter.is_lab else ():
        jupyter.theme(f"JupyterLab {theme}")
        jupyter.screenshot(f"purged-{theme.lower()}")
