"""The lines of a search's first and newest hits, which are sent together with their numbers.

So a page that shows what a search finds needs no further request. The number of lines, their text
and the time to read them are bounded; other lines are requested by number.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING, Any, Final

import msgspec

from prismq_nb.engine.read.line_lookup import LineLookup
from prismq_nb.errors import PrismqError
from prismq_nb.server.http import sse

if TYPE_CHECKING:
    from prismq_nb.common.log_models import LogLine, LogPage
    from prismq_nb.engine.read.context import ContextQuery
    from prismq_nb.engine.read.poll import LogQuery
    from prismq_nb.journal.reader import JournalReader

MAX_WITH_LINES: Final = 200
"""Maximum number of lines of either kind."""
_TEXT_BYTES: Final = 256 << 10
"""The lines of one event end once they have this much text."""
_LOOKUP_STEPS: Final = 20
"""Maximum number of steps of 5 ms for the lines of one event: lines of unknown level take some
ms each."""


class HitLines:
    """Makes the events ``lines`` (of the first hits) and ``newest`` of one search."""

    def __init__(
        self,
        count: int,
        readers: tuple[JournalReader, JournalReader],
        newest: Callable[[JournalReader], LogQuery | ContextQuery],
        run_id: str,
        compute: Callable[..., Coroutine[Any, Any, Any]],
    ) -> None:
        """Read nothing yet.

        Args:
            count: maximum number of lines of either kind, at most `MAX_WITH_LINES`; 0: none.
            readers: readers of the journal, for the first lines and for the newest; the search has
                its own.
            newest: begins a poll for the newest hits.
            run_id: the run's id, for pages.
            compute: `BaseHandler.compute`.
        """
        self._count, self._run_id, self._compute = count, run_id, compute
        self._reader, self._newest_reader = readers
        self._query = newest
        self._numbers: deque[int] = deque(maxlen=count)  # the newest ones
        self._known = self._given = 0
        self._look_back: asyncio.Task[bytes] | None = None
        self._is_sent = self._is_over = self._has_newest = False

    async def first(self, numbers: Sequence[int]) -> bytes:
        """Return an event with the lines of those of these hits that are among the first."""
        self._numbers.extend(numbers)
        self._known += len(numbers)
        wanted = numbers[: self._count - self._given]
        self._given += len(wanted)
        return await self._event("lines", wanted, self._reader) if wanted else b""

    def newest(self) -> bytes:
        """Look for the newest hits from the end of the log, beside a search that takes a while.

        Returns:
            An event with them, once, as soon as they are found.
        """
        if self._count == 0 or self._is_sent:
            return b""
        if self._look_back is None:
            self._look_back = asyncio.create_task(self._looked_back())
        if not self._look_back.done():
            return b""
        self._is_sent = True
        return self._look_back.result()

    async def last(self, hits: int) -> bytes:
        """Return an event with the newest of all hits, unless it was sent.

        Args:
            hits: how many there are.
        """
        if self._known < hits and self._count and not self._is_sent:  # some numbers are not known
            return await (self._look_back or self._looked_back())
        wanted = min(self._count, hits - self._given)
        if self._known < hits or wanted <= 0 or (self._is_sent and self._has_newest):
            return b""
        return await self._event("newest", list(self._numbers)[-wanted:], self._reader)

    async def stop(self) -> None:
        """End what was begun, and wait for that."""
        self._is_over = True
        if self._look_back is not None:
            await self._look_back

    async def _looked_back(self) -> bytes:
        reader = self._newest_reader
        with suppress(PrismqError, OSError):  # the search says what is wrong
            query = self._query(reader)
            while not self._is_over and not await self._compute(query.step, reader=reader):
                pass
            page = query.page()
            found, page.logs = page.logs, _newest(page.logs)
            self._has_newest = bool(found)
            if len(page.logs) < len(found):
                page.sgr = msgspec.UNSET  # that is of the first line of all
            return await self._sent("newest", page)
        return b""

    async def _event(self, name: str, numbers: Sequence[int], reader: JournalReader) -> bytes:
        lookup = LineLookup(reader, self._run_id, numbers, _TEXT_BYTES)
        for _ in range(_LOOKUP_STEPS):
            if await self._compute(lookup.step, reader=reader):
                break
        return await self._sent(name, await self._compute(lookup.page, reader=reader))

    async def _sent(self, name: str, page: LogPage) -> bytes:
        event: bytes = await self._compute(sse.event, name, page)
        return event


def _newest(lines: list[LogLine]) -> list[LogLine]:
    """Return the last of some lines, as many as there is room for; one in any case."""
    sizes = accumulate(len(line.message) for line in reversed(lines))
    room = sum(1 for _ in takewhile(lambda size: size <= _TEXT_BYTES, sizes))
    return lines[-max(1, room) :]
