"""What a notice says: of one run, or of many that ended at the same time. Pure.

It has nothing of the log unless the launch asked for lines: whoever gets it may not be meant to see
what a program prints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.common.base import state
from prismq_nb.common.base.plain_text import clean, shorten
from prismq_nb.common.base.quantities import counted, duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismq_nb.common.models import RunInfo

NAME_CHARS = 200
MAX_LISTED = 20
"""Most runs that a notice of many names; failed ones come first."""
_KINDS = {state.COMPLETED: "success", state.FAILED: "failure", state.CANCELLED: "warning"}
_WORST_FIRST = (state.FAILED, state.CANCELLED, state.COMPLETED)


class Message(NamedTuple):
    """A notice in words.

    Attributes:
        title: one line.
        body: plain text.
        kind: ``success``, ``warning`` or ``failure``, by which services choose a colour or an icon.
    """

    title: str
    body: str
    kind: str


def of_run(run: RunInfo, link: str | None, lines: Sequence[str] = ()) -> Message:
    """Return the notice of one run.

    Args:
        run: the run, which has ended.
        link: address of its page, if it is known.
        lines: of its log.
    """
    parts = [_sentence(run), *([link] if link else []), *(["", *lines] if lines else [])]
    return Message(f"{_name(run)} {run.status}", "\n".join(parts), _KINDS[run.status])


def of_runs(runs: Sequence[RunInfo], link: str | None) -> Message:
    """Return the notice of several runs that ended at the same time; `link` leads to the list."""
    ordered = sorted(runs, key=lambda run: _WORST_FIRST.index(run.status))
    failed = sum(run.status == state.FAILED for run in runs)
    title = (
        f"{counted(len(runs), 'run')} ended, {f'{failed:,} failed' if failed else 'none failed'}"
    )
    parts = [*map(_sentence, ordered[:MAX_LISTED])]
    if len(runs) > MAX_LISTED:
        parts.append(f"and {len(runs) - MAX_LISTED:,} more")
    return Message(title, "\n".join([*parts, *([link] if link else [])]), _KINDS[ordered[0].status])


def _sentence(run: RunInfo) -> str:
    seconds = run.duration_seconds
    after = "" if seconds is None else f" after {duration(seconds)}"
    return f"{_name(run)} {run.status}{after}"


def _name(run: RunInfo) -> str:
    return shorten(clean(run.module_name), NAME_CHARS)
