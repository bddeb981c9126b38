"""Lines around those that pass a filter, as `grep -B -A` gives them: a search, and a poll.

Both give the same lines in the same order, each once. A line is given where a line that passes is
at most so many after it, or before it. Apart from the search and the poll themselves, which they
build on. Pure: no threads, no asyncio, no HTTP, only a journal reader.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from prismq_nb.common.log_models import LogPage
from prismq_nb.engine.read.lines_by_number import LogPick
from prismq_nb.engine.read.poll import DEFAULT_TAIL, MAX_LINES, LogQuery, check_counts
from prismq_nb.engine.read.search import MAX_HITS

if TYPE_CHECKING:
    from prismq_nb.engine.read.level_search import LevelSearch
    from prismq_nb.engine.read.search import LogSearch
    from prismq_nb.journal.reader import JournalReader

__all__ = ["MAX_AROUND", "Around", "ContextQuery", "ContextSearch", "log_query"]

MAX_AROUND: Final = 100
"""Most lines before, and after, a line that passes."""


class Around(NamedTuple):
    """How many lines are given before a line that passes, and after it."""

    before: int = 0
    after: int = 0


class Shown:
    """Line numbers around hits, ascending, each once."""

    def __init__(self, around: Around, first: int, end: int) -> None:
        """Of lines `first` to `end` (not included), and those before `first` around later hits."""
        self._around = around
        self._first, self._end = first, end
        self._next = 0

    def add(self, hit: int) -> range:
        """The lines that a hit adds; hits come in order, beginning `before + after` before `first`.

        What hits before `first` have in front of it counts as given.
        """
        low = max(hit - self._around.before, self._next)
        high = min(hit + self._around.after + 1, self._end)
        self._next = max(self._next, high)
        return range(max(low, self._first) if hit < self._first else low, high)


class ContextSearch:
    """A search that gives lines around hits, too; its face is that of `LogSearch`.

    `hits` counts the lines that are given.
    """

    def __init__(
        self,
        begin: Callable[[int], LogSearch | LevelSearch],
        around: Around,
        *,
        first: int = 0,
        every: int = 1,
    ) -> None:
        """Begin a search, or go on with one that has searched the lines before number `first`.

        Args:
            begin: makes the search for hits, from a line on; each hit's number is given.
            around: lines before and after each hit.
            first: lines before this were searched, and given, by an earlier search; those that
                only later hits bring in were not.
            every: only the numbers of line 0, of line `every`... of those found are given.
        """
        self._search = begin(max(0, first - sum(around)))
        self._shown = Shown(around, first, self._search.total_lines)
        self._every = every
        self._waiting: deque[int] = deque()
        self.hits = 0
        self.total_lines, self.total_bytes = self._search.total_lines, self._search.total_bytes

    @property
    def done(self) -> bool:
        """Whether all was searched."""
        return self._search.done and not self._waiting

    @property
    def lines_done(self) -> int:
        """How many lines were searched, as far as what was found in them was given."""
        return min([self._search.lines_done, *islice(self._waiting, 1)])

    @property
    def bytes_done(self) -> int:
        """Bytes searched, about."""
        return self._search.bytes_done

    def step(self) -> list[int]:
        """Work for about 10 ms; the numbers found, in order, as `LogSearch.step`."""
        if not self._waiting:
            self._waiting.extend(self._search.step())
        found: list[int] = []
        while self._waiting and len(found) < MAX_HITS:
            found.extend(self._shown.add(self._waiting.popleft()))
        picked = found[-self.hits % self._every :: self._every]
        self.hits += len(found)
        return picked


class ContextQuery:
    """A poll that gives lines around those that pass; its face is that of `LogQuery`.

    `after`, `before` and `since` bound what is given, and the lines that pass: one behind `before`
    brings nothing in.
    """

    def __init__(
        self,
        reader: JournalReader,
        run_id: str,
        around: Around,
        *,
        tail: int | None = None,
        limit: int | None = None,
        since: int | None = None,
        after: int | None = None,
        before: int | None = None,
        **filters: Any,
    ) -> None:
        """Look at the journal once; all arguments as for `LogQuery`, `filters` are its own.

        Raises:
            InvalidRequest: `tail` with `limit`, or one of them out of bounds.
        """
        check_counts(tail, limit)
        total = reader.refresh()
        low = 0 if after is None else after + 1
        self._first = max(low, reader.line_after(since)) if since is not None else low
        end = total if before is None else min(before, total)
        self._reader, self._run_id, self._around = reader, run_id, around
        self._shown = Shown(around, self._first, end)
        self._before, self._filters = before, filters
        is_forward = limit is not None or (tail is None and not (since is None and after is None))
        self._count = limit or tail or (MAX_LINES if is_forward else DEFAULT_TAIL)
        self._work = self._forward() if is_forward else self._backward()
        self._page = LogPage(run_id, [], total, truncated=False, next_after=self._first - 1)

    def step(self) -> bool:
        """Work for some ms; True when there is no more to do."""
        return next(self._work, None) is None

    def page(self) -> LogPage:
        """What was found, oldest first."""
        return self._page

    def _forward(self) -> Generator[bool, None, None]:
        lines_before, lines_after = self._around
        cursor, numbers = max(-1, self._first - 1 - lines_before - lines_after), []
        limit = min(MAX_LINES, self._count + lines_before + lines_after + 1)  # some bring in nothing
        while True:
            page = yield from self._passing(after=cursor, limit=limit)
            numbers += self._around_lines(page)
            is_stuck, cursor = page.next_after <= cursor, page.next_after
            known = cursor - lines_before if page.truncated else cursor  # behind it, later hits count
            if not page.truncated or known >= self._first or is_stuck:
                break
        numbers = [number for number in numbers if number <= known]
        yield from self._pick(numbers[: self._count], page.truncated, max(known, self._first - 1))
        if len(numbers) > self._count:
            self._page.truncated, self._page.next_after = True, numbers[self._count - 1]

    def _backward(self) -> Generator[bool, None, None]:
        after = max(-1, self._first - 1 - sum(self._around))
        page = yield from self._passing(after=after, tail=self._count)
        numbers = self._around_lines(page)
        is_cut = page.truncated or len(numbers) > self._count
        yield from self._pick(numbers[-self._count :], is_cut, page.next_after)

    def _passing(self, **where: Any) -> Generator[bool, None, LogPage]:
        """The lines that pass by themselves."""
        query = LogQuery(self._reader, self._run_id, before=self._before, **where, **self._filters)
        while not query.step():
            yield True
        return query.page()

    def _around_lines(self, page: LogPage) -> list[int]:
        numbers: Iterable[int] = (number for line in page.logs for number in self._shown.add(line.line))
        return [number for number in numbers if number >= self._first]

    def _pick(self, numbers: Sequence[int], truncated: bool, next_after: int) -> Generator[bool, None, None]:
        """Read the lines; where not all fit into one answer, those that are left are asked for next."""
        pick = LogPick(self._reader, self._run_id, numbers)
        while not pick.step():
            yield True
        page = pick.page()
        is_short = page.truncated
        page.next_after = page.next_after if is_short and page.logs else next_after
        page.truncated = truncated or is_short
        self._page = page


def log_query(reader: JournalReader, run_id: str, around: Around | None = None, **query: Any) -> LogQuery | ContextQuery:
    """Begin a poll; `query` as for `LogQuery`. Lines around others need a filter.

    Raises:
        InvalidRequest: as `LogQuery`.
    """
    filtered = query.get("levels") is not None or query.get("matcher") is not None
    if around is None or not any(around) or not filtered:
        return LogQuery(reader, run_id, **query)
    return ContextQuery(reader, run_id, around, **query)
