"""`LogViewer` as Python sees it; browser tests cover what it draws."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
import traitlets
from IPython.core.formatters import DisplayFormatter
from ipywidgets import Widget
from nbconvert import HTMLExporter, MarkdownExporter
from support.waiting import WAIT_SECONDS

import prismq_nb
from prismq_nb.client.run.run import Run
from prismq_nb.errors import InvalidRequest, PrismqError, RunNotFound, UnknownOption
from prismq_nb.notebook.saved import MIME_TYPE
from prismq_nb.notebook.viewer import LogViewer, static_file

pytestmark = pytest.mark.slow  # executed cells and exports

WIDGET = "application/vnd.jupyter.widget-view+json"
DEFAULTS = {
    "case": False,
    "fields": "",
    "fold": True,
    "follow": True,
    "height": 400,
    "collapsed": False,
    "level": "",
    "line": None,
    "lines_after": 0,
    "lines_before": 0,
    "mode": "highlight",
    "numbers": True,
    "query": "",
    "raw_json": False,
    "regex": False,
    "theme": "auto",
    "timeline": True,
    "timestamps": "time",
    "utc": False,
    "word": False,
    "wrap": False,
}
CHOSEN = {
    "case": True,
    "fields": "user,took",
    "fold": False,
    "follow": False,
    "height": 600,
    "collapsed": True,
    "level": "WARNING,ERROR",
    "line": 12,
    "lines_after": 3,
    "lines_before": 2,
    "mode": "filter",
    "numbers": False,
    "query": "x",
    "raw_json": True,
    "regex": True,
    "theme": "dark",
    "timeline": False,
    "timestamps": "delta",
    "utc": True,
    "word": True,
    "wrap": True,
}
STATE_BYTES = 60_000
"""What a widget may add to a notebook that is saved with its widgets' state."""


@pytest.fixture
def run() -> Run:
    """A run that has ended, of the engine itself."""
    run = prismq_nb.launch(code="print('<hello>')", name="hello")
    run.wait(WAIT_SECONDS)
    return run


def synced(viewer: LogViewer) -> dict[str, Any]:
    """What the browser gets, without what every anywidget has."""
    return {
        name: value
        for name, value in viewer.get_state().items()
        if not name.startswith("_") and name not in ("layout", "tabbable", "tooltip")
    }


def test_it_accepts_a_run_or_an_id(run: Run) -> None:
    assert run == LogViewer(run.run_id).run == LogViewer(run).run
    with pytest.raises(RunNotFound):
        LogViewer("run_20251031_120000_youtube_abc123")


def test_its_options_are_traits_with_defaults(run: Run) -> None:
    assert synced(LogViewer(run)) == {"run_id": run.run_id, **DEFAULTS}
    assert synced(LogViewer(run, **CHOSEN)) == {"run_id": run.run_id, **CHOSEN}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("height", 10),
        ("height", 10**6),
        ("height", "tall"),
        ("level", "LOUD"),
        ("timestamps", "never"),
        ("theme", "blue"),
        ("follow", "yes"),
        ("line", -1),
        ("mode", "hide"),
    ],
)
def test_an_option_out_of_bounds_is_refused(run: Run, name: str, value: object) -> None:
    with pytest.raises(traitlets.TraitError):
        LogViewer(run, **{name: value})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("heigth", "'heigth'; did you mean 'height'?"),
        ("timestamp", "'timestamp'; did you mean 'timestamps'?"),
        ("colour", "'colour'; the options are case, collapsed, fields"),
        ("run_id", "'run_id'"),
        ("_key", "'_key'"),
    ],
)
def test_an_unknown_option_is_refused(run: Run, name: str, words: str) -> None:
    """ipywidgets accepts any keyword, and does nothing with it."""
    with pytest.raises(TypeError, match=re.escape(f"LogViewer has no option {words}")):
        LogViewer(run, **{name: 3})


def test_an_attribute_similar_to_an_option_is_refused(run: Run) -> None:
    viewer = LogViewer(run)
    with pytest.raises(UnknownOption, match="did you mean 'height'"):
        viewer.heigth = 3  # type: ignore[attr-defined]
    viewer.my_own = 3  # type: ignore[attr-defined]
    assert viewer.layout is not None


@pytest.mark.parametrize("level", ["warn,err", "Warning, ERROR", ["warn", logging.ERROR]], ids=str)
def test_levels_are_accepted_as_people_write_them(run: Run, level: Any) -> None:
    viewer = LogViewer(run, level=level)
    assert viewer.level == "WARNING,ERROR"
    viewer.level = level
    assert viewer.level == "WARNING,ERROR"


@pytest.mark.parametrize(
    ("name", "value"), [("height", 10), ("height", "tall"), ("level", "LOUD"), ("mode", "hide")]
)
def test_setting_a_value_out_of_bounds_is_one_sentence(run: Run, name: str, value: object) -> None:
    """An error of traitlets would show all of its frames."""
    viewer = LogViewer(run)
    with pytest.raises(InvalidRequest, match=f"{name}.*{value}"):
        setattr(viewer, name, value)


def test_a_line_to_stay_at_and_following_exclude_each_other(run: Run) -> None:
    viewer = LogViewer(run, line=5)
    assert (viewer.line, viewer.follow) == (5, False)
    viewer.follow = True
    assert (viewer.line, viewer.follow) == (None, True)
    viewer.line = 0
    assert (viewer.line, viewer.follow) == (0, False)


def test_levels_are_written_as_in_the_api(run: Run) -> None:
    assert LogViewer(run, level="warning, error,").level == "WARNING,ERROR"


def test_its_saved_state_is_small_without_log_text_or_secret(
    run: Run,
) -> None:
    """A notebook that is saved with its widgets has this once for each, the script included."""
    viewer = LogViewer(run)
    saved = json.dumps(Widget.get_manager_state(widgets=[viewer, viewer.layout]))
    assert '"_esm"' in saved
    assert len(saved) < STATE_BYTES
    assert "hello>" not in saved
    assert not {"url", "token", "secret", "headers"} & viewer.get_state().keys()


def test_its_bundle_has_the_widget_the_reference_and_the_static_tail(run: Run) -> None:
    viewer = LogViewer(run)
    data, _ = viewer._repr_mimebundle_()
    assert {WIDGET, MIME_TYPE, "text/plain", "text/html"} == data.keys()
    reference = {"run_id": run.run_id, "key": viewer._key, **DEFAULTS}
    assert {**reference, "final": data[MIME_TYPE]["final"]} == data[MIME_TYPE]
    assert "&lt;hello&gt;" in data["text/html"]
    assert data["text/plain"].startswith("hello: completed (exit code 0)\n")


def test_two_viewers_of_a_run_are_distinguished(run: Run) -> None:
    """An output is bound to the widget that it came from, not to another one of the same run."""
    assert LogViewer(run)._key != LogViewer(run)._key


@pytest.mark.parametrize(("mode", "shown"), [("filter", False), ("highlight", True)])
def test_the_static_tail_has_the_lines_that_the_viewer_shows(
    run: Run, mode: str, shown: bool
) -> None:
    data, _ = LogViewer(run, query="^nothing", regex=True, mode=mode)._repr_mimebundle_()
    assert shown is ("&lt;hello&gt;" in data["text/html"])


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"query": "hello -world"}, True),
        ({"query": "hello -hello"}, False),
        ({"query": "hell", "word": True}, False),
        ({"query": "HELLO", "case": True}, False),
    ],
)
def test_the_static_tail_is_filtered_by_the_search_text(
    run: Run, options: dict[str, Any], shown: bool
) -> None:
    data, _ = LogViewer(run, mode="filter", **options)._repr_mimebundle_()
    assert shown is ("&lt;hello&gt;" in data["text/html"])


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter])
@pytest.mark.slow
def test_nbconvert_shows_the_tail(run: Run, exporter: type) -> None:
    """Like a code host, which prefers text/html and text/plain to types that it does not know."""
    data, metadata = LogViewer(run)._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data, metadata=metadata)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("run", outputs=[output])])
    body, _ = exporter().from_notebook_node(notebook)
    assert "prismq-saved" in body
    assert "&lt;hello&gt;" in body
    assert MIME_TYPE not in body


def test_in_ipython_without_a_notebook_a_run_is_its_repr(run: Run) -> None:
    """And a list of lines is the lines, not a list of their reprs."""
    formatter = DisplayFormatter()
    assert formatter.format(run)[0] == {"text/plain": f"<Run hello completed, {run.run_id}>"}
    lines = run.logs()
    assert formatter.format(lines)[0]["text/plain"] == repr(lines)


def test_a_missing_front_end_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(
        PrismqError,
        match=r"not built \(.*widget\.js is missing\).*pip install -e \..*npm run build",
    ):
        static_file("widget.js", tmp_path)
