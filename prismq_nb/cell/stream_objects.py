"""The stream objects of this process (`sys.stdout`, `sys.stderr`), turned in place.

They stay the same objects: loggers and progress bars that were made before keep theirs, and those
made meanwhile would keep a replacement that is closed later. What an object does with text
(`write`, `flush`, `isatty`, `fileno`) is replaced on the object.

`print` passes on each value, each space and the newline by itself, and a write to a terminal takes
some microseconds here and as long at the other end. So text without a newline is held, for a few
milliseconds at most (`flusher.py`). Python's own streams on a terminal hold it longer.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from io import UnsupportedOperation
from typing import Any

Write = Callable[[int, bytes], None]
MAX_HELD_CHARS = 4096
"""Longest text without a newline that is held."""


class Route:
    """Where the text of stream objects goes.

    Attributes:
        ends: descriptors of stdout and stderr.
        is_terminal: they are terminals.
        thread: runs the cell whose output it is; `ident`: its identifier.
        on_held: called when text is held: it must be flushed within milliseconds.
        taker: gets the stream and the bytes that a stream object was given, in place of the ends.
    """

    def __init__(
        self,
        ends: tuple[int, int],
        *,
        is_terminal: bool,
        thread: threading.Thread | None = None,
        on_held: Callable[[], None] = lambda: None,
    ) -> None:
        """Write to `ends` what a thread, by default this one, and its helpers print."""
        self.thread = thread or threading.current_thread()
        self.ident = self.thread.ident
        self.ends = ends
        self.is_terminal = is_terminal
        self.on_held = on_held
        self.taker: Write | None = None

    def is_foreign(self, thread: threading.Thread | None = None) -> bool:
        """Return whether a thread, by default this one, runs cells of another shell.

        ipykernel 7 has several: subshells.
        """
        thread = thread or threading.current_thread()
        if thread is self.thread:
            return False
        return _is_subshell(thread) or (
            _is_subshell(self.thread) and thread is threading.main_thread()
        )

    def write_to_ends(self, number: int, data: bytes) -> None:
        """Write bytes whole."""
        write_whole(self.ends[number], data)


class TextStream:
    """A stream object that does not write to descriptor 1 or 2, such as that of a kernel."""

    def __init__(
        self, stream: Any, number: int, route: Route, on_close: Callable[[], None]
    ) -> None:
        """Replace nothing yet.

        Args:
            stream: the object.
            number: 0 stdout, 1 stderr.
            route: where text goes.
            on_close: called before the program closes the object.
        """
        self._on_close = on_close
        self._stream = stream
        self._number = number
        self._route = route
        self._functions: dict[str, Any] = {}
        self._original: dict[str, Any] = {}
        self._before: dict[str, Any] = {}
        self._is_turned = False
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        self._lock = threading.RLock()  # reentrant, because a signal handler may print
        self._held = ""
        self._may_hold = True
        self.original_write: Callable[[str], Any] = stream.write
        self.original_flush: Callable[[], Any] = stream.flush

    def turn(self) -> None:
        """Replace what the object does with text."""
        own = vars(self._stream)
        names = ("write", "flush", "isatty", "fileno", "close")
        originals: dict[str, Any] = {
            name: getattr(self._stream, name) for name in names if hasattr(self._stream, name)
        }
        write, route = self._write_function(originals), self._route

        def flush() -> None:
            # also where text goes on to the cell: IPython flushes before it shows the result
            if not self._is_turned or route.taker is not None or route.is_foreign():
                originals["flush"]()
            else:
                self.flush()

        self._original = originals
        self._functions = {
            "write": write,
            "flush": flush,
            "isatty": self._isatty,
            "fileno": self._fileno,
            **({"close": self._close} if "close" in originals else {}),
        }
        self._before = {name: own[name] for name in self._functions if name in own}
        for name, function in self._functions.items():
            setattr(self._stream, name, function)
        self._is_turned = True

    def _write_function(self, originals: dict[str, Any]) -> Callable[[str], int]:
        """Return what takes the place of `write`: it runs for each word that is printed."""
        route, get_ident, ident = self._route, threading.get_ident, self._route.ident

        def write(text: str, /) -> int:
            # somebody has kept this function, or another cell runs at the same time
            if not self._is_turned or (get_ident() != ident and route.is_foreign()):
                return originals["write"](text)  # type: ignore[no-any-return]
            if not isinstance(text, str):
                raise TypeError(f"write() argument must be str, not {type(text)}")
            if (taker := route.taker) is not None:
                taker(self._number, self._encoded(text))
                return len(text)
            with self._lock:
                held = self._held
                self._held = held + text
                # Empty text is the end of a `print` that is to print no newline
                if "\n" in text or not text or len(held) > MAX_HELD_CHARS or not self._may_hold:
                    self._write_held()
                elif not held:
                    route.on_held()
            return len(text)

        return write

    def _encoded(self, text: str) -> bytes:
        return text.encode(self._encoding, "backslashreplace")

    def _write_held(self) -> None:
        text, self._held = self._held, ""
        if text:
            self._route.write_to_ends(self._number, self._encoded(text))

    def flush(self) -> None:
        """Write what is held; wait while nobody reads. Raises OSError: the end was closed."""
        with self._lock:
            self._write_held()

    def forget(self) -> None:
        """Hold nothing any more, in a fork: the parent writes what is held."""
        self._lock = threading.RLock()  # another thread may have held it
        self._held, self._may_hold = "", False

    def renew(self) -> None:
        """Do again what others have undone, and undo what they have brought back.

        IPython replaces `write` during a cell, and puts back afterwards what was there before: its
        own function where the cell was watched in the meantime, or ours where a run has ended.
        """
        if not self._is_turned:
            self.put_back()
            return
        own = vars(self._stream)
        for name, function in self._functions.items():
            found = own.get(name)
            # anything else may be a wrapper around ours
            if found is not function and getattr(found, "__self__", None) is self._stream:
                self._before[name] = self._original[name] = found
                setattr(self._stream, name, function)
        self.original_write, self.original_flush = self._original["write"], self._original["flush"]

    def _is_ours(self) -> bool:
        return self._is_turned and not self._route.is_foreign()

    def _isatty(self) -> bool:
        return self._route.is_terminal if self._is_ours() else self._original["isatty"]()

    def _fileno(self) -> int:
        if self._is_ours():
            return self._route.ends[self._number]
        if "fileno" not in self._original:
            raise UnsupportedOperation("fileno")
        return int(self._original["fileno"]())

    def _close(self) -> None:
        # That of a kernel waits for a thread which reads the descriptor that it knows
        if self._is_turned:
            with contextlib.suppress(OSError):
                self.flush()
            self._on_close()
        self._original["close"]()

    def put_back(self) -> None:
        """Undo `turn`; what others have replaced since then stays. Never waits."""
        self._is_turned = False
        own = vars(self._stream)
        for name, function in self._functions.items():
            if own.get(name) is function:
                with contextlib.suppress(AttributeError):
                    delattr(self._stream, name)
                    if name in self._before:
                        setattr(self._stream, name, self._before[name])


class FileStream:
    """A stream object that writes to descriptor 1 or 2: its text goes there line by line."""

    def __init__(self, stream: Any) -> None:
        """Change nothing yet."""
        self._stream = stream
        self._was_buffered = False

    def turn(self) -> None:
        """Let its text appear at the end of each line, as on a terminal."""
        self._was_buffered = getattr(self._stream, "line_buffering", True) is False
        if self._was_buffered:
            self._stream.reconfigure(line_buffering=True)

    def restore(self) -> None:
        """Undo `turn`. Waits while somebody else writes."""
        if self._was_buffered:
            self._was_buffered = False
            self._stream.reconfigure(line_buffering=False)

    def flush(self) -> None:
        """Print what the object holds. Waits while somebody else writes."""
        self._stream.flush()


def write_whole(fd: int, data: bytes) -> None:
    """Write all of `data`. Raises OSError."""
    written = os.write(fd, data)
    while written < len(data):  # it was interrupted
        written += os.write(fd, memoryview(data)[written:])


def _is_subshell(thread: threading.Thread) -> bool:
    return type(thread).__name__ == "SubshellThread"
