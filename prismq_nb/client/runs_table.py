"""`Runs`: a list of runs that prints as a table, and that a notebook shows as a live one.

What is printed has no escape sequence and no control character left (DESIGN 7). Asks nobody: a table
shows what the answer said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prismq_nb.client.base.notice import in_kernel
from prismq_nb.common.base.plain_text import clean
from prismq_nb.common.run_words import describe, duration, utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prismq_nb.client.run.run import Run
    from prismq_nb.common.models import Run as Record

__all__ = ["COLUMNS", "Runs", "cells", "left_out"]

COLUMNS = ("status", "name", "started (UTC)", "duration", "lines", "errors", "run id")
_RIGHT = frozenset({"duration", "lines", "errors"})
"""Columns of figures, which end at the same place."""
_MOST_CHARS = 40
"""Widest cell but for ids, which are whole so that they can be copied."""


class Runs(list["Run"]):
    """What `prismq_nb.runs` returns: a list of `Run`, newest first, that prints as a table.

    In JupyterLab and Notebook 7 the table is live: it shows what the same question gives now.

    Attributes:
        total: runs that match, however many of them are in the list.
        query: what was asked for: `q`, `module_id`, `status`, `limit`, `offset`.
    """

    def __init__(self, runs: Iterable[Run], total: int, query: Mapping[str, Any]) -> None:
        """`runs`: those of this page, newest first; `total`: 0 or more; `query`: see above."""
        super().__init__(runs)
        self.total = total
        self.query = dict(query)

    def __repr__(self) -> str:
        return self.text()

    def text(self, most: int | None = None) -> str:
        """Return the table, of the newest `most` runs or all."""
        if not self:
            return "(no runs)"
        rows = [COLUMNS, *(cells(run.record) for run in self[:most])]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [_line(row, widths) for row in rows]
        more = left_out(self, most)
        return "\n".join([*lines, *([f"... {more:,} more"] if more else [])])

    def _repr_pretty_(self, printer: object, cycle: bool) -> None:  # noqa: ARG002 - IPython's signature
        printer.text(repr(self))  # type: ignore[attr-defined]  # without this, IPython prints a list's items, whatever its repr

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any] | None:
        """In a notebook: the live table, and what a saved notebook keeps of it."""
        if not in_kernel():
            return None
        import prismq_nb  # noqa: PLC0415 - what shows runs is a layer above: it is reached by its name in the root

        return prismq_nb._runs_bundle(self)  # type: ignore[no-any-return]  # noqa: SLF001 - its name is for us alone


def cells(record: Record) -> tuple[str, ...]:
    """Return what a table shows of a run, a text for each of `COLUMNS`."""
    seconds = record.duration_seconds
    errors = int(record.records.get("ERROR", 0)) + int(record.records.get("CRITICAL", 0))
    more = "+" if errors and not record.records.get("complete", True) else ""
    attempt = f" (attempt {record.attempt})" if record.attempt > 1 else ""
    shown = (
        describe(record),
        clean(record.module_name) + attempt,
        utc(record.started_at or record.created_at),
        "" if seconds is None else duration(seconds),
        f"{record.lines:,}",
        f"{errors:,}{more}",
    )
    return (*(_cut(text) for text in shown), record.run_id)


def left_out(runs: Runs, most: int | None) -> int:
    """Return how many runs match that a table of the newest `most` does not show."""
    return max(0, runs.total - int(runs.query.get("offset", 0)) - len(runs[:most]))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CHARS else f"{text[: _MOST_CHARS - 1]}…"


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    placed = zip(COLUMNS, row, widths, strict=True)
    texts = [text.rjust(width) if name in _RIGHT else text.ljust(width) for name, text, width in placed]
    return "  ".join(texts).rstrip()
