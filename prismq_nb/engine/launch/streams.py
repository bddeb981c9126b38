"""Check a run's three standard streams: terminals or pipes, their size and encoding."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, NamedTuple

from prismq_nb.errors import InvalidRequest

if TYPE_CHECKING:
    from prismq_nb.common.models import LaunchSpec

DEFAULT_SIZE = (100, 40)
"""Columns and rows. A cell of JupyterLab shows, beside times and line numbers, 105 columns in a
window of 1440 px with the file browser open, 117 with it closed, and 85 in a window of 1280 px."""
MIN_SIZE, MAX_SIZE = (20, 5), (4096, 1000)
_MAX_NAME = 64
_WIDE = ("utf-16", "utf-32")  # recoded when captured: their newline has several bytes
_NOT_FOR_OUTPUT = frozenset(
    ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"),
)
"""Text encodings by Python's own mark, but of host names, source code or mail. The decoder of
UTF-7 starts again at the last shift whenever more comes: 80 kB take 0.2 s, four times as much 3
s."""


class Streams(NamedTuple):
    """What the supervisor connects a run to.

    Attributes:
        terminal: columns and rows of its terminals; None: pipes.
        terminal_required: the launch fails if the system has no terminal to give.
        stdin: with pipes, standard input stays open.
        merge: stderr goes where stdout goes.
        encoding: of the output, by Python's name.
    """

    terminal: tuple[int, int] | None
    terminal_required: bool
    stdin: bool
    merge: bool
    encoding: str


def streams(spec: LaunchSpec, *, reads_input: bool) -> Streams:
    """Check what a launch says about its streams.

    Args:
        spec: the launch.
        reads_input: it is a Python source, whose `input()` should work with pipes, too.

    Raises:
        InvalidRequest: a size or an encoding cannot be used.
    """
    terminal = terminal_size(spec)
    return Streams(
        terminal,
        terminal is not None and spec.terminal_required,
        spec.stdin or reads_input,
        spec.merge or spec.pty,
        _encoding(spec.encoding),
    )


def terminal_size(spec: LaunchSpec) -> tuple[int, int] | None:
    """Return columns and rows of a launch's terminals; None: it has pipes.

    Raises:
        InvalidRequest: the size is out of range.
    """
    if isinstance(spec.terminal, bool):
        return DEFAULT_SIZE if spec.terminal or spec.pty else None
    columns, rows = spec.terminal
    names, sizes = ("columns", "rows"), (columns, rows)
    for name, value, least, most in zip(names, sizes, MIN_SIZE, MAX_SIZE, strict=True):
        if not least <= value <= most:
            usual = f"true for {DEFAULT_SIZE[0]} columns and {DEFAULT_SIZE[1]} rows"
            remedy = f"use {least} to {most:,} {name}, or {usual}"
            raise InvalidRequest(
                f"terminal=({columns}, {rows}) is out of bounds; {remedy}", parameter="terminal"
            )
    return columns, rows


def _encoding(name: str) -> str:
    """Return Python's name of an encoding."""
    try:
        found = codecs.lookup(name if len(name) <= _MAX_NAME and name.isascii() else "")
    except (LookupError, ValueError):  # ValueError: characters that no name can have
        raise InvalidRequest(
            f"encoding={name[:_MAX_NAME]!r} is not an encoding that Python knows; use one such as "
            "'utf-8', 'latin-1', 'cp1252', 'gbk', 'shift_jis' or 'utf-16'",
            parameter="encoding",
        ) from None
    if not getattr(found, "_is_text_encoding", True) or found.name in _NOT_FOR_OUTPUT:
        raise InvalidRequest(
            f"encoding={name!r} does not encode text, or is not used for the output of programs; "
            "use a text encoding such as 'utf-8' or 'latin-1'",
            parameter="encoding",
        )
    if not found.name.startswith(_WIDE) and not found.encode("\n")[0].endswith(b"\n"):
        raise InvalidRequest(
            f"encoding={name!r} has another newline than ASCII, so lines cannot be found; let the "
            "program or iconv convert the output to UTF-8",
            parameter="encoding",
        )
    return found.name
