"""Lists of lines that a person can read as they are printed.

Apart from run.py because it is only about showing. Log text is hostile (DESIGN 7): what is printed here has no escape sequence and no control
character left, so that a terminal shows it and does not obey it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.common.base.plain_text import clean

if TYPE_CHECKING:
    from prismq_nb.common.log_models import LogLine, LogPage

__all__ = ["LogLines", "line_text"]

SHOWN_LINES = 200
"""Lines in one repr: more would fill a notebook with what `download` is for."""


def line_text(line: LogLine) -> str:
    """One line for people: time of day in UTC (``Z``) to the millisecond, level, message."""
    return f"{line.timestamp[11:23]}Z {line.level:8} {clean(line.message)}"


class LogLines(list["LogLine"]):
    """What `Run.logs` returns: a list of `LogLine` that prints as a log.

    Attributes:
        total_lines: lines in the whole log when it was asked.
        truncated: lines that match were left out.
        next_after: the last line looked at: ``run.logs(after=lines.next_after)`` goes on from here.
        sgr: per stream, the colours that lines before the first one left in force, as one SGR
            sequence; empty where there are none.
        drawn: by number, of lines that were drawn over: how many earlier frames they have, and two
            rows (see `LogPage.drawn`).
    """

    def __init__(self, page: LogPage) -> None:
        """Take the lines of an answer, and what it says about them."""
        super().__init__(page.logs)
        self.total_lines = page.total_lines
        self.truncated = page.truncated
        self.next_after = page.next_after
        self.sgr = page.sgr or {}
        self.drawn = page.drawn or {}

    def __repr__(self) -> str:
        if not self:
            return "(no matching lines so far; run.search() searches the whole log)" if self.truncated else "(no lines)"
        left_out = len(self) - SHOWN_LINES
        head = [f"... {left_out:,} lines before these"] if left_out > 0 else []
        return "\n".join([*head, *(line_text(line) for line in self[-SHOWN_LINES:])])

    def _repr_pretty_(self, printer: object, cycle: bool) -> None:  # noqa: ARG002 - IPython's signature
        printer.text(repr(self))  # type: ignore[attr-defined]  # without this, IPython prints a list's items, whatever its repr
