"""Whether a launch from here asks for terminals or pipes, and the keywords that said so before."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

from prismq_nb.client.base.notice import ipython_shell
from prismq_nb.errors import InvalidRequest

__all__ = ["person_in_front", "streams"]

_UNBUFFERED = "env={'PYTHONUNBUFFERED': '1'} is for what prints unfinished lines"
_REPLACED = {
    "pty": "terminal=True, merge=True",
    "color": "terminal=True, or env={'FORCE_COLOR': '1'} for a program that has to be asked",
    "unbuffered": f"nothing: Python's lines come at once; {_UNBUFFERED}",
}


def streams(terminal: object, *, merge: bool, **deprecated: bool | None) -> dict[str, Any]:
    """Return the fields of a `LaunchSpec` that say what the run's streams are.

    Args:
        terminal: as `launch` takes it; None: terminals where a person sits in front.
        merge: as `launch` takes it.
        deprecated: `pty`, `color`, `unbuffered`; None where they were not given.

    Raises:
        InvalidRequest: `terminal` is of another type, or contradicts `pty`.
    """
    for name, value in deprecated.items():
        if value is not None:
            text = f"{name}= is deprecated; say {_REPLACED[name]}"
            warnings.warn(text, DeprecationWarning, stacklevel=3)
    pty = deprecated.get("pty")
    if pty is not None:
        if terminal is not None:
            both = f"terminal={terminal!r} and pty={pty!r}"
            raise InvalidRequest(f"{both} are both given; leave pty out.")
        terminal, merge = bool(pty), merge or bool(pty)
    found: dict[str, Any] = {"merge": merge, "unbuffered": deprecated.get("unbuffered")}
    if terminal is None and person_in_front():
        return {**found, "terminal": True, "terminal_required": False}
    return {**found, "terminal": _size(terminal or False)}


def _size(terminal: object) -> bool | tuple[int, int]:
    if isinstance(terminal, bool):
        return terminal
    if isinstance(terminal, (tuple, list)) and len(terminal) == 2:  # noqa: PLR2004 - columns, rows
        columns, rows = terminal
        if all(isinstance(each, int) and not isinstance(each, bool) for each in terminal):
            return columns, rows
    remedy = "give True, False, or (columns, rows) as in (132, 40)"
    raise InvalidRequest(f"terminal is {terminal!r}; {remedy}.")


def person_in_front() -> bool:
    """Whether somebody watches what is launched from this process.

    In a kernel: a Jupyter session started it (it sets ``JPY_SESSION_NAME``, which nbclient and
    papermill do not), and the cell may ask for input: those two forbid it, also where a notebook
    runs them, whose kernel hands the variable on. Elsewhere: IPython or Python is interactive, on a
    terminal.
    """
    shell = ipython_shell()
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        return "JPY_SESSION_NAME" in os.environ and bool(getattr(kernel, "_allow_stdin", True))
    if shell is None and not hasattr(sys, "ps1"):
        return False
    try:
        return sys.stdin.isatty() and sys.stdout.isatty()
    except (AttributeError, ValueError):  # None, or closed
        return False
