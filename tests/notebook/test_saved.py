"""The static output of a run besides the widget, whatever the server does."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from support.waiting import WAIT_SECONDS

from prismq_nb.common.log_models import SavedText
from prismq_nb.errors import RunNotFound, ServerUnreachable
from prismq_nb.notebook import saved
from prismq_nb.notebook.saved import MIME_TYPE, mime_bundle, saved_text

RUN_ID = "run_20251031_120000_collect_abc123"
TEXT = SavedText(
    RUN_ID,
    "completed",
    final=True,
    total_lines=1,
    plain="collect: completed\none",
    html="<p>one</p>",
)


class OneRun:
    """A run of a simulated server."""

    module_name = "<collect>"
    run_id = RUN_ID

    def __init__(self, answer: Callable[[], SavedText]) -> None:
        self._answer = answer

    def _saved(self, **query: object) -> SavedText:
        self.asked = query
        return self._answer()


def raising(error: Exception) -> OneRun:
    def answer() -> SavedText:
        raise error

    return OneRun(answer)


def test_a_bundle_has_the_reference_and_both_texts() -> None:
    reference = {"run_id": RUN_ID, "key": "k", "final": True}
    assert mime_bundle(TEXT, key="k") == {
        MIME_TYPE: reference,
        "text/plain": TEXT.plain,
        "text/html": TEXT.html,
    }


def test_it_requests_what_the_viewer_shows() -> None:
    run = OneRun(lambda: TEXT)
    assert saved_text(run, level="WARNING,ERROR", q=["4.."], regex=True) == TEXT
    assert run.asked == {"level": "WARNING,ERROR", "q": ["4.."], "regex": True}
    saved_text(run)
    assert run.asked == {}


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (
            RunNotFound("there is nothing at /api/runs/x"),
            saved.GONE,
            "its log is no longer on the server",
        ),
        (
            ServerUnreachable("The server does not answer"),
            saved.UNKNOWN,
            "cannot read its log: The server does not answer",
        ),
        (
            ZeroDivisionError("<b>"),
            saved.UNKNOWN,
            "cannot read its log: ZeroDivisionError('<b>')",
        ),
    ],
    ids=["gone", "away", "anything"],
)
def test_an_error_becomes_a_short_text(error: Exception, status: str, says: str) -> None:
    text = saved_text(raising(error))
    assert (text.status, text.final, text.plain) == (status, False, f"<collect>: {says} ({RUN_ID})")
    assert "&lt;collect&gt;" in text.html
    assert "<b>" not in text.html


def test_a_slow_server_does_not_delay_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "SAVED_SECONDS", 0.05)
    answer = threading.Event()

    def wait() -> SavedText:
        answer.wait(WAIT_SECONDS)
        return TEXT

    assert "took too long" in saved_text(OneRun(wait)).plain
    answer.set()
