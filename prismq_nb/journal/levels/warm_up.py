"""Compile the patterns of the levels one by one, some milliseconds each.

All at once would hold up an event loop, or a pipe, for 60.
Imports the standard library only, and each module of patterns when its turn comes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Final

__all__ = ["warm_up"]

_PACKAGE: Final = "prismq_nb.journal.levels."
_MODULES: Final = [
    "text", "headers", "json_lines", "tools", "shapes", "failures", "notes", "formats",
    "ends", "heads", "tables", "parts", "automaton", "blocks",
]  # fmt: skip
#: Module and function: those that compile what only some lines need.
_PATTERNS: Final = (
    ("headers", "_any_word"),
    ("headers", "_HEADER"),
    ("json_lines", "_TOKEN"),
    ("json_lines", "_PLAIN"),
    ("shapes", "_FAR_SHAPES"),
    ("tools", "TOOLS"),
    ("failures", "_SHAPES"),
    ("failures", "_REASONED"),
    ("failures", "_NAMED"),
    ("notes", "_SIGNS"),
    ("notes", "_CAPITALS"),
    ("notes", "_LATE_CAPITALS"),
    ("notes", "_LETTERS"),
    ("notes", "_SHAPES"),
    ("notes", "_ALL_INDENTED"),
    ("ends", "_END"),
)
#: Patterns of `prefilter`.
_DULL_STEPS: Final = 9


def _compile(module: str, name: str) -> None:
    getattr(import_module(_PACKAGE + module), name)()


def _compile_dull(step: int) -> None:
    from prismq_nb.journal.levels.prefilter import STEPS  # noqa: PLC0415 - its turn has come

    STEPS[step]()


_STEPS: Final[tuple[Callable[[], object], ...]] = (
    *(partial(import_module, f"{_PACKAGE}{module}") for module in _MODULES),
    *(partial(_compile, *pattern) for pattern in _PATTERNS),
    *(partial(_compile_dull, step) for step in range(_DULL_STEPS)),
)
_done = [0]  # in a list, for several threads may take a step at once: then both do the same, which does no harm


def warm_up() -> bool:
    """Take one step, at most about 5 ms; whether all are taken now. Costs nothing from then on."""
    step = _done[0]
    if step < len(_STEPS):
        _STEPS[step]()
        _done[0] = max(_done[0], step + 1)
    return _done[0] == len(_STEPS)
