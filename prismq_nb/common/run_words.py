"""The state of a run in words, for its handle and for the text of a saved notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.common.base.plain_text import clean
from prismq_nb.common.base.quantities import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismq_nb.common.models import RunInfo

NAMED = 3
"""Maximum number of background processes, or variables, that are named; others are counted."""
NAME_CHARS = 100
"""Maximum length of a variable's name."""


def describe(record: RunInfo) -> str:
    """Return the status of a run, and what a person may have to do about it."""
    if record.unreachable:
        return f"{record.status}, unreachable on {record.host!r}"
    if record.waiting_for_input:
        hidden = " (hidden)" if record.hides_input else ""
        return f"{record.status}, waiting for input{hidden}"
    if record.output_open:
        return f"{record.status}, background processes can still print{_names(record)}"
    return record.status


def still(record: RunInfo, limit: float | None) -> str:
    """Return the message of a timeout: what was waited for, for `limit` seconds."""
    what = f"{record.module_name} was still {describe(record)} after {limit:g} s"
    return f"{what}; the run continues ({record.run_id})."


def missing(names: Sequence[str], values: int) -> str:
    """Return what must be given before a run can be started again, at most `NAMED` names.

    Args:
        names: of variables.
        values: how many values were masked in addition.
    """
    named = names[:NAMED] if len(names) > NAMED + 1 else names
    parts = [clean(name)[:NAME_CHARS] for name in named]
    if len(names) > len(named):
        parts.append(f"{len(names) - len(named):,} other variables")
    if values:
        parts.append(counted(values, "masked value"))
    *first, last = parts
    listed = f"{', '.join(first)} and {last}" if first else last
    return f"the value{'s' if len(names) > 1 else ''} of {listed}" if names else listed


def restart_call(names: Sequence[str], values: int) -> str:
    """Return an example call that gives variables and masked values, at most `NAMED` of each."""
    given = ", ".join(f"{clean(name)[:NAME_CHARS]!r}: '...'" for name in names[:NAMED])
    masked = ", ".join(["'...'"] * min(values, NAMED))
    options = (f"env={{{given}}}" if given else "", f"mask=[{masked}]" if masked else "")
    return f"restart({', '.join(filter(None, options))})"


def notes(record: RunInfo) -> list[str]:
    """Return the notes of a run, each as one line of plain text."""
    return [clean(note) for note in record.notes]


def utc(iso: str) -> str:
    """Return an ISO 8601 time as people read it, in UTC, to the second."""
    return f"{iso[:10]} {iso[11:19]}"


def _names(record: RunInfo) -> str:
    """Name the background processes, without ids: running a notebook again gives the same text."""
    named = [clean(each.name) for each in record.background[:NAMED]]
    more = len(record.background) - len(named)
    listed = ", ".join([*named, *([f"{more} more"] if more else [])])
    return f": {listed}" if listed else ""
