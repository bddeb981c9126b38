"""The line ``%%watch [options]`` of a cell: found and read before IPython runs the cell."""

from __future__ import annotations

import getopt
import math
import shlex
from typing import Any, NamedTuple

from IPython.core.error import UsageError

from prismq_nb.errors import InvalidRequest

USAGE = "%%watch [--name NAME] [--mask VALUE_OR_VARIABLE] [--no-terminal] [--echo]"
_MAGIC = "%%watch"
_AROUND = ("%%time", "%%timeit", "%%prun")
"""Magics that run the rest of the cell as code of this process."""


class WatchLine(NamedTuple):
    """The magic in a cell.

    Attributes:
        number: its index among the lines.
        options: what follows it.
    """

    number: int
    options: str


def find(lines: list[str]) -> WatchLine | None:
    """Return where a cell says ``%%watch``: first, or below a magic that runs the rest."""
    for number, line in enumerate(lines):
        word, _, rest = line.strip().partition(" ")
        if word == _MAGIC:
            return WatchLine(number, rest)
        if word and word not in _AROUND:
            return None
    return None


def without(lines: list[str]) -> list[str]:
    """Return the lines of a cell without the magic.

    The other lines keep their numbers, unless another magic follows, which must come first.

    Raises:
        UsageError: the options are not valid, so the cell must not run.
    """
    found = find(lines)
    if found is None:
        return lines
    read(found.options)
    head, rest = lines[: found.number], lines[found.number + 1 :]
    follows = next((line for line in rest if line.strip()), "")
    if not head and follows.startswith("%%"):
        return rest[rest.index(follows) :]
    return [*head, "\n", *rest]


def read(text: str) -> dict[str, Any]:
    """Return the options of the magic as arguments of `prismq_nb.watch`.

    Raises:
        UsageError: they are not valid.
    """
    try:
        found, words = getopt.gnu_getopt(
            shlex.split(text), "n:", ["name=", "mask=", "no-terminal", "echo"]
        )
    except (getopt.GetoptError, ValueError) as error:
        raise UsageError(f"{_MAGIC}: {error}; usage: {USAGE}") from None
    if words:
        raise UsageError(
            f"{_MAGIC}: {' '.join(words)!r} is not an option; for a name use --name; usage: {USAGE}"
        )
    given: dict[str, Any] = {"mask": []}
    for option, value in found:
        if option in ("-n", "--name"):
            given["name"] = value
        elif option == "--mask":
            given["mask"].append(value)
        elif option == "--no-terminal":
            given["terminal"] = False
        else:
            given["echo"] = True
    return given


def seconds(value: object) -> float:
    """Return a number of seconds after which cells are watched.

    Raises:
        InvalidRequest: that is no number of seconds, 0 or more.
    """
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number < math.inf:
        raise InvalidRequest(
            f"after={value!r} is not a number of seconds, 0 or more, such as 5", parameter="after"
        )
    return number
