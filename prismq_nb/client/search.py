"""`search`: the runs whose logs have a text, newest first."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from prismq_nb.client.api import MAX_RUNS, optional_moment, status_names
from prismq_nb.client.base.arguments import string_option
from prismq_nb.client.base.integers import checked_integer
from prismq_nb.client.base.lines import format_line
from prismq_nb.client.base.log_query import log_query
from prismq_nb.client.discovery import current
from prismq_nb.client.run.run import Run
from prismq_nb.common.base.plain_text import clean
from prismq_nb.common.base.quantities import counted
from prismq_nb.common.run_words import describe, utc
from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from prismq_nb.client.base.interface import Client, RunsFilter
    from prismq_nb.common.log_models import LogLine, RunHits

MAX_HITS = 1_000_000
MAX_LINES = 20
SHOWN_RUNS = 10
"""Runs that a repr shows."""
SHOWN_SECONDS = 5.0
"""How long a repr searches for them."""


class FoundRun:
    """A run whose log matches a search.

    Attributes:
        run: the run.
        hits: number of matching lines that were counted.
        more: it has more than these; ``run.search`` finds all.
        lines: the first of them, as `LogLine` without colours; a line over 1,000 characters is cut
            to the part with the match.
        error: why the log, or the rest of it, cannot be searched; None: it was.
    """

    def __init__(self, client: Client, found: RunHits) -> None:
        """`found`: what the server says of the run."""
        self.run = Run(client, found.run)
        self.hits = found.hits
        self.more = found.more
        self.lines: list[LogLine] = found.logs
        self.error = found.error

    def __repr__(self) -> str:
        info = self.run.info
        count = f"{self.hits:,}+ hits" if self.more else counted(self.hits, "hit")
        head = (
            *(clean(info.module_name), describe(info), utc(info.started_at or info.created_at)),
            *(info.run_id, count),
        )
        rows = ["  ".join(head)]
        rows += [f"  {line.line:>9,}  {format_line(line)}" for line in self.lines]
        if self.error is not None:
            rows.append(f"  {clean(self.error)}")
        return "\n".join(rows)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's
        printer.text(repr(self))


class FoundRuns:
    """The runs that a search finds: iterate over them while it goes on, newest first.

    What was found is kept, so it can be iterated over again. The repr shows the first `SHOWN_RUNS`,
    and searches up to `SHOWN_SECONDS` for them.
    """

    def __init__(self, client: Client, begin: Callable[[], Iterator[RunHits | None]]) -> None:
        """`begin`: starts the search, which yields None where it has made progress.

        Raises as `search` does.
        """
        self._client = client
        self._begin = begin
        self._search: Iterator[RunHits | None] | None = None
        self._known: list[FoundRun] = []
        self._ids: set[str] = set()
        self._is_complete = False
        self._advance()  # an invalid value is refused now

    def __iter__(self) -> Iterator[FoundRun]:
        place = 0
        while place < len(self._known) or self._advance():
            if place < len(self._known):
                yield self._known[place]
                place += 1

    def close(self) -> None:
        """End the search, for which the server holds files open until all results were taken.

        A later iteration begins it again behind what was found.
        """
        if self._search is not None:
            self._search.close()  # type: ignore[attr-defined]  # it is a generator
            self._search = None

    def _advance(self) -> bool:
        """Go on for a while; return whether there may be more."""
        if self._is_complete:
            return False
        if self._search is None:
            self._search = self._begin()
        try:
            found = next(self._search)
        except StopIteration:
            self._is_complete = True
            return False
        if found is not None and found.run.run_id not in self._ids:
            self._ids.add(found.run.run_id)
            self._known.append(FoundRun(self._client, found))
        return True

    def __repr__(self) -> str:
        deadline_s = time.monotonic() + SHOWN_SECONDS
        while len(self._known) <= SHOWN_RUNS and time.monotonic() < deadline_s:
            if not self._advance():
                break
        self.close()  # nobody may ever want the rest
        rows = [repr(found) for found in self._known[:SHOWN_RUNS]]
        if len(self._known) > SHOWN_RUNS:
            rows.append("... more; iterate over the result to see all")
        elif not self._is_complete:
            rows.append("... the search is not complete; iterate over the result to go on")
        return "\n".join(rows) or "(no hits)"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's
        printer.text(repr(self))


def search(
    q: str | Iterable[str] = (),
    *,
    exclude: str | Iterable[str] | None = None,
    regex: bool = False,
    case: bool | None = None,
    word: bool = False,
    level: str | int | Iterable[str | int] | None = None,
    module_id: str | None = None,
    module_key: str | None = None,
    notebook: str | os.PathLike[str] | None = None,
    status: str | Sequence[str] | None = None,
    since: str | datetime | None = None,
    before: str | datetime | None = None,
    lines: int = 3,
    max_hits: int = 1000,
    limit: int | None = None,
) -> FoundRuns:
    """Search the logs of all runs, newest run first, as they are now.

    Args:
        q: text that a line must contain, or several, all of which it must contain.
        exclude: text that a line must not contain, or several.
        regex: treat `q` and `exclude` as regular expressions (RE2 syntax).
        case: match case; None: only with `regex`.
        word: match whole words only.
        level: one or more levels, as in `Run.logs`; enough without `q`.
        module_id: only in runs of this script, module or command.
        module_key: only in runs of the same thing, see `runs`.
        notebook: only in runs that this notebook started, and in its watched cells.
        status: only in runs with this status, or with one of these.
        since: only in runs that were created later than this time: ISO 8601, or a datetime.
        before: only in runs that were created earlier than this time.
        lines: the lines to return of each run, 0 to 20.
        max_hits: count at most this many lines in each run, 1 to 1,000,000.
        limit: the largest number of runs to return, 1 to 1,000; None: all.

    Returns:
        An iterable of `FoundRun`, with `run`, `hits`, `more`, `lines` and `error`. It searches
        while it is iterated over, and prints as a list.

    Raises:
        InvalidRequest: there is nothing to search for, or a value is invalid.
        ServerUnreachable: the Jupyter server does not respond, or stops to during the search.

    Example:
        >>> for found in prismq_nb.search("CUDA out of memory", status="failed"):
        ...     print(found.run.run_id, found.hits, found.lines[0].message)
    """
    query = log_query(level=level, q=q, exclude=exclude, regex=regex, case=case, word=word)
    if not query.keys() & {"q", "exclude", "level"}:
        raise InvalidRequest(
            "q is empty; pass the text to search for, or a pattern with regex=True", parameter="q"
        )
    filters = {
        "module_id": module_id,
        "module_key": module_key,
        "notebook": None if notebook is None else string_option("notebook", notebook),
        "status": None if status is None else status_names(status),
        "since": optional_moment("since", since),
        "before": optional_moment("before", before),
        "with_lines": checked_integer("lines", lines, 0, MAX_LINES),
        "max_hits": checked_integer("max_hits", max_hits, 1, MAX_HITS),
        "limit": None if limit is None else checked_integer("limit", limit, 1, MAX_RUNS),
    }
    given = {name: value for name, value in filters.items() if value is not None}
    client = current()
    return FoundRuns(client, lambda: client.search_runs(query, cast("RunsFilter", given)))
