"""Compile the patterns of the levels one by one, up to 10 milliseconds each.

All at once would hold up an event loop, or a pipe, for 150.
Imports the standard library only, and each module of patterns when its turn comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from threading import Lock
from typing import Final

_PACKAGE: Final = "prismq_nb.journal.levels."
_MODULES: Final = (
    "text",
    *(f"grammar.{name}" for name in (
        "words", "pieces", "patterns", "format", "header", "json_lines", "logfmt", "progress",
    )),
    *(f"formats.{name}" for name in (
        "records", "layouts", "loggers", "languages", "java", "builds", "checks", "packages",
        "services", "science", "training", "shells", "failures", "table",
    )),
    "recognise", "record_formats", "block_lines", "transitions", "automaton", "prefilter", "stream",
)  # fmt: skip
"""In this order, so that none of them imports another that has not had its turn."""


def _steps() -> Iterator[Callable[[], object]]:
    """Import the modules, then compile what only some lines need."""
    for module in _MODULES:
        yield partial(import_module, _PACKAGE + module)
    # Their turn has come.
    from prismq_nb.journal.levels import prefilter  # noqa: PLC0415
    from prismq_nb.journal.levels.formats import table  # noqa: PLC0415
    from prismq_nb.journal.levels.grammar import header, json_lines  # noqa: PLC0415

    yield from (*header.STEPS, *json_lines.STEPS)
    for each in table.TABLES:
        yield from each.steps()
    yield from prefilter.STEPS


_remaining = _steps()
_lock = Lock()
_done = [False]


def warm_up() -> bool:
    """Take one step, about 10 ms at most; whether all are taken now. Costs nothing from then on."""
    if not _done[0]:
        with _lock:
            step = next(_remaining, None)
        if step is None:
            _done[0] = True
        else:
            step()
    return _done[0]
