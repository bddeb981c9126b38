"""The handle of one run: what `prismq_nb.launch` and `prismq_nb.get` return.

Holds an id, a client, and the last answer about the run; no thread, no connection, nothing that must be closed. It can be dropped at any time: the
run goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from prismq_nb.client.base.backoff import GIVE_UP_SECONDS, Backoff, may_pass
from prismq_nb.client.base.durations import seconds
from prismq_nb.client.base.interface import ENDED
from prismq_nb.client.base.notice import in_kernel, say
from prismq_nb.client.run.attempts import RunAttempts
from prismq_nb.client.run.log import RunLog
from prismq_nb.common.run_words import describe, still
from prismq_nb.errors import InvalidRequest, PrismqError, WaitTimeout

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from datetime import timedelta

    from prismq_nb.client.base.interface import Client
    from prismq_nb.common.models import Run as Record

__all__ = ["Run"]

POLL_FIRST_SECONDS = 0.02
POLL_MOST_SECONDS = 0.5
"""`wait` notices the end of a run at most this much late, and asks at most twice a second about a long one."""


class Run(RunAttempts, RunLog):
    """A run: its status, its log, and what can be done with it.

    Properties ask the server each time they are read (one request, about 2 ms), until the run has ended; then they never ask again. To read several
    of them as of one moment, use `record` after `refresh()`.

    Example:
        >>> run = prismq_nb.launch("collect.py", max_results=50)
        >>> run.status, run.lines
        ('running', 17)
        >>> run.wait(timeout=60)
        'completed'
    """

    def __init__(self, client: Client, record: Record) -> None:
        """As `prismq_nb.launch` and `prismq_nb.get` do; asks nobody."""
        super().__init__(client, record)

    # Waiting for it.

    def wait(self, timeout: float | str | timedelta | None = None) -> str:
        """Wait until the run has ended; returns its status.

        Ctrl-C (or the notebook's stop button) interrupts the waiting, not the run. A server that
        restarts meanwhile is waited for. When the run begins to wait for input, one line on stderr
        says so, in a kernel or on a terminal.

        Args:
            timeout: how long to wait at most, as `launch` takes it; None: as long as it takes.

        Raises:
            WaitTimeout: the time was over before the run was. The run goes on.
            ServerUnreachable: the server was away for more than 5 minutes.
        """
        limit = seconds("timeout", timeout)
        deadline = None if limit is None else time.monotonic() + limit
        for delay in self._polls():
            left = delay if deadline is None else deadline - time.monotonic()
            if left <= 0:
                raise WaitTimeout(still(self._record, limit))
            time.sleep(min(delay, left))
        return self._record.status

    def __await__(self) -> Generator[Any, None, str]:
        """``await run``: wait until it has ended without blocking the event loop; gives its status. Cancelling stops the waiting, not the run."""
        return self._wait_async().__await__()

    async def _wait_async(self) -> str:
        polls = self._polls()
        while (delay := await asyncio.to_thread(next, polls, None)) is not None:  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(delay)
        return self._record.status

    def _polls(self) -> Iterator[float]:
        """Ask, and give the seconds until the next question, until the run has ended."""
        pace = Backoff(POLL_FIRST_SECONDS, POLL_MOST_SECONDS, factor=1.25)
        patience = Backoff(POLL_MOST_SECONDS, POLL_MOST_SECONDS, give_up=GIVE_UP_SECONDS)
        alive = time.monotonic()  # when the server was last known to be there: the run is known
        while True:
            try:
                if self._now().status in ENDED:
                    return
                self._notice.look(self._record)
                patience.reset()
                alive = time.monotonic()
            except PrismqError as error:
                if not may_pass(error, time.monotonic() - alive) or patience.delay() is None:
                    raise
            yield pace.delay() or POLL_MOST_SECONDS

    # What can be done to it.

    def stop(self) -> None:
        """Ask the run to end: it is interrupted as with Ctrl-C, after 5 s terminated, then killed.

        Does not wait. A second call terminates it at once, and kills it within a second; one that
        comes within a second of the first counts as the first.

        Raises:
            RunEnded: it has ended already.
            RunUnreachable: it is on another machine, which cannot be asked from here.
        """
        self._record = self._client.stop(self.run_id)

    def give_up(self) -> None:
        """End an unreachable run, as failed, because its machine (`host`) is gone for good.

        Its log is kept. Nothing is signalled: should the run go on there, its output is lost.

        Raises:
            RunEnded: it has ended already.
            RunActive: it goes on where it can be reached; stop it.
        """
        self._record = self._client.give_up(self.run_id)

    def send(self, text: str, *, eof: bool = False, secret: bool = False) -> None:
        r"""Write `text` to the run's standard input, all of it or nothing.

        On a terminal, what is sent appears in the log, because the terminal echoes it. Some
        characters act as their keys do, unless the program reads single keys: ``"\x03"`` (Ctrl-C)
        interrupts the foreground processes, ``"\x1c"`` (Ctrl-\) makes them quit, ``"\x04"``
        (Ctrl-D) at the start of a line is the end of input for one read: a program that goes on
        reading gets what is sent later. With pipes all three are bytes like any other.

        Args:
            text: at most 65,536 bytes in UTF-8; a line needs its newline. A terminal takes lines
                of at most 4,095 bytes.
            eof: end the input after it: with pipes for good, on a terminal as Ctrl-D does.
            secret: a password: give it to a terminal only while the program hides what is typed,
                as ``getpass`` does, and hold it until then, with all that is sent later; a line
                says that it is kept. Each hidden question gets one line. It is held in memory
                alone; where the program ends without asking, it is dropped, and `notes` say so.
                With pipes, where nothing is echoed, no difference.

        Raises:
            RunEnded: it has ended.
            InputFull: too much waits unread (64 KiB are kept for it), or its supervisor does not
                answer. Nothing was sent: send again when it has read some.
            InputClosed: its standard input is closed, or was never open: launch it with
                ``terminal=True`` or ``stdin=True``.
            BodyTooLarge: `text` is too long: send it in pieces.
            InvalidRequest: `text` is not a str, or not one that UTF-8 can carry.
        """
        if not isinstance(text, str):
            raise InvalidRequest(f"text is a {type(text).__name__}, {text!r}; give a str, such as 'yes\\n'.")
        if self._client.send(self.run_id, text, eof=eof, secret=secret):
            say(f"{self.module_name}: the text is kept until the program asks for a password")

    def keep(self, keep: bool = True) -> None:
        """Pin the run, so that it is never purged for its age or for space; ``keep(False)`` unpins."""
        self._record = self._client.keep(self.run_id, keep=keep)

    def purge(self) -> None:
        """Delete the run and its log for good.

        Raises:
            RunActive: it has not ended; stop it first.
        """
        self._client.purge(self.run_id)

    # How it shows itself.

    def __repr__(self) -> str:
        with contextlib.suppress(PrismqError):  # a repr that raises breaks debuggers; the last known status is better than none
            self._now()
        return f"<Run {self.module_name} {describe(self._record)}, {self.run_id}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and other.run_id == self.run_id

    def __hash__(self) -> int:
        return hash(self.run_id)

    def _ipython_display_(self) -> None:
        """In a notebook: the live log, and what a saved notebook keeps of it; elsewhere the repr."""
        if not in_kernel():
            raise NotImplementedError  # IPython's word for "show the repr"
        import prismq_nb  # noqa: PLC0415 - what shows runs is a layer above: it is reached by its name in the root

        prismq_nb._show(self)  # noqa: SLF001 - its name is for us alone
