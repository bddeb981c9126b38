"""The static tail of a log: what is left of a viewer where no widget can run (nbconvert, GitHub, a saved notebook without a kernel).

Apart from viewer.py because it is pure text, and must be quick: it is made each time that a run is displayed.
"""

from __future__ import annotations

from html import escape
from threading import Thread
from typing import TYPE_CHECKING

from prismq_nb.client.lines import clean, line_text
from prismq_nb.client.run_words import notes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismq_nb.client.run import Run
    from prismq_nb.models import LogLine

__all__ = ["TAIL_LINES", "static_tail"]

TAIL_LINES = 200
TAIL_SECONDS = 1.0
"""How long displaying a run may take because of its tail. Without a bound, a busy server would hold up the cell that was to show it."""

# Readable on white and on black, because whoever converts the notebook chooses the page.
_COLOURS = {"DEBUG": "#808080", "WARNING": "#b58900", "ERROR": "#dc322f", "CRITICAL": "#dc322f; font-weight: bold"}


def static_tail(run: Run, *, level: str = "", query: str = "", regex: bool = False) -> dict[str, str]:
    """``text/plain`` and ``text/html`` of the newest `TAIL_LINES` lines, within `TAIL_SECONDS` and never an exception.

    Args:
        run: whose log it is.
        level: only these levels, separated by commas; empty: all.
        query: only lines with this text; empty: all.
        regex: `query` is a regular expression.
    """
    found: list[tuple[list[str], Sequence[LogLine], int]] = []

    def ask() -> None:
        try:
            lines = run.logs(tail=TAIL_LINES, level=level or None, q=query or None, regex=regex and bool(query))
            head = [repr(run), *(f"Note: {note}" for note in notes(run.record))]
            found.append((head, lines, lines.total_lines))
        except Exception as error:  # noqa: BLE001 - whatever is wrong must not keep the viewer from being shown; the text says it
            failure = f"<Run {run.module_name}> (its log could not be read: {error})"
            found.append(([failure], (), 0))

    worker = Thread(target=ask, name="prismq-tail", daemon=True)
    worker.start()
    worker.join(TAIL_SECONDS)
    slow = [f"<Run {run.module_name}> (its log took too long to read)"]
    head, lines, total = found[0] if found else (slow, (), 0)
    if total > len(lines) > 0:
        head[0] += f" (the newest {len(lines)} of {total:,} lines)"
    return {"text/plain": _plain(head, lines), "text/html": _html(head, lines)}


def _plain(head: list[str], lines: Sequence[LogLine]) -> str:
    return "\n".join([*head, *(line_text(line) for line in lines)])


def _html(head: list[str], lines: Sequence[LogLine]) -> str:
    rows = "\n".join(_row(line) for line in lines)
    log = f'\n<pre class="prismq-tail-lines" style="max-height: 30em; overflow: auto">{rows}</pre>' if rows else ""
    text = "<br>".join(map(escape, head))
    return f'<div class="prismq-tail"><code class="prismq-tail-head">{text}</code>{log}</div>'


def _row(line: LogLine) -> str:
    level = line.level if line.level in (*_COLOURS, "INFO") else "INFO"
    colour = f' style="color: {_COLOURS[level]}"' if level in _COLOURS else ""
    text = f"{line.timestamp[11:23]} {level:8} {clean(line.message)}"
    return f'<span class="prismq-tail-line prismq-level-{level.lower()}"{colour}>{escape(text)}</span>'
