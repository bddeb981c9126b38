"""Turn the output of this process to other descriptors, and back.

The stream objects are turned in place (`stream_objects.py`). Descriptors 1 and 2 are replaced too,
for C code and for child processes.

`put_back` never waits: it is what helps a program that waits to print.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from prismq_nb.cell import c_streams, descriptors
from prismq_nb.cell.owned import identity
from prismq_nb.cell.stream_objects import FileStream, Route, TextStream, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable

_STDOUT, _STDERR = 1, 2
_PIECE_BYTES = 4096
"""A pipe that takes anything takes so much at once (pipe(7), PIPE_BUF)."""
_SIGN_SECONDS = 1.0


class Redirect:
    """The output of this process, turned to a `Route` between `turn` and `restore`.

    Attributes:
        route: where it goes.
        is_turned: it goes there now.
    """

    def __init__(self, route: Route) -> None:
        """Change nothing yet."""
        self.route = route
        self.is_turned = False
        self._changing = threading.Lock()
        self._has_replaced = False
        self._texts: dict[int, TextStream] = {}
        self._files: list[FileStream] = []

    def turn(self) -> None:
        """Turn the output.

        Raises:
            OSError: a descriptor cannot be copied; everything is as it was.
        """
        self._collect()
        try:
            self.flush()
            for file in self._files:
                file.turn()
            with self._changing:
                self._has_replaced = True
                descriptors.replace(self.route.ends)
                for text in self._texts.values():
                    text.turn()
                self.is_turned = True
        except BaseException:
            self.restore()
            raise

    def put_back(self) -> None:
        """Let output go where it went before. Never raises or waits; from any thread, also twice.

        Descriptors that the program has replaced meanwhile stay as they are.
        """
        with self._changing:
            for text in self._texts.values():
                with contextlib.suppress(Exception):
                    text.put_back()
            if self._has_replaced:
                descriptors.put_back()
            self._has_replaced = self.is_turned = False

    def renew(self) -> None:
        """See to it that stream objects are as this left them. Call it when no cell runs."""
        with self._changing:
            for text in self._texts.values():
                with contextlib.suppress(Exception):
                    text.renew()

    def _put_back_one(self, number: int) -> None:
        """Let one stream go where it went before, because the program closes it. Never raises."""
        with self._changing:
            with contextlib.suppress(Exception):
                self._texts[number].put_back()
            if self._has_replaced:
                descriptors.put_back((number,))

    def restore(self) -> None:
        """Undo `turn`. Never raises, but waits while other threads write."""
        if self.is_turned:
            self.flush()
        self.put_back()
        for file in self._files:
            with contextlib.suppress(Exception):
                file.restore()

    def flush(self) -> None:
        """Print what this process holds of its output. Never raises."""
        for file in self._files:
            with contextlib.suppress(Exception):
                file.flush()
        self.flush_held()
        c_streams.flush()

    def flush_held(self) -> None:
        """Print what stream objects hold of lines that are not whole. Never raises."""
        for text in self._texts.values():
            with contextlib.suppress(Exception):
                text.flush()

    def forget(self) -> None:
        """Print at once, in a fork."""
        self.route.taker = None
        for text in self._texts.values():
            text.forget()

    def flush_texts(self) -> None:
        """Show what stream objects held when the output was turned. Never raises, but may wait."""
        for text in self._texts.values():
            with contextlib.suppress(Exception):
                text.original_flush()

    def write_before(
        self, number: int, data: bytes, text: str, on_wait: Callable[[], None] = lambda: None
    ) -> None:
        """Write where output goes without this redirect: `text` to an object, else `data`.

        `on_wait` is called once a second while a reader is waited for.

        Raises:
            Exception: whatever that raises.
        """
        if (stream := self._texts.get(number)) is not None:
            stream.original_write(text)
            return
        fd = descriptors.original(number)
        try:
            if identity(fd) == identity(self.route.ends[number]):
                return  # what it was could not be put back, and it would come again
            poll = select.poll()
            poll.register(fd, select.POLLOUT)
            for start in range(0, len(data), _PIECE_BYTES):
                while not poll.poll(1000 * _SIGN_SECONDS):
                    on_wait()
                write_whole(fd, data[start : start + _PIECE_BYTES])
        finally:
            os.close(fd)

    def _collect(self) -> None:
        self._files, self._texts = [], {}
        for number, stream in enumerate((sys.stdout, sys.stderr)):
            if stream is None:
                continue
            if _descriptor(stream) in (_STDOUT, _STDERR):
                self._files.append(FileStream(stream))
            elif hasattr(stream, "__dict__") and hasattr(stream, "isatty"):
                close = partial(self._put_back_one, number)
                self._texts[number] = TextStream(stream, number, self.route, close)


def _descriptor(stream: Any) -> int | None:
    try:
        return int(stream.fileno())
    except Exception:  # noqa: BLE001 - any object may stand here; most have no descriptor
        return None
