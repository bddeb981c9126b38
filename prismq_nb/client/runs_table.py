"""`Runs`: a list of runs that prints as a table; a notebook shows it as a live table.

Escape sequences and control characters are removed. Printing makes no request: the table shows the
state of the runs as they were listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prismq_nb.client.base.notice import in_kernel
from prismq_nb.common.base.plain_text import clean
from prismq_nb.common.base.quantities import duration
from prismq_nb.common.base.state import CELL
from prismq_nb.common.run_words import describe, utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prismq_nb.client.run.run import Run
    from prismq_nb.common.models import RunInfo

COLUMNS = ("status", "name", "started (UTC)", "duration", "lines", "errors", "run id")
_RIGHT = frozenset({"duration", "lines", "errors"})
"""Numeric columns, aligned to the right."""
_MAX_CHARS = 40
"""Width of the widest cell; ids are shown in full, so that they can be copied."""


class Runs(list["Run"]):
    """A list of `Run` that prints as a table, as `prismq_nb.runs` returns it.

    In JupyterLab and Notebook 7 the table is live: it shows the current results of the query.

    Attributes:
        total: number of all runs that match, in the list or not.
        query: the conditions, see `RunQuery`.
        counts: number of runs of each status that meet all conditions except that of the status;
            None: not known yet, because the server has just started.
    """

    def __init__(
        self,
        runs: Iterable[Run],
        total: int,
        query: Mapping[str, Any],
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """`runs`: the runs of one page; the others: see the class."""
        super().__init__(runs)
        self.total = total
        self.query = dict(query)
        self.counts = None if counts is None else dict(counts)

    def __repr__(self) -> str:
        return self.text()

    def text(self, limit: int | None = None) -> str:
        """Return the table of the newest `limit` runs; None: of all."""
        if not self:
            return "(no runs)"
        rows = [COLUMNS, *(row_cells(run.info) for run in self[:limit])]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [_line(row, widths) for row in rows]
        more = hidden_count(self, limit)
        return "\n".join([*lines, *([f"... {more:,} more"] if more else [])])

    # IPython's signature
    def _repr_pretty_(self, printer: object, cycle: bool) -> None:  # noqa: ARG002
        printer.text(repr(self))  # type: ignore[attr-defined]  # IPython ignores the repr of a list

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any] | None:
        """Return the live table for a notebook, with the text that the saved notebook keeps."""
        if not in_kernel():
            return None
        # the display is a layer above, so it is reached through the package root
        import prismq_nb  # noqa: PLC0415

        return prismq_nb._runs_bundle(self)  # type: ignore[no-any-return]  # noqa: SLF001


def row_cells(info: RunInfo) -> tuple[str, ...]:
    """Return the cells of a run, a text for each of `COLUMNS`."""
    seconds = info.duration_seconds
    errors = int(info.records.get("ERROR", 0)) + int(info.records.get("CRITICAL", 0))
    more = "+" if errors and not info.records.get("complete", True) else ""
    attempt = f" (attempt {info.attempt})" if info.attempt > 1 else ""
    cell = " (cell)" if info.kind == CELL else ""
    texts = (
        describe(info),
        clean(info.module_name) + cell + attempt,
        utc(info.started_at or info.created_at),
        "" if seconds is None else duration(seconds),
        f"{info.lines:,}",
        f"{errors:,}{more}",
    )
    return (*(_cut(text) for text in texts), info.run_id)


def hidden_count(runs: Runs, limit: int | None) -> int:
    """Return the number of matching runs that a table of the newest `limit` does not show."""
    return max(0, runs.total - int(runs.query.get("offset", 0)) - len(runs[:limit]))


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_CHARS else f"{text[: _MAX_CHARS - 1]}…"


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    placed = zip(COLUMNS, row, widths, strict=True)
    texts = [
        text.rjust(width) if name in _RIGHT else text.ljust(width) for name, text, width in placed
    ]
    return "  ".join(texts).rstrip()
