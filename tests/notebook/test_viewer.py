"""`LogViewer` as Python sees it; what it draws is tested in a browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import traitlets
from IPython.core.interactiveshell import InteractiveShell

import prismq_nb
from prismq_nb.client.run import Run
from prismq_nb.errors import PrismqError, RunNotFound
from prismq_nb.notebook.viewer import STATIC, LogViewer, bundled

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def run() -> Run:
    """A run that has ended, of the engine itself."""
    run = prismq_nb.launch(code="print('<hello>')", name="hello")
    run.wait(30)
    return run


@pytest.fixture
def in_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a kernel showed what cells end with."""

    class Shell:
        kernel = object()

    monkeypatch.setattr("IPython.get_ipython", Shell)


def synced(viewer: LogViewer) -> dict[str, Any]:
    """What the browser gets, without what every anywidget has."""
    mine = {"run_id", "height", "follow", "level", "query", "timestamps", "theme"}
    return {name: value for name, value in viewer.get_state().items() if name in mine}


def test_it_takes_a_run_or_an_id(run: Run) -> None:
    assert run == LogViewer(run.run_id).run == LogViewer(run).run
    with pytest.raises(RunNotFound):
        LogViewer("run_20251031_120000_youtube_abc123")


def test_its_options_are_traits_with_defaults(run: Run) -> None:
    defaults = {"height": 400, "follow": True, "level": "", "query": "", "timestamps": "time", "theme": "auto"}
    assert synced(LogViewer(run)) == {"run_id": run.run_id, **defaults}
    chosen = {"height": 600, "follow": False, "level": "WARNING,ERROR", "query": "x", "timestamps": "elapsed", "theme": "dark"}
    assert synced(LogViewer(run, **chosen)) == {"run_id": run.run_id, **chosen}


@pytest.mark.parametrize(
    ("name", "value"),
    [("height", 10), ("height", 10**6), ("height", "tall"), ("level", "LOUD"), ("timestamps", "never"), ("theme", "blue"), ("follow", "yes")],
)
def test_an_option_out_of_bounds_is_refused(run: Run, name: str, value: object) -> None:
    with pytest.raises(traitlets.TraitError):
        LogViewer(run, **{name: value})


def test_levels_are_written_as_the_api_has_them(run: Run) -> None:
    assert LogViewer(run, level="warning, error,").level == "WARNING,ERROR"


def test_neither_text_of_the_log_nor_a_secret_is_synced(run: Run) -> None:
    """What is synced is saved with the notebook."""
    state = {name: value for name, value in LogViewer(run).get_state().items() if name not in ("_esm", "_css")}
    assert "hello>" not in json.dumps(state, default=str)
    assert not {"url", "token", "secret", "headers"} & state.keys()


def test_its_bundle_has_the_widget_and_the_static_tail(run: Run) -> None:
    data, _ = LogViewer(run)._repr_mimebundle_()
    assert {WIDGET, "text/plain", "text/html"} == data.keys()
    assert "&lt;hello&gt;" in data["text/html"]
    assert data["text/plain"].startswith("<Run hello completed>\n")


@pytest.mark.usefixtures("in_notebook")
def test_a_run_displays_as_its_viewer(run: Run) -> None:
    """One model for a handle, however often it is shown."""
    first, _ = run._repr_mimebundle_()
    second, _ = run._repr_mimebundle_()
    assert first[WIDGET] == second[WIDGET]


@pytest.mark.usefixtures("in_notebook")
def test_a_run_displays_without_a_front_end_as_text(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_run: Run) -> None:
        raise PrismqError("not built")

    monkeypatch.setattr(prismq_nb, "LogViewer", missing, raising=False)
    assert run._repr_mimebundle_() == {"text/plain": "<Run hello completed> (no viewer: not built)"}


def test_in_ipython_without_a_notebook_a_run_is_its_repr(run: Run) -> None:
    """And a list of lines is the lines, not a list of their reprs."""
    shell = InteractiveShell()
    assert shell.display_formatter.format(run)[0] == {"text/plain": "<Run hello completed>"}
    lines = run.logs()
    assert shell.display_formatter.format(lines)[0]["text/plain"] == repr(lines)


def test_a_missing_front_end_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(PrismqError, match=r"not built: there is no .*viewer\.js.*pip install -e \..*npm run build"):
        bundled("viewer.js", tmp_path)


@pytest.mark.parametrize("name", ["viewer.js", "viewer.css"])
def test_the_front_end_is_small(name: str) -> None:
    """It is widget state: each widget sends it, and a notebook that saves its state holds it once for each."""
    assert (STATIC / name).stat().st_size < 100_000
