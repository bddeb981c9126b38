"""Patterns match alike in all supported versions of Python."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from collections.abc import Iterator

# There is no public way to a parsed pattern.
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]

import pytest

import prismq_nb.capture
import prismq_nb.common.base
import prismq_nb.journal


def patterns() -> Iterator[tuple[str, re.Pattern]]:
    """All patterns that modules of the journal and the capture hold, including those compiled
    lazily.
    """
    for package in (prismq_nb.common.base, prismq_nb.journal, prismq_nb.capture):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if found.name.rpartition(".")[2] == "boot":
                continue  # a script
            for name, value in vars(importlib.import_module(found.name)).items():
                lazy = (
                    isinstance(value, functools._lru_cache_wrapper)
                    and value.__wrapped__.__name__ == "<lambda>"
                )
                pattern = value() if lazy else value
                if isinstance(pattern, re.Pattern):
                    yield f"{found.name}.{name}", pattern


def possessive_groups(parsed: object) -> Iterator[object]:
    """Find parts ``(...)*+``: possessive quantifiers of more than one character class."""
    if isinstance(parsed, _parser.SubPattern):
        parsed = parsed.data
    if isinstance(parsed, (list, tuple)):
        if (
            len(parsed) == 2
            and parsed[0] is _constants.POSSESSIVE_REPEAT
            and not _compiler._simple(parsed[1][2])
        ):
            yield parsed
        for part in parsed:
            yield from possessive_groups(part)


def test_repeated_possessive_groups_are_detected():
    assert [] != list(possessive_groups(_parser.parse(r"x(?:a|(?:\w\.)*+b)?")))
    assert [] == list(possessive_groups(_parser.parse(r"(?>(?:\w++\.)*)[a-z]*+b?+")))


@pytest.mark.parametrize(
    "pattern", [pytest.param(pattern, id=name) for name, pattern in patterns()]
)
def test_no_group_is_repeated_possessively(pattern):
    """Python before 3.11.5 (Debian 12 has 3.11.2) does not backtrack past the last failed
    repetition (gh-106052). Write ``(?>(...)*)`` instead.
    """
    assert [] == list(possessive_groups(_parser.parse(pattern.pattern, pattern.flags)))
