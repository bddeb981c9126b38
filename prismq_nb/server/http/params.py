"""Check query parameters: each mistake is a 400 that names parameter, value and remedy.

Unknown names are ignored, as everywhere on the web (Jupyter itself adds ``token``, ``_xsrf`` and
``_``). A parameter that is given twice is refused, because nobody knows which value was meant.
Pure, knows no tornado.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from prismq_nb.common.query_text import terms
from prismq_nb.engine.read import filters
from prismq_nb.engine.read.context import MAX_CONTEXT_LINES, Context
from prismq_nb.errors import InvalidRequest
from prismq_nb.journal.levels.classifier import Level

if TYPE_CHECKING:
    from prismq_nb.journal.search.terms import LineFilter

MAX_LINE = (1 << 53) - 1
"""Highest line number: the largest exact integer in JavaScript."""
MATCHING = ("q", "exclude", "regex", "case", "word", "lines_before", "lines_after")
"""Parameters that select messages."""
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_YES, _NO = ("true", "1", "yes"), ("false", "0", "no", "")


class Params:
    """The query parameters of one request."""

    def __init__(self, arguments: Mapping[str, Sequence[bytes]]) -> None:
        """Take tornado's ``request.query_arguments``."""
        self._arguments = arguments

    def all(self, name: str) -> list[str]:
        """Return all values of a parameter that may be repeated.

        Raises:
            InvalidRequest: a value is not UTF-8.
        """
        return [_decoded(name, value) for value in self._arguments.get(name, ())]

    def text(self, name: str) -> str | None:
        """Return the value; None: it is missing or empty.

        Raises:
            InvalidRequest: it is given twice, or not UTF-8.
        """
        values = self.all(name)
        if len(values) > 1:
            raise InvalidRequest(
                f"{name} is given {len(values)} times; use it once", parameter=name
            )
        return values[0] if values and values[0] else None

    def integer(self, name: str, low: int, high: int) -> int | None:
        """Return an integer from `low` to `high`, inclusive; None: it is missing.

        Raises:
            InvalidRequest: it is not an integer, out of range, given twice, or empty.
        """
        text = self.text(name)
        if text is None:
            if name in self._arguments:
                raise InvalidRequest(
                    f"{name} is empty; use a number from {low} to {high:,}, or omit {name}",
                    parameter=name,
                )
            return None
        return integer(name, text, low, high)

    def integers(self, name: str, low: int, high: int, most: int) -> list[int] | None:
        """Return distinct comma-separated integers, ascending; None: they are missing.

        Raises:
            InvalidRequest: one is not an integer or out of range, they are more than `most`, given
                twice, or empty.
        """
        text = self.text(name)
        if text is None:
            if name in self._arguments:
                raise InvalidRequest(
                    f"{name} is empty; use comma-separated numbers from {low} to {high:,}, or omit"
                    f" {name}",
                    parameter=name,
                )
            return None
        numbers = sorted({integer(name, word, low, high) for word in text.split(",")})
        if len(numbers) > most:
            raise InvalidRequest(
                f"{name} has {len(numbers):,} numbers; use at most {most:,}", parameter=name
            )
        return numbers

    def given(self, *names: str) -> list[str]:
        """Return those of some parameters that are given."""
        return [name for name in names if name in self._arguments]

    def flag(self, name: str) -> bool:
        """Return true or false; false if it is missing.

        Raises:
            InvalidRequest: it is neither.
        """
        text = (self.text(name) or "").strip().lower()
        if text in _YES:
            return True
        if text in _NO:
            return False
        raise InvalidRequest(
            f"{name}={filters.quoted(text)} is neither true nor false; use one of them",
            parameter=name,
        )

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """Return one of some words; None: it is missing.

        Raises:
            InvalidRequest: it is another word.
        """
        text = self.text(name)
        if text is None or text in choices:
            return text
        raise InvalidRequest(
            f"{name}={filters.quoted(text)} is not a valid {name}; use one of {', '.join(choices)}",
            parameter=name,
        )

    def moment(self, name: str) -> int | None:
        """Return a time in µs since the epoch; None: it is missing.

        Raises:
            InvalidRequest: it is not ISO 8601.
        """
        text = self.text(name)
        return None if text is None else filters.moment(name, text)

    def levels(self, name: str = "level") -> frozenset[int] | None:
        """Return a set of levels, comma-separated, ignoring case; None: it is missing.

        Raises:
            InvalidRequest: a name is not a level.
        """
        text = self.text(name)
        return None if text is None else filters.levels(name, text)

    def level_filter(self) -> tuple[frozenset[int] | None, bool]:
        """Return the wanted levels (None: any), and whether only first lines of records are wanted.

        If they are, the levels are never None: a line that continues a record has none of them.

        Raises:
            InvalidRequest: a name is not a level, or `records` is neither true nor false.
        """
        levels, records = self.levels(), self.flag("records")
        return (frozenset(Level) if records and levels is None else levels), records

    def matcher(self, typed: str = "") -> LineFilter | None:
        """Compile ``q``, ``exclude``, ``regex``, ``case`` and ``word``; None: any line matches.

        Args:
            typed: name of a parameter with a query as typed in the viewer, in addition to ``q``.

        Raises:
            InvalidRequest: a text is too long or not a valid pattern, or there are too many.
        """
        regex, word = self.flag("regex"), self.flag("word")
        case = self.flag("case") if self.text("case") else None
        wanted, unwanted = ([text for text in self.all(name) if text] for name in ("q", "exclude"))
        if typed and (text := self.text(typed)):
            more, less = ([text], []) if regex else terms(text)
            wanted, unwanted = wanted + more, unwanted + less
        return filters.matcher(wanted, unwanted, regex=regex, case=case, word=word)

    def context(self) -> Context:
        """Return the number of lines wanted before and after each match.

        Raises:
            InvalidRequest: a number is not an integer, or out of range.
        """
        return Context(
            self.integer("lines_before", 0, MAX_CONTEXT_LINES) or 0,
            self.integer("lines_after", 0, MAX_CONTEXT_LINES) or 0,
        )


def integer(name: str, text: str, low: int, high: int) -> int:
    """Return an integer that was sent as text.

    Raises:
        InvalidRequest: it is not an integer, or not from `low` to `high`.
    """
    if not _INTEGER.fullmatch(text.strip()):
        raise InvalidRequest(
            f"{name}={filters.quoted(text)} is not an integer; use a number from {low} to {high:,}",
            parameter=name,
        )
    value = int(text)
    if not low <= value <= high:
        raise InvalidRequest(
            f"{name}={value} is out of range; use a number from {low} to {high:,}", parameter=name
        )
    return value


def _decoded(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidRequest(
            f"{name} is not encoded as UTF-8; percent-encode its UTF-8 bytes", parameter=name
        ) from None
