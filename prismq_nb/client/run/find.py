"""A run by its id or name, and what may have been meant where there is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prismq_nb.common.spelling import did_you_mean
from prismq_nb.errors import InvalidRequest, RunNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismq_nb.client.base.interface import Client
    from prismq_nb.common.models import Run as Record

__all__ = ["find"]

_ID = re.compile(r"run_[0-9]{8}_[0-9]{6}_")
_PAGE_RUNS = 200
_RECENT = "prismq_nb.runs() lists the newest runs"


def find(client: Client, named: object) -> Record:
    """Return the run with an id, or the newest one with a name.

    Raises:
        InvalidRequest: `named` is neither an id nor a name.
        RunNotFound: there is no such run; the message suggests one with a similar name.
    """
    if not isinstance(named, str) or not named.strip():
        hint = "; did you mean prismq_nb.runs()[0], the newest?" if isinstance(named, int) else ""
        how = "give the id of a run, or its name as in get('train')"
        raise InvalidRequest(f"get({named!r}): {how}{hint}")
    if _ID.match(named):
        try:
            return client.get(named)
        except RunNotFound:
            raise RunNotFound(f"there is no run {named[:100]!r}, or it was purged; {_RECENT}") from None
    for record in _with_text(client, named):
        if record.module_name == named:
            return client.get(record.run_id)
    names = dict.fromkeys(each.module_name for each in client.list(limit=_PAGE_RUNS).runs)
    hint = did_you_mean(named, names) or f"; {_RECENT}"
    raise RunNotFound(f"no run is called {named[:100]!r}{hint}")


def _with_text(client: Client, text: str) -> Iterator[Record]:
    """Yield the runs that have a text in their id or name, newest first."""
    offset = 0
    while True:
        page = client.list(q=text, limit=_PAGE_RUNS, offset=offset)
        yield from page.runs
        offset += _PAGE_RUNS
        if offset >= page.total:
            return
