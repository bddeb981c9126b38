"""The static tail: what is left of a viewer where no widget can run."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from msgspec import convert
from support.fake_server import record

from prismq_nb.client.lines import LogLines
from prismq_nb.errors import ServerUnreachable
from prismq_nb.models import LogLine, LogPage, Run
from prismq_nb.notebook import tail
from prismq_nb.notebook.tail import static_tail

HOSTILE = "<script>alert(1)</script> \x1b[31mred\x1b[0m \x1b]8;;javascript:x\x07link\x1b]8;;\x07 \x07"


class OneRun:
    """A run with a log that a test makes up."""

    module_name = "collect"

    def __init__(self, logs: Callable[[], LogLines], **fields: object) -> None:
        self._logs = logs
        self.record = convert(record(**fields), Run)

    def __repr__(self) -> str:
        return "<Run collect running>"

    def logs(self, tail: int, level: str | None, q: str | None, regex: bool) -> LogLines:
        self.asked = (tail, level, q, regex)
        return self._logs()


def log(*messages: str, level: str = "INFO", total: int | None = None) -> LogLines:
    """Lines with these messages."""
    lines = [LogLine(n, f"2025-10-31T12:00:00.{n:06d}Z", level, message, "stdout") for n, message in enumerate(messages)]
    return LogLines(LogPage("run", lines, total or len(lines), truncated=False, next_after=len(lines) - 1))


def test_it_has_the_lines_as_text_and_as_html() -> None:
    bundle = static_tail(OneRun(lambda: log("one", "two")))
    assert bundle["text/plain"] == "<Run collect running>\n12:00:00.000 INFO     one\n12:00:00.000 INFO     two"
    assert '<span class="prismq-tail-line prismq-level-info">12:00:00.000 INFO     one</span>' in bundle["text/html"]


def test_it_has_what_the_viewer_shows() -> None:
    """At most 200 lines, of the viewer's levels and with its text."""
    run = OneRun(log)
    static_tail(run, level="WARNING,ERROR", query="429")
    assert run.asked == (200, "WARNING,ERROR", "429", False)
    static_tail(run, query="4..", regex=True)
    assert run.asked == (200, None, "4..", True)
    static_tail(run)
    assert run.asked == (200, None, None, False)


def test_a_run_that_has_just_started_shows_its_name_only() -> None:
    bundle = static_tail(OneRun(log))
    assert bundle == {
        "text/plain": "<Run collect running>",
        "text/html": '<div class="prismq-tail"><code class="prismq-tail-head">&lt;Run collect running&gt;</code></div>',
    }


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
def test_levels_are_classes(level: str) -> None:
    assert f"prismq-level-{level.lower()}" in static_tail(OneRun(lambda: log("x", level=level)))["text/html"]


def test_the_text_of_a_log_is_only_ever_text() -> None:
    """No markup, no escape sequence, no control character; also not in the name of a level."""
    bundle = static_tail(OneRun(lambda: log(HOSTILE, level='"><b>')))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; red link </span>" in bundle["text/html"]
    assert "<b>" not in bundle["text/html"]
    assert bundle["text/plain"].splitlines()[1].endswith("<script>alert(1)</script> red link ")
    assert not set("\x1b\x07") & set("".join(bundle.values()))


def test_it_says_what_it_leaves_out() -> None:
    assert "(the newest 1 of 1,234 lines)" in static_tail(OneRun(lambda: log("x", total=1234)))["text/plain"]


def test_a_long_message_is_cut() -> None:
    assert "(1,000,000 characters)" in static_tail(OneRun(lambda: log("x" * 1_000_000)))["text/html"]
    assert len(static_tail(OneRun(lambda: log("x" * 1_000_000)))["text/html"]) < 3000


def test_an_error_becomes_a_short_text() -> None:
    """Whatever is wrong must not keep the viewer from being shown."""

    def fail() -> LogLines:
        raise ServerUnreachable("The Jupyter server does not answer")

    assert static_tail(OneRun(fail))["text/plain"] == "<Run collect> (its log could not be read: The Jupyter server does not answer)"


def test_a_slow_server_does_not_hold_up_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "TAIL_SECONDS", 0.05)
    answer = threading.Event()

    def wait() -> LogLines:
        answer.wait(30)
        return log()

    assert "took too long" in static_tail(OneRun(wait))["text/plain"]
    answer.set()


def test_notes_stand_below_the_state_and_are_only_ever_text() -> None:
    bundle = static_tail(OneRun(lambda: log("one"), notes=["nohup was dropped.", "\x1b[31m<b>x"]))
    head = ["<Run collect running>", "Note: nohup was dropped.", "Note: <b>x"]
    assert bundle["text/plain"].splitlines()[:3] == head
    assert "<br>Note: nohup was dropped.<br>Note: &lt;b&gt;x</code>" in bundle["text/html"]
