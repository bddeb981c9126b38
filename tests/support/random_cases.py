"""How many random cases a test tries: fewer of them with ``-m "not slow"``."""

from __future__ import annotations

from hypothesis import settings

_DEFAULT = 100


def examples(number: int) -> int:
    """Return `max_examples` for a test that tries `number` of them in a whole run."""
    return number * (settings.default or settings()).max_examples // _DEFAULT
