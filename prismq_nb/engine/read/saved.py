"""The run as a saved notebook shows it: plain text and HTML, where there is no viewer.

Made here only, because kernel and front end both write it into notebooks and must write the same: a
notebook should not change without a reason. Log text is hostile, so the result has no escape
sequence, no control character and no markup from it. Pure.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from prismq_nb.common.base import state
from prismq_nb.common.base.plain_text import clean
from prismq_nb.common.base.quantities import counted, duration
from prismq_nb.common.base.state import CELL, ENDED
from prismq_nb.common.log_models import SavedText
from prismq_nb.common.run_words import describe, notes, utc
from prismq_nb.engine.read.truncate_rows import truncate_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismq_nb.common.log_models import LogLine, LogPage
    from prismq_nb.common.models import RunInfo

SAVED_LINES = 200
"""Number of newest lines that a notebook keeps."""
LINES_BYTES, HEAD_BYTES = 48_000, 8_000
"""Maximum bytes in a notebook file of all lines, and of what is above them, in both forms. The
rest, up to 60,000 bytes, is for ids, times, counts and markup."""
REMARKS = 5
"""Maximum number of notes and messages above the lines."""

# Readable on white and on black, because whoever converts the notebook chooses the page.
_LEVEL_COLORS = {
    "DEBUG": "#808080",
    "WARNING": "#b58900",
    "ERROR": "#dc322f",
    "CRITICAL": "#dc322f",
}
_STATUS_COLORS = {"completed": "#2e9b57", "failed": "#dc322f", "running": "#268bd2"}
_OTHER_COLOR = "#808080"
_LOG_STYLE = "display: flex; flex-direction: column-reverse; max-height: 30em; overflow: auto"
"""Reversed, so it is scrolled to the newest lines without a script."""
_PRE_STYLE = "flex: none; margin: 0; font-family: monospace; line-height: 1.35"
_LINE_ENDS = {0x2028: " ", 0x2029: " "}
"""Line ends for Python's `splitlines`, and so for nbformat."""


def saved_text(run: RunInfo, command: str, page: LogPage, now: str | None = None) -> SavedText:
    """Return what a notebook keeps of a run.

    Args:
        run: the run as it is now.
        command: what it runs, for people; masked.
        page: its newest lines, at most `SAVED_LINES`.
        now: the time of all that, ISO 8601 in UTC; default: the present.
    """
    head = _Head(run, command, page, now or state.iso(state.now_us()))
    rows = [(line.level, row) for line, row in zip(page.logs, _rows(page.logs), strict=True)]
    return SavedText(
        run_id=run.run_id,
        status=run.status,
        final=_is_final(run),
        total_lines=page.total_lines,
        plain="\n".join([*head.plain(), *(row for _, row in rows)]),
        html=_html(head, rows),
    )


def _is_final(run: RunInfo) -> bool:
    """Return whether the text will not change any more."""
    is_counted = run.levels.get("complete") is True and run.records.get("complete") is True
    return run.status in ENDED and not run.output_open and is_counted


def _rows(lines: Sequence[LogLine]) -> list[str]:
    """Return each line as text, cut if all of them are too long; times are in UTC."""
    rows = [
        f"{line.timestamp[11:23]}Z {line.level:8} {_plain_text(line.message)}" for line in lines
    ]
    return truncate_rows(rows, LINES_BYTES)


class _Head:
    """What is above the lines."""

    def __init__(self, run: RunInfo, command: str, page: LogPage, now: str) -> None:
        remarks = [text for text in (run.error_message, *notes(run)) if text][:REMARKS]
        command = command.replace("'(code)'", "(code)", 1)  # a placeholder for source text
        texts = [
            _plain_text(text) for text in (run.module_name, _state(run, now), command, *remarks)
        ]
        self.name, self.state, self.command, *self.remarks = truncate_rows(texts, HEAD_BYTES)
        self.status = run.status
        attempt = f" · attempt {run.attempt}" if run.attempt > 1 else ""
        self.facts = f"{run.run_id}{attempt} · {_times(run)}"
        self.counts = _counts(run, page)

    def plain(self) -> list[str]:
        """Return its lines as text."""
        command = [f"$ {self.command}"] if self.command else []
        return [f"{self.name}: {self.state}", *command, self.facts, *self.remarks, self.counts]

    def html(self) -> str:
        """Return it as HTML."""
        color = _STATUS_COLORS.get(self.status, _OTHER_COLOR)
        name = f"<strong>{_html_text(self.name)}</strong>: "
        parts = [f'{name}<strong style="color: {color}">{_html_text(self.state)}</strong>']
        if self.command:
            parts.append(f"<code>$ {_html_text(self.command)}</code>")
        parts += [
            f"<small>{_html_text(text)}</small>"
            for text in (self.facts, *self.remarks, self.counts)
        ]
        return "<br>\n".join(parts)


def _html(head: _Head, rows: Sequence[tuple[str, str]]) -> str:
    lines = "\n".join(_colored(level, row) for level, row in rows)
    log = (
        f'\n<div style="{_LOG_STYLE}"><pre style="{_PRE_STYLE}">{lines}</pre></div>' if rows else ""
    )
    return f'<div class="prismq-saved"><p style="margin: 0 0 .5em">{head.html()}</p>{log}\n</div>'


def _colored(level: str, row: str) -> str:
    color = _LEVEL_COLORS.get(level)
    text = _html_text(row)
    return f'<span style="color: {color}">{text}</span>' if color else text


def _html_text(text: str) -> str:
    return escape(text, quote=False)  # it is between tags, never within one


def _plain_text(text: str) -> str:
    """Return a text on one line that every encoder accepts: paths may not be UTF-8."""
    return clean(text).translate(_LINE_ENDS).encode("utf-8", "replace").decode()


def _state(run: RunInfo, now: str) -> str:
    """Return the status with the exit code; of an active run, with the time."""
    if run.status not in ENDED:
        return f"{describe(run)}, as of {_utc(now)}"
    is_told = run.kind == CELL and run.exit_code in (0, 1)  # a cell has no exit code of its own
    if run.exit_code is None or is_told:
        return describe(run)
    return f"{describe(run)} (exit code {run.exit_code})"


def _times(run: RunInfo) -> str:
    start, end = run.started_at, run.completed_at
    if start is None:
        return f"created {_utc(run.created_at)}"
    if end is None:
        return f"started {_utc(start)}"
    last = _utc(end) if start[:10] != end[:10] else _utc(end)[11:]
    return f"{_utc(start)} to {last} ({duration(run.duration_seconds or 0)})"


def _utc(iso: str) -> str:
    return f"{utc(iso)} UTC"


def _counts(run: RunInfo, page: LogPage) -> str:
    """Return the number of lines, of errors and of warnings, and which lines are below."""
    errors = int(run.records.get("ERROR", 0)) + int(run.records.get("CRITICAL", 0))
    warnings = int(run.records.get("WARNING", 0))
    more = "" if run.records.get("complete") else "+"
    found = ((errors, "error"), (warnings, "warning"))
    named = [counted(count, word, more) for count, word in found if count]
    said = ", ".join([counted(page.total_lines, "line"), *named])
    shown = len(page.logs)
    return f"{said}; the newest {shown:,}:" if page.total_lines > shown > 0 else said
