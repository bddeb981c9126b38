"""The output of a list of runs: its query for our extension, and a table as text and HTML.

The extension repeats the query and shows a live table. A saved notebook contains the table as of
the execution of the cell, in at most 60 kB. A list with conditions that the live table does not
have, such as an order, has only the latter.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from prismq_nb.client.runs_table import COLUMNS, hidden_count, row_cells
from prismq_nb.notebook.front_end import is_standalone_voila

if TYPE_CHECKING:
    from prismq_nb.client.runs_table import Runs

MIME_TYPE = "application/vnd.prismq.runs+json"
SAVED_RUNS = 50
"""Newest runs that a saved notebook contains, at up to 1 kB each."""
_LIVE = frozenset({"q", "status", "module_id", "limit", "offset"})
"""Conditions that the live table has; it would show other runs than a list with more of them."""

# readable on white and on black, because exported notebooks may have either
_COLORS = {"completed": "#2e9b57", "failed": "#dc322f", "running": "#268bd2"}
_LEFT = 'style="text-align: left; white-space: nowrap"'
_RIGHT = 'style="text-align: right; white-space: nowrap"'
_NUMERIC = frozenset({"duration", "lines", "errors"})


def mime_bundle(runs: Runs) -> dict[str, Any]:
    """Return the MIME bundle of a list of runs."""
    as_of = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    query = {name: value for name, value in runs.query.items() if value is not None}
    plain = f"{runs.text(SAVED_RUNS)}\n(as of {as_of})"
    texts = {"text/plain": plain, "text/html": _html(runs, as_of)}
    is_live = _LIVE.issuperset(query) and "," not in str(query.get("status", ""))
    return {MIME_TYPE: query, **texts} if is_live and not is_standalone_voila() else texts


def _html(runs: Runs, as_of: str) -> str:
    rows = "\n".join(_row(run.info.status, row_cells(run.info)) for run in runs[:SAVED_RUNS])
    head = "".join(
        f'<th scope="col" {_alignment(name)}>{name[0].upper()}{name[1:]}</th>' for name in COLUMNS
    )
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    more = hidden_count(runs, SAVED_RUNS)
    also = f"{more:,} more. " if more else ""
    body = table if runs else "<p>No runs.</p>"
    return f'<div class="prismq-saved">\n{body}\n<p><small>{also}As of {as_of}.</small></p>\n</div>'


def _row(status: str, texts: tuple[str, ...]) -> str:
    color = _COLORS.get(status, "#808080")
    first, *others = (escape(text, quote=False) for text in texts)
    status_cell = f'<strong style="color: {color}">{first}</strong>'
    placed = zip(COLUMNS, (status_cell, *others), strict=True)
    return f"<tr>{''.join(f'<td {_alignment(name)}>{text}</td>' for name, text in placed)}</tr>"


def _alignment(column: str) -> str:
    return _RIGHT if column in _NUMERIC else _LEFT
