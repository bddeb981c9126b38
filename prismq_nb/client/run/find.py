"""Find a run by its id or name, or suggest a similar name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prismq_nb.common.spelling import did_you_mean
from prismq_nb.errors import InvalidRequest, RunNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismq_nb.client.base.interface import Client
    from prismq_nb.common.models import RunInfo

_ID = re.compile(r"run_[0-9]{8}_[0-9]{6}_")
_PAGE_RUNS = 200
_RECENT = "prismq_nb.runs() lists the newest runs"


def find(client: Client, id_or_name: object) -> RunInfo:
    """Return the run with an id, or the newest run with a name.

    Raises:
        InvalidRequest: `id_or_name` is not a string, or empty.
        RunNotFound: there is no such run; the message suggests a similar name.
    """
    if not isinstance(id_or_name, str) or not id_or_name.strip():
        hint = (
            "; did you mean prismq_nb.runs()[0], the newest?" if isinstance(id_or_name, int) else ""
        )
        raise InvalidRequest(
            f"{id_or_name!r} is not a run id or a name such as 'train'{hint}",
            parameter="id_or_name",
        )
    if _ID.match(id_or_name):
        try:
            return client.get(id_or_name)
        except RunNotFound:
            raise RunNotFound(
                f"there is no run {id_or_name[:100]!r} (it may have been purged); {_RECENT}"
            ) from None
    for info in _with_text(client, id_or_name):
        if info.module_name == id_or_name:
            return client.get(info.run_id)
    names = dict.fromkeys(each.module_name for each in client.list(limit=_PAGE_RUNS).runs)
    hint = did_you_mean(id_or_name, names) or f"; {_RECENT}"
    raise RunNotFound(f"there is no run named {id_or_name[:100]!r}{hint}")


def _with_text(client: Client, text: str) -> Iterator[RunInfo]:
    """Yield the runs whose id, name or arguments contain a text, newest first."""
    offset = 0
    while True:
        page = client.list(q=text, limit=_PAGE_RUNS, offset=offset)
        yield from page.runs
        offset += _PAGE_RUNS
        if offset >= page.total:
            return
