"""`RunFilter`: a checked query of a list; each mistake names parameter, value and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.common.base import state
from prismq_nb.common.run_query import DEFAULT_SORT, SORTS
from prismq_nb.common.spelling import did_you_mean
from prismq_nb.engine.read.filters import moment, quoted
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismq_nb.common.run_query import RunQuery
    from prismq_nb.engine.store.index_entry import IndexEntry


class RunFilter(NamedTuple):
    """Which runs to list; None does not filter. Times are in µs since the epoch.

    Attributes:
        statuses: any of these.
        q: text in lower case.
    """

    q: str | None = None
    module_id: str | None = None
    module_key: str | None = None
    notebook: str | None = None
    statuses: frozenset[str] | None = None
    since: int | None = None
    before: int | None = None
    changed_since: int | None = None

    def __bool__(self) -> bool:
        """Whether it filters at all."""
        return any(field is not None for field in self)

    def without_status(self, entries: Iterable[IndexEntry]) -> list[IndexEntry]:
        """Return those of some runs that pass all filters except the one by status."""
        found = [*entries]
        if (module_id := self.module_id) is not None:
            found = [one for one in found if one.module_id == module_id]
        if (key := self.module_key) is not None:
            found = [one for one in found if one.module_key == key]
        if (notebook := self.notebook) is not None:
            found = [one for one in found if one.notebook == notebook]
        if (since := self.since) is not None:
            found = [one for one in found if one.order[1] > since]
        if (before := self.before) is not None:
            found = [one for one in found if one.order[1] < before]
        if (changed := self.changed_since) is not None:
            found = [one for one in found if one.ended is None or one.changed > changed]
        if (q := self.q) is not None:
            found = [one for one in found if q in one.text]
        return found

    def by_status(self, entries: list[IndexEntry]) -> list[IndexEntry]:
        """Return those of some runs that have one of the statuses."""
        if (statuses := self.statuses) is None:
            return entries
        return [one for one in entries if one.status in statuses]


def run_filter(query: RunQuery) -> RunFilter:
    """Return the filter of a query.

    Raises:
        InvalidRequest: a status or a time is not valid.
    """
    status, q = query.get("status"), query.get("q")
    return RunFilter(
        q=q.lower() if q else None,
        module_id=query.get("module_id") or None,
        module_key=query.get("module_key") or None,
        notebook=query.get("notebook") or None,
        statuses=_statuses(status) if status else None,
        since=_moment("since", query.get("since")),
        before=_moment("before", query.get("before")),
        changed_since=_moment("changed_since", query.get("changed_since")),
    )


def sort_of(query: RunQuery) -> tuple[str, bool]:
    """Return what to sort by, and whether the highest value is first.

    Raises:
        InvalidRequest: it is none of `SORTS`.
    """
    text = (query.get("sort") or DEFAULT_SORT).strip()
    name = text.removeprefix("-")
    if name not in SORTS:
        hint = did_you_mean(name, SORTS) or f"; use one of {', '.join(SORTS)}, or -{SORTS[0]} ..."
        raise InvalidRequest(f"sort={quoted(text)} is not a valid order{hint}", parameter="sort")
    return name, text != name


def _statuses(text: str) -> frozenset[str]:
    words = [word.strip().lower() for word in text.split(",")]
    for word in words:
        if word not in state.STATUSES:
            known = ", ".join(state.STATUSES)
            hint = did_you_mean(word, state.STATUSES)
            which = "" if len(words) == 1 else f"{quoted(word)} "
            raise InvalidRequest(
                f"status={quoted(text)}{':' if which else ''} {which}is not a valid status; use one"
                f" or more of {known}, comma-separated{hint}",
                parameter="status",
            )
    return frozenset(words)


def _moment(name: str, text: str | None) -> int | None:
    return moment(name, text) if text else None
