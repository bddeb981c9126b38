"""Pages of the list of runs: filters over the index, and what each run on a page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismq_nb.common.base import state
from prismq_nb.common.models import Run, RunPage
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prismq_nb.engine.store.index import Entry, RunIndex


def listing(
    index: RunIndex,
    *,
    module_id: str | None,
    status: str | None,
    q: str | None,
    limit: int,
    offset: int,
) -> RunPage:
    """Return the runs that pass all filters, newest first; see `Engine.list`.

    Raises:
        InvalidRequest: there is no such status.
        OSError: the directory of runs cannot be read.
    """
    if status is not None and status not in state.STATUSES:
        raise InvalidRequest(f"status is {status!r}: give one of {', '.join(state.STATUSES)}")
    if module_id is None and status is None and not q:
        return RunPage(_shown(index, index.newest(offset, limit)), len(index), limit, offset)
    entries = index.entries()
    if module_id is not None:
        entries = [entry for entry in entries if entry.module_id == module_id]
    if status is not None:
        entries = [entry for entry in entries if entry.status == status]
    if q:
        text = q.lower()
        entries = [entry for entry in entries if text in entry.text]
    page = _shown(index, entries[offset : offset + limit])
    return RunPage(page, len(entries), limit, offset)


def _shown(index: RunIndex, entries: Iterable[Entry]) -> list[Run]:
    return [run for run in map(index.run, entries) if run is not None]
