"""Print notices to stderr in interactive sessions, such as that a run is waiting for input."""

from __future__ import annotations

import sys
from typing import Any, Protocol

from prismq_nb.common.base.plain_text import clean


class InputStatus(Protocol):
    """The input state of a run, from its `RunInfo` or from a stream."""

    @property
    def waiting_for_input(self) -> bool:
        """Whether it is waiting for a line."""

    @property
    def hides_input(self) -> bool:
        """Whether it has turned off the echo, as for a password."""


class InputNotice:
    """Prints a notice each time that a run starts to wait for input."""

    def __init__(self, name: str) -> None:
        """`name`: name of the run."""
        self._name = name
        self._was_waiting = False

    def update(self, run: InputStatus) -> None:
        """Print the notice if the run has started to wait since the last call."""
        is_new = run.waiting_for_input and not self._was_waiting
        self._was_waiting = run.waiting_for_input
        if is_new:
            what, secret = ("hidden input", ", secret=True") if run.hides_input else ("input", "")
            answer = f"answer in the viewer, or with run.send('...\\n'{secret})"
            print_notice(f"{self._name} is waiting for {what}; {answer}")


def print_notice(text: str) -> None:
    """Print one line to stderr in a kernel or on a terminal; elsewhere nobody would read it."""
    try:
        if in_kernel() or sys.stderr.isatty():
            sys.stderr.write(f"{clean(text)}\n")
            sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # stderr is None, broken or closed
        return


def in_kernel() -> bool:
    """Return whether this process is a Jupyter kernel."""
    return getattr(ipython_shell(), "kernel", None) is not None


def ipython_shell() -> Any:
    """Return the IPython shell of this process; None if there is none."""
    ask = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return ask() if ask is not None else None
