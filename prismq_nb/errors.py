"""The errors that prismq_nb raises, and the HTTP status that each one has.

    PrismqError                 500
    ├── InvalidRequest          400  a value that was sent cannot be used
    │   └── UnknownOption            a name is not an option (Python only; also a TypeError)
    ├── NotAllowed              403  the person or the configuration forbids it
    ├── RunNotFound             404  no run has that id
    ├── RunEnded                409  the run has ended already
    ├── RunActive               409  the run has not ended yet
    ├── RunUnreachable          409  the run is on another machine
    ├── NotRepeatable           409  too little is known of how the run was launched to launch it again
    ├── RunUnreadable           409  the run's log is damaged, or a newer prismq_nb made it
    ├── InputFull               409  the run does not read what was sent to it
    ├── InputClosed             409  the run's standard input is closed
    ├── BodyTooLarge            413  what was sent is over the limit
    ├── TooManyStreams          429  the server has as many streams as it may
    ├── LaunchFailed            400  the operating system refused to start it
    ├── StorageFull             507  the data directory takes no more
    ├── DataDirectoryUnusable   507  the data directory cannot be made, read or written
    ├── ServerUnreachable       503  no answer from the Jupyter server (client side)
    └── WaitTimeout             504  the run was still going when the wait ended (also a TimeoutError)

One tree for both sides of the wire: the server turns an error into ``{"message", "reason"}`` with its status, the client turns that answer back into
the same error. ``reason`` is the class name, so it survives the trip. Imports nothing of this project.

In IPython an error shows the person's own lines and its sentence, not how prismq_nb found it out:
``%tb`` shows all frames, ``%debug`` enters them.
"""

from __future__ import annotations

import sys
from types import FrameType, TracebackType

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` costs 4 ms to import, which a supervisor would pay at every launch
    from typing import Any

__all__ = [
    "BodyTooLarge",
    "DataDirectoryUnusable",
    "InputClosed",
    "InputFull",
    "InvalidRequest",
    "LaunchFailed",
    "NotAllowed",
    "NotRepeatable",
    "PrismqError",
    "RunActive",
    "RunEnded",
    "RunNotFound",
    "RunUnreachable",
    "RunUnreadable",
    "ServerUnreachable",
    "StorageFull",
    "TooManyStreams",
    "UnknownOption",
    "WaitTimeout",
    "from_wire",
]


class PrismqError(Exception):
    """Anything that prismq_nb raises on purpose; its text is written for the person who reads it."""

    status: int = 500

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows, which looks for a method of this name."""
        shell = sys.modules["IPython"].get_ipython()
        shown = shell.InteractiveTB
        caller = sys._getframe(1)  # noqa: SLF001 - nothing else tells `%tb` from an error in a cell
        if shown.mode == "Verbose" or _asked_for_all(caller):
            return list(shown.structured_traceback(type(self), self, self.__traceback__))
        cause, self.__cause__ = self.__cause__, None  # the sentence says it
        try:
            frames = _above_us(self.__traceback__)
            return list(shown.structured_traceback(type(self), self, frames, context=3))
        finally:
            self.__cause__ = cause
            shown.tb = self.__traceback__  # for %debug


class InvalidRequest(PrismqError, ValueError):
    """A parameter has a value that cannot be used; the text names the parameter, the value and the remedy."""

    status = 400


class UnknownOption(InvalidRequest, TypeError):
    """A name that is not an option of what was called; the text names the one that is like it."""


class NotAllowed(PrismqError, PermissionError):
    """The person may not do this here, or the server's configuration forbids it."""

    status = 403


class RunNotFound(PrismqError, LookupError):
    """No run in the data directory has that id (ids of a wrong form included)."""

    status = 404


class RunEnded(PrismqError):
    """The run has ended, so it can neither be stopped nor written to."""

    status = 409


class RunActive(PrismqError):
    """The run has not ended, so it can neither be purged nor launched again."""

    status = 409


class RunUnreachable(PrismqError):
    """The run goes on, perhaps, but cannot be asked from here; the text says why.

    It was started on another machine, which the text names. Only a person can know whether that
    machine is gone: then the run can be given up.
    """

    status = 409


class NotRepeatable(PrismqError):
    """The run cannot be launched again, because part of its launch (an environment, masked values) was not kept."""

    status = 409


class RunUnreadable(PrismqError):
    """The run's log cannot be read: it is damaged, or a newer prismq_nb made it (the text says)."""

    status = 409


class InputFull(PrismqError):
    """The run's stdin takes no more now: 64 KiB wait unread, or its supervisor does not answer.

    Nothing was sent; try again when the run has read some.
    """

    status = 409


class InputClosed(PrismqError):
    """The run has no stdin, has closed it, or an earlier `eof` did: nothing can be sent to it."""

    status = 409


class BodyTooLarge(PrismqError):
    """What was sent (input, or the body of a request) is over the limit that the text names."""

    status = 413


class TooManyStreams(PrismqError):
    """As many streams are open as the server may have; the text names the limit.

    Attributes:
        retry_after: seconds after which to try again, as the server says.
    """

    status = 429
    retry_after: float = 5.0


class LaunchFailed(PrismqError):
    """The operating system refused to start the child; the text is its reason, with what was to be started."""

    status = 400


class DataDirectoryUnusable(PrismqError):
    """The data directory cannot be made, read or written; the text says why, and the remedy."""

    status = 507


class StorageFull(PrismqError):
    """The data directory has no room for another run."""

    status = 507


class ServerUnreachable(PrismqError, ConnectionError):
    """The Jupyter server did not answer; the text names its address."""

    status = 503


class WaitTimeout(PrismqError, TimeoutError):
    """The run was still going when the time given to `Run.wait` was over."""

    status = 504


def _asked_for_all(frame: FrameType | None) -> bool:
    """Whether the magic ``%tb`` is among the callers."""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if frame.f_code.co_name == "tb" and module.startswith("IPython."):
            return True
        frame = frame.f_back
    return False


def _above_us(traceback: TracebackType | None) -> TracebackType | None:
    """Return a copy of a traceback that ends before the first frame of this package."""
    frames: list[TracebackType] = []
    while traceback is not None and not _is_ours(traceback.tb_frame.f_globals):
        frames.append(traceback)
        traceback = traceback.tb_next
    copy: TracebackType | None = None
    for each in reversed(frames):
        copy = TracebackType(copy, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return copy


def _is_ours(variables: dict[str, Any]) -> bool:
    return str(variables.get("__name__", "")).partition(".")[0] == __name__.partition(".")[0]


def _tree(root: type[PrismqError]) -> dict[str, type[PrismqError]]:
    return {kind.__name__: kind for kind in (root, *root.__subclasses__())}


def from_wire(status: int, message: str, reason: str | None) -> PrismqError:
    """The error that an answer of the server stands for.

    Args:
        status: HTTP status of the answer, 400 to 599.
        message: its ``message``, for people.
        reason: its ``reason``, the class name where the error is one of ours.
    """
    kinds = _tree(PrismqError)
    if reason in kinds:
        return kinds[reason](message)
    fallback = {400: InvalidRequest, 401: NotAllowed, 403: NotAllowed, 404: RunNotFound, 413: BodyTooLarge, 507: StorageFull}
    return fallback.get(status, PrismqError)(f"{message} (HTTP {status})")
