"""`Run`: the handle of one run, as `prismq_nb.launch` and `prismq_nb.get` return it.

It holds an id, a client and the last known state of the run, but no thread and no connection, so
there is nothing to close. The run continues when its handle is deleted.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from prismq_nb.client.base.backoff import GIVE_UP_SECONDS, Backoff, is_transient
from prismq_nb.client.base.durations import to_seconds
from prismq_nb.client.base.interface import ENDED
from prismq_nb.client.base.notice import in_kernel, print_notice
from prismq_nb.client.run.attempts import RunAttempts
from prismq_nb.client.run.log import RunLog
from prismq_nb.common.run_words import describe, still
from prismq_nb.errors import InvalidRequest, PrismqError, WaitTimeout

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from datetime import timedelta

    from prismq_nb.client.base.interface import Client
    from prismq_nb.common.models import RunInfo

POLL_FIRST_SECONDS = 0.02
POLL_MOST_SECONDS = 0.5
"""The longest delay with which `wait` notices the end of a run: two requests a second."""


class Run(RunAttempts, RunLog):
    """A run: its status, its log, and the actions on it.

    Reading a property makes one request (about 2 ms) until the run has ended, and none afterwards.
    To read several properties as of one moment, call `refresh()` and read them from `info`.

    Example:
        >>> run = prismq_nb.launch("collect.py", max_results=50)
        >>> run.status, run.lines
        ('running', 17)
        >>> run.wait(timeout=60)
        'completed'
    """

    def __init__(self, client: Client, info: RunInfo) -> None:
        """Wrap the known state of a run; makes no request."""
        super().__init__(client, info)

    # Waiting

    def wait(self, timeout: float | str | timedelta | None = None) -> str:
        r"""Wait until the run has ended, and return its status.

        Ctrl-C (or the notebook's stop button) interrupts the wait, not the run. A restart of the
        server does not interrupt the wait. When the run starts to wait for input, a line on stderr
        says so (in a kernel or on a terminal).

        Args:
            timeout: the longest time to wait: seconds, a `timedelta`, or a string such as ``"5m"``;
                None: no limit.

        Returns:
            ``completed``, ``failed`` or ``cancelled``.

        Raises:
            WaitTimeout: the timeout expired (also a TimeoutError). The run continues.
            InvalidRequest: `timeout` is not a valid duration.
            RunNotFound: the run was purged meanwhile.
            ServerUnreachable: the server was unreachable for more than 5 minutes.

        Example:
            >>> if run.wait(timeout="2h") == "failed":
            ...     print(run.error_message, run.logs(tail=20), sep="\n")
        """
        limit = to_seconds("timeout", timeout)
        deadline = None if limit is None else time.monotonic() + limit
        for delay in self._polls():
            left = delay if deadline is None else deadline - time.monotonic()
            if left <= 0:
                raise WaitTimeout(still(self._info, limit))
            time.sleep(min(delay, left))
        return self._info.status

    def result(self) -> Any:
        """Return the value of the last expression of a watched cell, in the kernel that ran it.

        Raises:
            InvalidRequest: the value is not here: the run is no watched cell of this kernel, or the
                cell ended without one, or suppressed it with ``;``, or it was deleted.

        Example:
            >>> prismq_nb.get("training").result()
        """
        import prismq_nb  # noqa: PLC0415 - as in `_ipython_display_`

        package: Any = prismq_nb
        try:
            return package._cell_result(self.run_id)  # noqa: SLF001 - private to this package
        except LookupError:
            raise InvalidRequest(
                f"{self.run_id} has no result here: the value of a cell's last expression is kept"
                " in the kernel that ran it, unless it was suppressed with ';' or deleted"
            ) from None

    def __await__(self) -> Generator[Any, None, str]:
        """Wait with ``await run``, without blocking the event loop; the result is the status.

        Cancelling the task stops the wait, not the run.
        """
        return self._wait_async().__await__()

    async def _wait_async(self) -> str:
        polls = self._polls()
        # the run is in another process, so there is no event to wait for
        while (delay := await asyncio.to_thread(next, polls, None)) is not None:  # noqa: ASYNC110
            await asyncio.sleep(delay)
        return self._info.status

    def _polls(self) -> Iterator[float]:
        """Poll the run, and yield the seconds until the next poll, until it has ended."""
        polling = Backoff(POLL_FIRST_SECONDS, POLL_MOST_SECONDS, factor=1.25)
        retries = Backoff(POLL_MOST_SECONDS, POLL_MOST_SECONDS, give_up=GIVE_UP_SECONDS)
        alive_s = time.monotonic()  # when the server last responded
        while True:
            try:
                if self._current().status in ENDED:
                    return
                self._notice.update(self._info)
                retries.reset()
                alive_s = time.monotonic()
            except PrismqError as error:
                if not is_transient(error, time.monotonic() - alive_s) or retries.delay() is None:
                    raise
            yield polling.delay() or POLL_MOST_SECONDS

    # Actions

    def stop(self) -> None:
        """Stop the run: interrupt it as Ctrl-C does (SIGINT), after 5 s SIGTERM, then SIGKILL.

        Returns at once; call `wait` to wait for the end. A second call, at least 1 s after the
        first, sends SIGTERM at once and SIGKILL within a second.

        A watched cell is interrupted, as by the notebook's stop button, and its kernel is never
        killed: if the cell goes on, restart the kernel. A second call adds a note that says so.

        Raises:
            RunNotFound: the run was purged.
            RunEnded: the run has already ended.
            RunUnreachable: the run is on another machine, which cannot be reached from here.
        """
        self._info = self._client.stop(self.run_id)

    def give_up(self) -> None:
        """Mark an unreachable run as failed because its machine (`host`) is gone for good.

        The log is kept. No process is signalled: if the run is still running there, its further
        output is lost.

        Raises:
            RunNotFound: the run was purged.
            RunEnded: the run has already ended.
            RunActive: the run can be reached; stop it instead.
        """
        self._info = self._client.give_up(self.run_id)

    def send(self, text: str, *, eof: bool = False, secret: bool = False) -> None:
        r"""Write `text` to the run's standard input, in full or not at all.

        On a terminal, the text appears in the log, because the terminal echoes it, and some
        characters act as keys unless the program reads single keys: ``"\x03"`` (Ctrl-C) interrupts
        the foreground processes, ``"\x1c"`` (Ctrl-\) makes them quit, and ``"\x04"`` (Ctrl-D) at
        the start of a line ends the input for one read. With pipes, these are ordinary bytes.

        Args:
            text: at most 65,536 bytes in UTF-8; end a line with a newline. On a terminal, a line
                has at most 4,095 bytes.
            eof: end the input after the text: for good with pipes, as Ctrl-D does on a terminal.
            secret: the text is a password. On a terminal it is held in memory until the program
                hides what is typed, as ``getpass`` does, and so is everything sent after it; a
                line on stderr says so. Each hidden prompt gets one line. If the program ends
                without asking, the text is discarded and `notes` says so. No effect with pipes,
                which echo nothing.

        Raises:
            RunNotFound: the run was purged.
            RunEnded: the run has ended.
            InputFull: 64 KiB are waiting to be read, or the supervisor does not respond; nothing
                was sent.
            InputClosed: the standard input is closed or was never open; launch with
                ``terminal=True`` or ``stdin=True``. Answer a watched cell in its notebook.
            BodyTooLarge: `text` is too long; send it in pieces.
            InvalidRequest: `text` is not a string, or cannot be encoded in UTF-8.

        Example:
            >>> run.send("yes\n")
            >>> run.send(getpass.getpass() + "\n", secret=True)
        """
        if not isinstance(text, str):
            raise InvalidRequest(
                f"text={text!r} is not a string; pass one such as 'yes\\n'", parameter="text"
            )
        if self._client.send(self.run_id, text, eof=eof, secret=secret):
            print_notice(
                f"{self.module_name}: holding the text until the program asks for a password"
            )

    def keep(self, keep: bool = True) -> None:
        """Pin the run so that retention never purges it; ``keep(False)`` unpins it.

        Raises:
            RunNotFound: the run was purged.
            StorageFull: the disk is full, so the pin cannot be stored.
        """
        self._info = self._client.keep(self.run_id, keep=keep)

    def purge(self) -> None:
        """Delete the run and its log for good.

        Raises:
            RunNotFound: the run was already purged.
            RunActive: the run has not ended; stop it first.
        """
        self._client.purge(self.run_id)

    # Display

    def __repr__(self) -> str:
        # a repr must not raise; the last known status is better than none
        with contextlib.suppress(PrismqError):
            self._current()
        return f"<Run {self.module_name} {describe(self._info)}, {self.run_id}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and other.run_id == self.run_id

    def __hash__(self) -> int:
        return hash(self.run_id)

    def _ipython_display_(self) -> None:
        """Display the live log in a notebook, with the text that the saved notebook keeps."""
        if not in_kernel():
            raise NotImplementedError  # makes IPython show the repr
        # the display is a layer above, so it is reached through the package root
        import prismq_nb  # noqa: PLC0415

        package: Any = prismq_nb
        package._show(self)  # noqa: SLF001 - private to this package
