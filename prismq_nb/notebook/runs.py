"""What a cell holds of a list of runs: the question for our extension, and a table as text and HTML.

The extension asks the question again and shows a live table. What a notebook saves is the table as
of the moment in which the cell was executed, below 60 kB however many runs there are.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from prismq_nb.client.runs_table import COLUMNS, cells, left_out
from prismq_nb.notebook.front_end import is_voila_alone

if TYPE_CHECKING:
    from prismq_nb.client.runs_table import Runs

__all__ = ["MIME_TYPE", "SAVED_RUNS", "bundle"]

MIME_TYPE = "application/vnd.prismq.runs+json"
SAVED_RUNS = 50
"""Newest runs that a notebook keeps: each takes up to 1 kB of it."""

# Readable on white and on black, because whoever converts the notebook chooses the page.
_COLORS = {"completed": "#2e9b57", "failed": "#dc322f", "running": "#268bd2"}
_LEFT = 'style="text-align: left; white-space: nowrap"'
_RIGHT = 'style="text-align: right; white-space: nowrap"'
_FIGURES = frozenset({"duration", "lines", "errors"})


def bundle(runs: Runs) -> dict[str, Any]:
    """Return the MIME bundle of a list of runs."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    question = {name: value for name, value in runs.query.items() if value is not None}
    plain = f"{runs.text(SAVED_RUNS)}\n(as of {now})"
    texts = {"text/plain": plain, "text/html": _html(runs, now)}
    return texts if is_voila_alone() else {MIME_TYPE: question, **texts}


def _html(runs: Runs, now: str) -> str:
    rows = "\n".join(_row(run.record.status, cells(run.record)) for run in runs[:SAVED_RUNS])
    head = "".join(f'<th scope="col" {_place(name)}>{name[0].upper()}{name[1:]}</th>' for name in COLUMNS)
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    more = left_out(runs, SAVED_RUNS)
    also = f"{more:,} more. " if more else ""
    shown = table if runs else "<p>No runs.</p>"
    return f'<div class="prismq-saved">\n{shown}\n<p><small>{also}As of {now}.</small></p>\n</div>'


def _row(status: str, texts: tuple[str, ...]) -> str:
    color = _COLORS.get(status, "#808080")
    first, *others = (escape(text, quote=False) for text in texts)
    said = f'<strong style="color: {color}">{first}</strong>'
    placed = zip(COLUMNS, (said, *others), strict=True)
    return f"<tr>{''.join(f'<td {_place(name)}>{text}</td>' for name, text in placed)}</tr>"


def _place(column: str) -> str:
    return _RIGHT if column in _FIGURES else _LEFT
