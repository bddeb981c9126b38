"""Context of matching lines, as `grep -B -A` gives it, for a search and for a poll.

Both give the same lines in the same order, each once: every line that is at most so many lines
before or after a matching one. Separate from search and poll, which this builds on. Pure: no
threads, no asyncio, no HTTP, only a journal reader.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from prismq_nb.common.log_models import LogPage
from prismq_nb.engine.read.line_lookup import LineLookup
from prismq_nb.engine.read.poll import DEFAULT_TAIL, MAX_LINES, LogQuery, check_counts
from prismq_nb.engine.read.search import MAX_HITS, sample

if TYPE_CHECKING:
    from prismq_nb.engine.read.level_search import LevelSearch
    from prismq_nb.engine.read.search import LogSearch
    from prismq_nb.journal.reader import JournalReader

MAX_CONTEXT_LINES: Final = 100
"""Maximum number of lines before, and after, a matching line."""


class Context(NamedTuple):
    """Number of lines to give before and after a matching line."""

    before: int = 0
    after: int = 0


class ContextLines:
    """Line numbers around hits, ascending, each once."""

    def __init__(self, context: Context, first: int, end: int) -> None:
        """Give lines `first` to `end` (exclusive), and those before `first` around later hits."""
        self._context = context
        self._first, self._end = first, end
        self._next = 0

    def add(self, hit: int) -> range:
        """Return the lines that a hit adds.

        Hits come in order, from `before + after` lines before `first` on.
        What hits before `first` have in front of them counts as given.
        """
        low = max(hit - self._context.before, self._next)
        high = min(hit + self._context.after + 1, self._end)
        self._next = max(self._next, high)
        return range(max(low, self._first) if hit < self._first else low, high)


class ContextSearch:
    """A search that gives the context of hits; same interface as `LogSearch`.

    Attributes:
        hits: number of lines given so far.
        total_lines: number of lines to search.
        total_bytes: their bytes.
    """

    def __init__(
        self,
        begin: Callable[[int], LogSearch | LevelSearch],
        context: Context,
        *,
        first: int = 0,
        every: int = 1,
        exact: int = 0,
    ) -> None:
        """Begin a search, or resume one that has searched the lines before number `first`.

        Args:
            begin: starts the search for hits from a line on; it must give each hit's number.
            context: lines before and after each hit.
            first: lines before this were searched and given; those that only later hits add were
                not.
            every: give only the numbers of line 0, of line `every` and so on of those found.
            exact: give the first so many numbers, whatever `every` says.
        """
        self._search = begin(max(0, first - sum(context)))
        self._context_numbers = ContextLines(context, first, self._search.total_lines)
        self._every, self._exact = every, exact
        self._waiting: deque[int] = deque()
        self.hits = 0
        self.total_lines, self.total_bytes = self._search.total_lines, self._search.total_bytes

    @property
    def done(self) -> bool:
        """Whether everything was searched."""
        return self._search.done and not self._waiting

    @property
    def lines_done(self) -> int:
        """Number of lines searched, as far as what was found in them was given."""
        return min([self._search.lines_done, *islice(self._waiting, 1)])

    @property
    def bytes_done(self) -> int:
        """Approximate number of bytes searched."""
        return self._search.bytes_done

    def step(self) -> list[int]:
        """Work for about 10 ms. Return the numbers found, in order, as `LogSearch.step` does."""
        if not self._waiting:
            self._waiting.extend(self._search.step())
        found: list[int] = []
        while self._waiting and len(found) < MAX_HITS:
            found.extend(self._context_numbers.add(self._waiting.popleft()))
        picked = sample(found, self.hits, self._every, self._exact)
        self.hits += len(found)
        return picked


class ContextQuery:
    """A poll that gives the context of matching lines; same interface as `LogQuery`.

    `after`, `before` and `since` bound both what is given and the lines that match: a match past
    `before` adds nothing.
    """

    def __init__(
        self,
        reader: JournalReader,
        run_id: str,
        context: Context,
        *,
        tail: int | None = None,
        limit: int | None = None,
        since: int | None = None,
        after: int | None = None,
        before: int | None = None,
        **filters: Any,
    ) -> None:
        """Read the journal's size once; arguments are those of `LogQuery`, in `filters` the others.

        Raises:
            InvalidRequest: `tail` with `limit`, or one of them out of range.
        """
        check_counts(tail, limit)
        total = reader.refresh()
        low = 0 if after is None else after + 1
        self._first = max(low, reader.line_after(since)) if since is not None else low
        end = total if before is None else min(before, total)
        self._reader, self._run_id, self._context = reader, run_id, context
        self._context_numbers = ContextLines(context, self._first, end)
        self._before, self._filters = before, filters
        is_forward = limit is not None or (tail is None and not (since is None and after is None))
        self._count = limit or tail or (MAX_LINES if is_forward else DEFAULT_TAIL)
        self._work = self._forward() if is_forward else self._backward()
        self._page = LogPage(run_id, [], total, truncated=False, next_after=self._first - 1)

    def step(self) -> bool:
        """Work for some ms. Return whether the work is done."""
        return next(self._work, None) is None

    def page(self) -> LogPage:
        """Return what was found, oldest first."""
        return self._page

    def _forward(self) -> Generator[bool, None, None]:
        lines_before, lines_after = self._context
        cursor, numbers = max(-1, self._first - 1 - lines_before - lines_after), []
        # some add nothing
        limit = min(MAX_LINES, self._count + lines_before + lines_after + 1)
        while True:
            page = yield from self._passing(after=cursor, limit=limit)
            numbers += self._context_lines(page)
            is_stuck, cursor = page.next_after <= cursor, page.next_after
            # past it, later hits may add lines before them
            known = cursor - lines_before if page.truncated else cursor
            if not page.truncated or known >= self._first or is_stuck:
                break
        numbers = [number for number in numbers if number <= known]
        yield from self._look_up(
            numbers[: self._count], page.truncated, max(known, self._first - 1)
        )
        if len(numbers) > self._count:
            self._page.truncated, self._page.next_after = True, numbers[self._count - 1]

    def _backward(self) -> Generator[bool, None, None]:
        after = max(-1, self._first - 1 - sum(self._context))
        page = yield from self._passing(after=after, tail=self._count)
        numbers = self._context_lines(page)
        is_cut = page.truncated or len(numbers) > self._count
        yield from self._look_up(numbers[-self._count :], is_cut, page.next_after)

    def _passing(self, **where: Any) -> Generator[bool, None, LogPage]:
        """Find the lines that match by themselves."""
        query = LogQuery(self._reader, self._run_id, before=self._before, **where, **self._filters)
        while not query.step():
            yield True
        return query.page()

    def _context_lines(self, page: LogPage) -> list[int]:
        numbers: Iterable[int] = (
            number for line in page.logs for number in self._context_numbers.add(line.line)
        )
        return [number for number in numbers if number >= self._first]

    def _look_up(
        self, numbers: Sequence[int], truncated: bool, next_after: int
    ) -> Generator[bool, None, None]:
        """Read the lines. If not all fit into one answer, the rest is to be requested next."""
        lookup = LineLookup(self._reader, self._run_id, numbers)
        while not lookup.step():
            yield True
        page = lookup.page()
        is_short = page.truncated
        page.next_after = page.next_after if is_short and page.logs else next_after
        page.truncated = truncated or is_short
        self._page = page


def log_query(
    reader: JournalReader, run_id: str, context: Context | None = None, **query: Any
) -> LogQuery | ContextQuery:
    """Begin a poll, with `query` as for `LogQuery`. Context needs a filter.

    Raises:
        InvalidRequest: as `LogQuery` raises.
    """
    filtered = query.get("levels") is not None or query.get("matcher") is not None
    if context is None or not any(context) or not filtered:
        return LogQuery(reader, run_id, **query)
    return ContextQuery(reader, run_id, context, **query)
