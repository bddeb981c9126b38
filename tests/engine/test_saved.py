"""The text that a saved notebook keeps of a run."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from msgspec import convert
from support.fake_server import record

from prismq_nb.common.log_models import LogLine, LogPage, SavedText
from prismq_nb.common.models import RunInfo
from prismq_nb.engine.read.saved import SAVED_LINES, saved_text

NOW = "2025-10-31T12:30:00.000000Z"
COUNTS = {"DEBUG": 0, "INFO": 5, "WARNING": 2, "ERROR": 1, "CRITICAL": 0, "complete": True}
ENDED = {
    "status": "completed",
    "exit_code": 0,
    "started_at": "2025-10-31T12:00:00.500000Z",
    "completed_at": "2025-10-31T12:05:02.500000Z",
    "duration_seconds": 302.0,
    "levels": COUNTS,
    "records": COUNTS,
}
NOTEBOOK_BYTES = 60_000


def saved(
    *messages: str,
    level: str = "INFO",
    total: int | None = None,
    command: str = "python train.py",
    **fields: object,
) -> SavedText:
    lines = [
        LogLine(n, f"2025-10-31T12:00:00.{n:06d}Z", level, text, "stdout")
        for n, text in enumerate(messages)
    ]
    page = LogPage(
        "run",
        lines,
        len(lines) if total is None else total,
        truncated=False,
        next_after=len(lines) - 1,
    )
    return saved_text(convert(record(**fields), RunInfo), command, page, NOW)


def notebook_bytes(text: SavedText) -> int:
    """What it adds to a file written by nbformat, which stores texts as lists of lines."""
    data = {
        "text/plain": text.plain.splitlines(keepends=True),
        "text/html": text.html.splitlines(keepends=True),
    }
    return len(
        json.dumps(
            {"cells": [{"outputs": [{"data": data}]}]}, indent=1, ensure_ascii=False
        ).encode()
    )


def test_an_ended_run_is_described_completely():
    text = saved("one", "two", total=1234, **ENDED)
    assert text.plain.splitlines() == [
        "collect: completed (exit code 0)",
        "$ python train.py",
        f"{text.run_id} · 2025-10-31 12:00:00 UTC to 12:05:02 UTC (5 min 2 s)",
        "1,234 lines, 1 error, 2 warnings; the newest 2:",
        "12:00:00.000Z INFO     one",
        "12:00:00.000Z INFO     two",
    ]
    assert text.final


def test_a_live_run_says_when_that_was_true():
    text = saved("one", status="running", started_at=ENDED["started_at"])
    assert text.plain.splitlines()[0] == "collect: running, as of 2025-10-31 12:30:00 UTC"
    assert " · started 2025-10-31 12:00:00 UTC" in text.plain.splitlines()[2]
    assert not text.final


@pytest.mark.parametrize(
    "change",
    [
        {"output_open": True},
        {"levels": {**COUNTS, "complete": False}},
        {"records": {**COUNTS, "complete": False}},
        {"status": "running"},
    ],
    ids=["output-open", "levels", "records", "running"],
)
def test_the_text_is_final_when_nothing_can_change(change):
    assert not saved(**{**ENDED, **change}).final


def test_incomplete_counts_say_so():
    assert (
        "1+ errors, 2+ warnings"
        in saved("x", **{**ENDED, "records": {**COUNTS, "complete": False}}).plain
    )


def test_the_duration_is_told():
    assert "(1 h 2 min)" in saved(**{**ENDED, "duration_seconds": 3725.0}).plain


def test_an_end_on_another_day_has_its_date():
    assert (
        "12:00:00 UTC to 2025-11-01 00:01:00 UTC"
        in saved(**{**ENDED, "completed_at": "2025-11-01T00:01:00.000000Z"}).plain
    )


def test_levels_have_colors():
    assert (
        '<span style="color: #dc322f">12:00:00.000Z ERROR    x</span>'
        in saved("x", level="ERROR").html
    )
    assert "<span" not in saved("x", level="INFO").html


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


MARKUP = (
    "<script>alert(1)</script> \x1b[31mred\x1b[0m \x1b]8;;javascript:x\x07link\x1b]8;;\x07"
    " \x07</pre><img src=x onerror=alert(1)>&lt;\"'"
)


def test_log_text_never_becomes_markup():
    fields = {
        "module_name": MARKUP,
        "error_message": MARKUP,
        "notes": [MARKUP],
        "host": MARKUP,
        "unreachable": True,
    }
    text = saved(MARKUP, command=MARKUP, status="running", **fields)
    page = _Tags()
    page.feed(text.html)
    assert {"div", "p", "strong", "code", "small", "br", "pre"} == set(page.tags)
    assert (
        page.text.count(
            "<script>alert(1)</script> red link </pre><img src=x onerror=alert(1)>&lt;\"'"
        )
        >= 5
    )
    assert not set("\x1b\x07") & set(text.plain + text.html)


HOSTILE = {
    "long": "x" * 1_000_000,
    "ampersands": "&<>" * 5000,
    "emoji": "😀" * 10_000,
    "quotes": '"\\' * 5000,
    "colored": "\x1b[31mx\x1b[0m" * 10_000,
    "line separators": "\u2028" * 5000,
    "wide": "漢字" * 5000,
    "half a character": "\ud800" * 5000,
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.slow
def test_a_notebook_grows_by_less_than_60_kb_whatever_the_lines(line):
    notes = [line] * 20
    text = saved(
        *[line] * SAVED_LINES,
        level="CRITICAL",
        command=line,
        module_name=line,
        error_message=line,
        notes=notes,
        total=10**9,
    )
    assert len(text.plain.splitlines()) >= SAVED_LINES
    assert notebook_bytes(text) < NOTEBOOK_BYTES


def test_short_lines_stay_whole_beside_long_ones():
    text = saved("short", *["&" * 2000] * 199)
    assert "12:00:00.000Z INFO     short\n" in text.plain
    assert notebook_bytes(text) < NOTEBOOK_BYTES


def test_lines_of_ordinary_length_stay_whole():
    line = "epoch 12 step 3400 loss=0.1234 accuracy=0.9876 lr=3e-4"
    assert saved(*[line] * SAVED_LINES).plain.count(line) == SAVED_LINES
