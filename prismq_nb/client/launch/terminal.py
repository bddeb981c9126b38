"""Decide whether a launch requests a terminal or pipes, and handle the deprecated keywords."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

from prismq_nb.client.base.notice import ipython_shell
from prismq_nb.errors import InvalidRequest

_UNBUFFERED = "use env={'PYTHONUNBUFFERED': '1'} for programs that print unfinished lines"
_REPLACED = {
    "pty": "use terminal=True, merge=True",
    "color": "use terminal=True, or env={'FORCE_COLOR': '1'} for programs that honour it",
    "unbuffered": f"omit it, because Python prints whole lines at once anyway; {_UNBUFFERED}",
}


def stream_options(terminal: object, *, merge: bool, **deprecated: bool | None) -> dict[str, Any]:
    """Return the fields of a `LaunchSpec` that describe the run's streams.

    Args:
        terminal: as `launch` takes it; None: a terminal in an interactive session.
        merge: as `launch` takes it.
        deprecated: `pty`, `color` and `unbuffered`; None if not given.

    Raises:
        InvalidRequest: `terminal` has the wrong type, or is combined with `pty`.
    """
    for name, value in deprecated.items():
        if value is not None:
            text = f"{name} is deprecated; {_REPLACED[name]}"
            warnings.warn(text, DeprecationWarning, stacklevel=3)
    pty = deprecated.get("pty")
    if pty is not None:
        if terminal is not None:
            both = f"terminal={terminal!r} and pty={pty!r}"
            raise InvalidRequest(
                f"{both} cannot be combined; remove pty, which is deprecated", parameter="pty"
            )
        terminal, merge = bool(pty), merge or bool(pty)
    fields: dict[str, Any] = {"merge": merge, "unbuffered": deprecated.get("unbuffered")}
    if terminal is None and is_interactive():
        return {**fields, "terminal": True, "terminal_required": False}
    return {**fields, "terminal": _size(terminal or False)}


def _size(terminal: object) -> bool | tuple[int, int]:
    if isinstance(terminal, bool):
        return terminal
    if isinstance(terminal, (tuple, list)) and len(terminal) == 2:  # noqa: PLR2004 - columns, rows
        columns, rows = terminal
        if all(isinstance(each, int) and not isinstance(each, bool) for each in terminal):
            return columns, rows
    remedy = "use True, False, or (columns, rows) such as (132, 40)"
    raise InvalidRequest(f"terminal={terminal!r} is not valid; {remedy}", parameter="terminal")


def is_interactive() -> bool:
    """Return whether a person is watching this process.

    In a kernel, this means that a Jupyter session started it (which sets ``JPY_SESSION_NAME``) and
    that cells may ask for input. nbclient and papermill set no session name and forbid input; the
    second condition covers their kernels that inherit the name from a notebook. Elsewhere, it means
    an interactive IPython or Python on a terminal.
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
