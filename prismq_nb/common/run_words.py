"""The state of a run in words, as its handle and the tail of a saved notebook show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.common.base.plain_text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismq_nb.common.models import Run as Record

__all__ = ["counted", "describe", "duration", "missing", "notes", "restart_call", "still", "utc"]

NAMED = 3
"""Background processes, and variables, that are named; the others are counted."""
NAME_CHARS = 100
"""Longest name of a variable."""


def describe(record: Record) -> str:
    """Return the status, and what a person may have to do about it."""
    if record.unreachable:
        return f"{record.status}, unreachable on {record.host!r}"
    if record.waiting_for_input:
        hidden = " (hidden)" if record.hides_input else ""
        return f"{record.status}, waiting for input{hidden}"
    if record.output_open:
        return f"{record.status}, background processes can still print{_names(record)}"
    return record.status


def still(record: Record, limit: float | None) -> str:
    """Return what was waited for in vain, for `limit` seconds."""
    what = f"{record.module_name} was still {describe(record)} after {limit:g} s"
    return f"{what}; the run continues ({record.run_id})."


def missing(names: Sequence[str], values: int) -> str:
    """Return what has to be given before a run can be started again, at most `NAMED` by name.

    Args:
        names: of variables.
        values: how many values were masked beside them.
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
    """Return the call that gives variables and masked values, as an example for `NAMED` of each."""
    given = ", ".join(f"{clean(name)[:NAME_CHARS]!r}: '...'" for name in names[:NAMED])
    masked = ", ".join(["'...'"] * min(values, NAMED))
    options = (f"env={{{given}}}" if given else "", f"mask=[{masked}]" if masked else "")
    return f"restart({', '.join(filter(None, options))})"


def notes(record: Record) -> list[str]:
    """Return what a person should know about the run, each as one line of plain text."""
    return [clean(note) for note in record.notes]


def counted(count: int, noun: str, more: str = "") -> str:
    """Return a number with its noun: "1 line", "2,000 lines"; `more`: "+" where it may be higher."""
    return f"1 {noun}" if count == 1 and not more else f"{count:,}{more} {noun}s"


def duration(seconds: float) -> str:
    """Return a duration as people say it, in its two largest units."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next(index for index, (count, _) in enumerate(units) if count)
    return " ".join(f"{count} {unit}" for count, unit in units[first : first + 2] if count)


def utc(iso: str) -> str:
    """Return a time of the API as people read it, to a second; in UTC."""
    return f"{iso[:10]} {iso[11:19]}"


def _names(record: Record) -> str:
    """Name the processes; without their ids, so that a notebook that is run again is the same."""
    named = [clean(each.name) for each in record.background[:NAMED]]
    more = len(record.background) - len(named)
    listed = ", ".join([*named, *([f"{more} more"] if more else [])])
    return f": {listed}" if listed else ""
