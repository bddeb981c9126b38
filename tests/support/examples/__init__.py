"""The programs that a log must show as a terminal does: one table for tests and benchmark."""

from __future__ import annotations

from support.examples import drawn, inherits, levels, survivors, tools, typed
from support.examples.example import KERNEL, Example, Seen

__all__ = ["EXAMPLES", "KERNEL", "Example", "Seen"]

EXAMPLES: list[Example] = [
    *inherits.EXAMPLES,
    *survivors.EXAMPLES,
    *typed.EXAMPLES,
    *drawn.EXAMPLES,
    *levels.EXAMPLES,
    *tools.EXAMPLES,
]
