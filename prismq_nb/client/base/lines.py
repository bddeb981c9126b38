"""`LogLines`: a list of lines that prints as a log.

Log text is hostile, so escape sequences and control characters are removed before it is printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.common.base.plain_text import clean
from prismq_nb.common.base.quantities import counted

if TYPE_CHECKING:
    from prismq_nb.common.log_models import LogLine, LogPage

MAX_REPR_LINES = 200
"""Lines in a repr; `Run.download` is for more."""


def format_line(line: LogLine) -> str:
    """Return a line as text: time of day in UTC to the millisecond, level, message."""
    return f"{line.timestamp[11:23]}Z {line.level:8} {clean(line.message)}"


class LogLines(list["LogLine"]):
    """A list of `LogLine` that prints as a log, as `Run.logs` returns it.

    Attributes:
        total_lines: number of lines in the whole log.
        truncated: whether there are more matches than were returned.
        next_after: number of the last line examined; ``run.logs(after=lines.next_after)`` continues
            from there.
        sgr: colours in effect before the first line, as an SGR sequence per stream.
        drawn: for the numbers of lines that were redrawn, their frames and rows; see
            `LogPage.drawn`.
    """

    def __init__(self, page: LogPage) -> None:
        """Copy the lines and attributes of a response."""
        super().__init__(page.logs)
        self.total_lines = page.total_lines
        self.truncated = page.truncated
        self.next_after = page.next_after
        self.sgr = page.sgr or {}
        self.drawn = page.drawn or {}

    def __repr__(self) -> str:
        if not self:
            return (
                "(no matches yet; run.search() searches the whole log)"
                if self.truncated
                else "(no lines)"
            )
        omitted = len(self) - MAX_REPR_LINES
        head = [f"... {counted(omitted, 'earlier line')}"] if omitted > 0 else []
        return "\n".join([*head, *(format_line(line) for line in self[-MAX_REPR_LINES:])])

    # IPython's signature
    def _repr_pretty_(self, printer: object, cycle: bool) -> None:  # noqa: ARG002
        printer.text(repr(self))  # type: ignore[attr-defined]  # IPython ignores the repr of a list
