"""The errors that prismq_nb raises, and the HTTP status of each one.

::

    PrismqError                  500
    ├── InvalidRequest           400  a value is invalid (also a ValueError)
    │   └── UnknownOption             there is no option of that name (also a TypeError)
    ├── LaunchFailed             400  the operating system refused to start the program
    ├── NotAllowed               403  not signed in, or not permitted (also a PermissionError)
    ├── RunNotFound              404  there is no such run (also a LookupError)
    ├── RunEnded                 409  the run has already ended
    ├── RunActive                409  the run has not ended yet
    ├── AlreadyWatched           409  another thread is being watched (client side only)
    ├── RunUnreachable           409  the run is on another machine
    ├── NotRepeatable            409  the run cannot be restarted from what was stored
    ├── RunUnreadable            409  the log is damaged, or from a newer prismq_nb
    ├── InputFull                409  the program does not read its input
    ├── InputClosed              409  the program's standard input is closed
    ├── BodyTooLarge             413  the input or request body exceeds its limit
    ├── TooManyStreams           429  the server has reached its limit of open streams
    ├── ServerUnreachable        503  the Jupyter server does not respond (client side only)
    ├── WaitTimeout              504  the run was still active after the timeout of `Run.wait`
    ├── StorageFull              507  the data directory has no room
    └── DataDirectoryUnusable    507  the data directory cannot be created, read or written

Both sides of the wire share this tree: the server turns an error into a status and
``{"message", "reason"}`` (with ``parameter`` and ``detail`` if they are known), and the client
turns that response back into the same error. ``reason`` is the class name. This module imports
nothing of the project.

In IPython, an error shows the cell's own lines and one sentence, without the frames of this
package: ``%tb`` shows them all, ``%debug`` enters them.
"""

from __future__ import annotations

import sys
from types import FrameType, TracebackType

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` costs 4 ms to import, which a supervisor would pay at every launch
    from typing import Any

__all__ = [
    "AlreadyWatched",
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
    """Base class of the errors of prismq_nb.

    Attributes:
        status: HTTP status of the response that carries the error.
        parameter: name of the parameter whose value is wrong; None if it is not about one.
        detail: what is wrong with the value, without naming the parameter and the value, for
            where both are shown already; None: the message says it.
    """

    status: int = 500
    parameter: str | None = None
    detail: str | None = None

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows; it calls this method if an error has it."""
        shell = sys.modules["IPython"].get_ipython()
        formatter = shell.InteractiveTB
        caller = sys._getframe(1)  # noqa: SLF001 - nothing else tells `%tb` from an error in a cell
        if formatter.mode == "Verbose" or _is_from_tb_magic(caller):
            return list(formatter.structured_traceback(type(self), self, self.__traceback__))
        cause, self.__cause__ = self.__cause__, None  # the message covers it
        try:
            frames = _frames_above_package(self.__traceback__)
            return list(formatter.structured_traceback(type(self), self, frames, context=3))
        finally:
            self.__cause__ = cause
            formatter.tb = self.__traceback__  # for %debug


class InvalidRequest(PrismqError, ValueError):
    """A value is invalid; the message names the parameter, the value and the remedy."""

    status = 400

    def __init__(
        self, message: str = "", *, parameter: str | None = None, detail: str | None = None
    ) -> None:
        """Make the error; see the attributes of `PrismqError`."""
        super().__init__(message)
        self.parameter, self.detail = parameter, detail


class UnknownOption(InvalidRequest, TypeError):
    """There is no option of that name; the message suggests a similar one."""


class NotAllowed(PrismqError, PermissionError):
    """You are not signed in to the server, or it does not permit this action."""

    status = 403


class RunNotFound(PrismqError, LookupError):
    """There is no run with that id or name."""

    status = 404


class RunEnded(PrismqError):
    """The run has ended, so it cannot be stopped and takes no input."""

    status = 409


class RunActive(PrismqError):
    """The run has not ended, so it cannot be purged, restarted or given up."""

    status = 409


class AlreadyWatched(PrismqError, RuntimeError):
    """Another thread of this process is being watched; a process has one output."""

    status = 409


class RunUnreachable(PrismqError):
    """The run was started on another machine, which the message names.

    It may still be running there. If that machine is gone for good, call `Run.give_up`.
    """

    status = 409


class NotRepeatable(PrismqError):
    """The run cannot be restarted from what was stored; the message says what to pass.

    Secrets are not stored, so environment variables or masked values may be missing.
    """

    status = 409


class RunUnreadable(PrismqError):
    """The log cannot be read; the message says whether it is damaged or from a newer prismq_nb."""

    status = 409


class InputFull(PrismqError):
    """The input was not sent: 64 KiB are waiting to be read, or the supervisor does not respond.

    Send it again once the program has read some.
    """

    status = 409


class InputClosed(PrismqError):
    """The standard input is closed: by the program, by an earlier `eof`, or from the start."""

    status = 409


class BodyTooLarge(PrismqError):
    """The input or the request body exceeds the limit that the message names."""

    status = 413


class TooManyStreams(PrismqError):
    """The server has reached its limit of open streams, which the message names.

    Attributes:
        retry_after: seconds to wait before trying again, from the ``Retry-After`` header.
    """

    status = 429
    retry_after: float = 5.0


class LaunchFailed(PrismqError):
    """The operating system refused to start the program; the message names both and the reason."""

    status = 400


class DataDirectoryUnusable(PrismqError):
    """The data directory cannot be created, read or written; the message names cause and remedy."""

    status = 507


class StorageFull(PrismqError):
    """The data directory has no room left."""

    status = 507


class ServerUnreachable(PrismqError, ConnectionError):
    """The Jupyter server does not respond; the message names its address."""

    status = 503


class WaitTimeout(PrismqError, TimeoutError):
    """The run was still active when the timeout of `Run.wait` expired; it continues."""

    status = 504


def _is_from_tb_magic(frame: FrameType | None) -> bool:
    """Return whether the magic ``%tb`` is among the callers."""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if frame.f_code.co_name == "tb" and module.startswith("IPython."):
            return True
        frame = frame.f_back
    return False


def _frames_above_package(traceback: TracebackType | None) -> TracebackType | None:
    """Return a copy of a traceback that ends before the first frame of this package."""
    frames: list[TracebackType] = []
    while traceback is not None and not _is_of_package(traceback.tb_frame.f_globals):
        frames.append(traceback)
        traceback = traceback.tb_next
    copy: TracebackType | None = None
    for each in reversed(frames):
        copy = TracebackType(copy, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return copy


def _is_of_package(variables: dict[str, Any]) -> bool:
    return str(variables.get("__name__", "")).partition(".")[0] == __name__.partition(".")[0]


def _tree(root: type[PrismqError]) -> dict[str, type[PrismqError]]:
    return {kind.__name__: kind for kind in (root, *root.__subclasses__())}


def from_wire(
    status: int,
    message: str,
    reason: str | None,
    parameter: str | None = None,
    detail: str | None = None,
) -> PrismqError:
    """Return the error that a response of the server stands for.

    Args:
        status: HTTP status of the response, 400 to 599.
        message: the ``message`` of its body, for people.
        reason: the ``reason`` of its body, a class name of this module; None if there is none.
        parameter: the ``parameter`` of its body; None if there is none.
        detail: the ``detail`` of its body; None if there is none.
    """
    error = _from_wire(status, message, reason)
    error.parameter, error.detail = parameter, detail
    return error


def _from_wire(status: int, message: str, reason: str | None) -> PrismqError:
    kinds = _tree(PrismqError)
    if reason is not None and reason in kinds:
        return kinds[reason](message)
    fallback: dict[int, type[PrismqError]] = {
        400: InvalidRequest,
        401: NotAllowed,
        403: NotAllowed,
        404: RunNotFound,
        413: BodyTooLarge,
        507: StorageFull,
    }
    return fallback.get(status, PrismqError)(f"{message} (HTTP {status})")
