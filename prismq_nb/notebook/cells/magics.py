"""What the magics ``%watch`` and ``%%watch`` do; `CellHooks` registers them."""

from __future__ import annotations

import getopt
import shlex
import sys
from typing import Any, Protocol

from IPython.core.error import UsageError

from prismq_nb.errors import InvalidRequest
from prismq_nb.notebook.cells.options import USAGE

AFTER_SECONDS = 5.0
"""How long a cell runs before ``%watch on`` watches it."""
_LINE_USAGE = "%watch on [--after SECONDS], %watch off, %watch"


class Switch(Protocol):
    """What ``%watch`` turns on and off: `CellHooks`."""

    shell: Any
    after: float | None

    def turn_on(self, after: object) -> None:
        """Watch every later cell that runs for more than `after` seconds."""

    def turn_off(self) -> None:
        """Watch only cells that ask for it."""


def run_magic(switch: Switch, line: str, cell: str | None) -> None:
    """Do what ``%watch`` and ``%%watch`` say; `cell`: the lines below, None for ``%watch``.

    Raises:
        UsageError: the line is not valid.
    """
    if cell is not None:  # below a magic that IPython does not let us look through
        switch.shell.run_cell(f"%%watch {line}\n{cell}")
        return
    try:
        word, *rest = shlex.split(line) or [""]
    except ValueError as error:  # an open quote
        raise UsageError(f"%watch {line}: {error}; use {_LINE_USAGE}") from None
    if word == "on":
        _turn_on(switch, rest)
    elif word == "off" and not rest:
        switch.turn_off()
    elif word:
        raise UsageError(f"%watch {line}: use {_LINE_USAGE}; in a cell of its own: {USAGE}")
    text = (
        "Only cells that say %%watch are watched."
        if switch.after is None
        else f"Cells that run for more than {switch.after:g} s are watched."
    )
    sys.stdout.write(f"{text}\n")


def _turn_on(switch: Switch, words: list[str]) -> None:
    try:
        found, rest = getopt.gnu_getopt(words, "", ["after="])
        if not rest:
            switch.turn_on(dict(found).get("--after", AFTER_SECONDS))
            return
        why = f"{' '.join(rest)!r} is not an option"
    except (getopt.GetoptError, InvalidRequest) as error:
        why = str(error)
    raise UsageError(f"%watch on: {why}; usage: {_LINE_USAGE}")
