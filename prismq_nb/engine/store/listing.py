"""Pages of the list of runs: filter and sort the index, and read what each run on a page shows."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING

from prismq_nb.common.base import state
from prismq_nb.common.models import RunInfo, RunPage
from prismq_nb.common.run_query import DEFAULT_SORT
from prismq_nb.engine.store.run_filter import run_filter, sort_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismq_nb.common.run_query import RunQuery
    from prismq_nb.engine.store.index import RunIndex
    from prismq_nb.engine.store.index_entry import IndexEntry

DEFAULT_LIMIT = 50


def listing(index: RunIndex, query: RunQuery) -> RunPage:
    """Return a page of the runs that pass all filters; see `Engine.list`.

    Raises:
        InvalidRequest: a value of the query is not valid.
        OSError: the directory of runs cannot be read.
    """
    wanted, (name, is_falling) = run_filter(query), sort_of(query)
    limit, offset = query.get("limit", DEFAULT_LIMIT), query.get("offset", 0)
    is_default = f"-{name}" == DEFAULT_SORT and is_falling
    if not wanted and is_default:
        shown = _shown(index, index.newest(offset, limit))
        return RunPage(shown, len(index), limit, offset, _by_status(index.counts()))
    others = wanted.without_status(index.entries())
    entries = wanted.by_status(others)
    if not is_default:
        entries = _sorted(entries, name, is_falling=is_falling)
    counts = Counter(map(attrgetter("status"), others))
    page = _shown(index, entries[offset : offset + limit])
    return RunPage(page, len(entries), limit, offset, _by_status(counts))


def matching(index: RunIndex, query: RunQuery) -> list[IndexEntry]:
    """Return every run that passes all filters, newest first; see `Engine.list`.

    Raises:
        InvalidRequest: a value of the query is not valid.
        OSError: the directory of runs cannot be read.
    """
    wanted = run_filter(query)
    return wanted.by_status(wanted.without_status(index.entries()))


def _by_status(counts: Counter[str] | None) -> dict[str, int] | None:
    return None if counts is None else {status: counts[status] for status in state.STATUSES}


def _sorted(entries: list[IndexEntry], name: str, *, is_falling: bool) -> list[IndexEntry]:
    """Sort runs that are sorted newest first: among equals, and without a value, they stay so."""
    if name == "created_at":
        return entries if is_falling else entries[::-1]
    if name != "duration":
        return sorted(entries, key=attrgetter(name), reverse=is_falling)
    now_us = state.now_us()
    started = [entry for entry in entries if entry.started is not None]
    started.sort(key=lambda entry: entry.seconds(now_us) or 0.0, reverse=is_falling)
    return started + [entry for entry in entries if entry.started is None]


def _shown(index: RunIndex, entries: Iterable[IndexEntry]) -> list[RunInfo]:
    return [run for run in map(index.run, entries) if run is not None]
