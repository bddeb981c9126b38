"""`watch`: the output of a block of code of this very process becomes a run.

Without ``from __future__ import annotations``, so that ``watch?`` shows types, not their source.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any

from prismq_nb.capture.run_directory import TooLarge
from prismq_nb.cell.announcement import Printed
from prismq_nb.cell.describe import Description
from prismq_nb.cell.outcome import outcome_of, traceback_text
from prismq_nb.cell.session import session
from prismq_nb.cell.watched import WatchedCell
from prismq_nb.client.base.arguments import mask_values, string_option
from prismq_nb.client.base.notice import ipython_shell
from prismq_nb.client.run.run import Run
from prismq_nb.common.base.state import CELL, FAILED, iso, now_us
from prismq_nb.common.models import Origin, RunInfo
from prismq_nb.errors import AlreadyWatched, InvalidRequest, RunNotFound

DEFAULT_NAME = "cell"


def watch(
    name: str | None = None,
    *,
    mask: str | Sequence[str] = (),
    terminal: bool = True,
    echo: bool | None = None,
) -> "Watch":
    """Watch what a block of code prints: it becomes a run, and nothing of it is lost.

    >>> with prismq_nb.watch("training") as run:
    ...     for epoch in range(3):
    ...         print("epoch", epoch)

    All output of the process is captured meanwhile: of Python, of libraries in C, and of child
    processes. In a notebook the log appears live below the cell; what is displayed (figures,
    tables, widgets, the result) stays in the cell. The code runs here, with its variables; if the
    tab is closed or the kernel dies, the log has every line up to then.

    The run is ``completed`` when the block ends, ``failed`` if it raises, and ``cancelled`` if it
    is interrupted. Stopping the run interrupts the kernel and never kills it. If the run cannot be
    stored (a full disk), the block goes on, its output appears as usual, and a line says why.

    Args:
        name: display name of the run; by default that of the notebook or ``cell``.
        mask: secrets that must not be stored: values, or names of environment variables.
        terminal: the output is a terminal, so programs use colours and progress bars; False: pipes.
        echo: the output also goes where it went before; by default only where no viewer shows it,
            as in scripts and consoles.

    Returns:
        A context manager; its value is the `Run`.

    Raises:
        InvalidRequest: a value is invalid.
        AlreadyWatched: another thread is being watched (when the block begins).
    """
    return Watch(name, mask=mask, terminal=terminal, echo=echo)


class Watch:
    """The context manager that `watch` returns; it may be used once."""

    _cell: WatchedCell | None = None

    def __init__(
        self,
        name: str | None = None,
        *,
        mask: str | Sequence[str] = (),
        terminal: bool = True,
        echo: bool | None = None,
    ) -> None:
        """Check the arguments; see `watch`."""
        if name is not None and not string_option("name", name).strip():
            raise InvalidRequest("name is empty; omit it for the default", parameter="name")
        self._name = name
        self.mask = _secrets(mask)
        if not isinstance(terminal, bool):
            raise InvalidRequest(
                f"terminal={terminal!r} is not valid; use True or False", parameter="terminal"
            )
        self._terminal = terminal
        self._echo = echo

    def __enter__(self) -> Run:
        """Begin to watch."""
        cell = WatchedCell(_described(self._name), self.mask)
        try:
            return self.begin(cell)
        except BaseException as error:  # interrupted, maybe when the run had begun
            session().end(cell, outcome_of(error))
            raise

    def begin(self, cell: WatchedCell, earlier: Callable[[], Iterable[Printed]] = tuple) -> Run:
        """Watch a cell, and display its run; `earlier`: as for `Session.begin`."""
        if self._cell is not None:
            raise RuntimeError("this watch has been used: call prismq_nb.watch() for another one")
        self._cell = cell
        is_shown = _is_shown()
        echo = not is_shown if self._echo is None else self._echo
        try:
            session().begin(cell, terminal=self._terminal, echo=echo, earlier=earlier)
        except AlreadyWatched:
            raise
        except TooLarge:
            return _unwatched(cell, "its description is too long")
        except Exception as error:  # noqa: BLE001 - whatever it is, the cell goes on
            why = getattr(error, "strerror", None) or error
            return _unwatched(cell, f"its log cannot be created ({why})")
        run = Run(_later_client(), _info(cell))
        if echo and self._echo is None and ipython_shell() is not None:
            session().take(1, f"prismq_nb: watched as {run.run_id}\n".encode())
        if _is_in_kernel():
            _hook()._cell_began(run, show=is_shown)  # noqa: SLF001 - private to this package
        return run

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        frames: TracebackType | None,
    ) -> None:
        """End the run; what the block raised is raised on."""
        try:
            self.end(error, "" if error is None else traceback_text(error, frames))
        except BaseException as interrupt:  # before the end, or after it
            self.end(error or interrupt, "")
            raise

    def end(self, error: BaseException | None, traceback: str) -> None:
        """End the run.

        Args:
            error: what the code raised.
            traceback: its text, for the log.
        """
        cell = self._cell
        if cell is None:
            return
        if traceback and not isinstance(error, (KeyboardInterrupt, SystemExit)):
            session().print_row(cell, traceback, stream=1)
        session().end(cell, outcome_of(error))
        if _is_in_kernel():
            _hook()._cell_ended()  # noqa: SLF001 - private to this package

    def __del__(self) -> None:
        """End a run whose block was interrupted at the very moment when it ended."""
        if self._cell is not None and self._cell in session():
            session().end(self._cell, outcome_of(KeyboardInterrupt()))


def _is_shown() -> bool:
    """Return whether a front end shows the run below the cell."""
    return _is_in_kernel() and bool(_hook()._shows_runs())  # noqa: SLF001 - as above


def _is_in_kernel() -> bool:
    return getattr(ipython_shell(), "kernel", None) is not None


def _hook() -> Any:
    """Return the package, whose private names lead up to the notebook."""
    import prismq_nb  # noqa: PLC0415 - loaded already; at the top it would be a circle

    return prismq_nb


def _described(name: str | None) -> Description:
    if ipython_shell() is not None:
        found: Description = _hook()._describe_cell(name)  # noqa: SLF001 - as above
        return found
    return Description(name or DEFAULT_NAME)


def _secrets(mask: str | Sequence[str]) -> list[str]:
    """Return the values to mask; a name of an environment variable stands for its value."""
    entries = mask_values(mask)
    if not entries:
        return []
    # Most cells have none, and these modules take a while
    from prismq_nb.capture.masking.values import InvalidMask, secret_values  # noqa: PLC0415

    try:
        return secret_values(entries, os.environ)
    except InvalidMask as error:
        raise InvalidRequest(str(error), parameter="mask") from None


def _info(cell: WatchedCell) -> RunInfo:
    """Return what is known of a run that has just begun."""
    launch, began = cell.launch, iso(cell.launch["created"])
    return RunInfo(
        run_id=cell.run_id,
        module_id=launch["module_id"],
        module_name=launch["module_name"],
        status="running",
        created_at=began,
        started_at=began,
        kind=CELL,
        kernel_id=launch["kernel_id"],
        notebook=launch["notebook"],
        cell_id=launch["cell_id"],
        module_key=launch["module_key"],
        origin=Origin(**launch["origin"]),
    )


def _unwatched(cell: WatchedCell, lost: str) -> Run:
    """Say in the cell that it is not watched; return a run that can tell nothing but why."""
    cell.lost = lost
    why = f"prismq_nb: this cell is not watched: {cell.lost}"
    session().take(1, f"{why}. Its output is shown here.\n".encode())
    info = RunInfo(
        run_id="",
        module_id="",
        module_name=cell.described.name,
        status=FAILED,
        created_at=iso(now_us()),
        error_message=cell.lost,
        kind=CELL,
    )
    return Run(_NoClient(why), info)


class _NoClient:
    """Stands for a client where there is no run."""

    def __init__(self, why: str) -> None:
        self._why = why

    def __getattr__(self, name: str) -> Any:
        raise RunNotFound(self._why)


class _LaterClient:
    """The client of this process, found when it is first used: that imports an HTTP library."""

    def __getattr__(self, name: str) -> Any:
        from prismq_nb.client.discovery import current  # noqa: PLC0415 - not before it is needed

        return getattr(current(), name)


def _later_client() -> Any:
    return _LaterClient()
