"""One line on stderr for who sits in front: a run waits for input, a password is kept."""

from __future__ import annotations

import sys
from typing import Any, Protocol

from prismq_nb.common.base.plain_text import clean

__all__ = ["Asking", "WaitingNotice", "in_kernel", "ipython_shell", "say"]


class Asking(Protocol):
    """What says whether a run waits: its record, or what a stream tells of it."""

    @property
    def waiting_for_input(self) -> bool:
        """Whether it waits for a line."""

    @property
    def hides_input(self) -> bool:
        """Whether it turned the echo off, as for a password."""


class WaitingNotice:
    """Says once for each time that a run begins to wait for input that it does, and what to do."""

    def __init__(self, name: str) -> None:
        """`name`: of the run."""
        self._name = name
        self._told = False

    def look(self, run: Asking) -> None:
        """Say it if the run waits now and did not at the last look."""
        waits, self._told = run.waiting_for_input and not self._told, run.waiting_for_input
        if waits:
            what, secret = ("hidden input", ", secret=True") if run.hides_input else ("input", "")
            answer = f"run.send('...\\n'{secret}), or answer in the viewer"
            say(f"{self._name} is waiting for {what}: {answer}")


def say(text: str) -> None:
    """Print one line to stderr, in a kernel or on a terminal; elsewhere nobody would read it."""
    try:
        if in_kernel() or sys.stderr.isatty():
            sys.stderr.write(f"{clean(text)}\n")
            sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # stderr is None, broken or closed
        return


def in_kernel() -> bool:
    """Whether this process is a kernel, which shows what cells print and end with."""
    return getattr(ipython_shell(), "kernel", None) is not None


def ipython_shell() -> Any:
    """IPython's shell of this process; None where there is none."""
    ask = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return ask() if ask is not None else None
