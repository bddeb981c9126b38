"""Query parameters, checked: each problem is a 400 that names the parameter, what was sent and what to send instead. Pure, knows no tornado.

A name that is not known is ignored, as everywhere on the web (Jupyter itself adds ``token``, ``_xsrf`` and ``_``); one that is given twice is
refused, because no one can say which of the two was meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from prismq_nb.common.query_text import terms
from prismq_nb.engine.read import filters as criteria
from prismq_nb.engine.read.context import MAX_AROUND, Around
from prismq_nb.errors import InvalidRequest
from prismq_nb.journal.levels.classifier import Level

if TYPE_CHECKING:
    from prismq_nb.journal.search.terms import LineFilter

MAX_LINE = (1 << 53) - 1
"""Highest line number taken: the last integer that JavaScript can count with."""
MATCHING = ("q", "exclude", "regex", "case", "word", "lines_before", "lines_after")
"""Parameters that say which messages are wanted."""
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_YES, _NO = ("true", "1", "yes"), ("false", "0", "no", "")


class Params:
    """The query parameters of one request."""

    def __init__(self, arguments: Mapping[str, Sequence[bytes]]) -> None:
        """Takes tornado's ``request.query_arguments``."""
        self._arguments = arguments

    def all(self, name: str) -> list[str]:
        """Every value of a parameter that may be repeated."""
        return [_decoded(name, value) for value in self._arguments.get(name, ())]

    def text(self, name: str) -> str | None:
        """The value; None if it is not given, or empty.

        Raises:
            InvalidRequest: given twice, or no UTF-8.
        """
        values = self.all(name)
        if len(values) > 1:
            raise InvalidRequest(f"{name} is given {len(values)} times: send it once")
        return values[0] if values and values[0] else None

    def integer(self, name: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`, both included; None if it is not given.

        Raises:
            InvalidRequest: no number, out of bounds, given twice, or empty.
        """
        text = self.text(name)
        if text is None:
            if name in self._arguments:
                raise InvalidRequest(f"{name} is empty: send a whole number from {low} to {high:,}, or leave {name} out")
            return None
        return integer(name, text, low, high)

    def integers(self, name: str, low: int, high: int, most: int) -> list[int] | None:
        """Different whole numbers, comma-separated, ascending; None if it is not given.

        Raises:
            InvalidRequest: no number, one out of bounds, more than `most`, given twice, or empty.
        """
        text = self.text(name)
        if text is None:
            if name in self._arguments:
                raise InvalidRequest(f"{name} is empty: send whole numbers from {low} to {high}, comma-separated, or leave {name} out")
            return None
        numbers = sorted({integer(name, word, low, high) for word in text.split(",")})
        if len(numbers) > most:
            raise InvalidRequest(f"{name} has {len(numbers)} numbers: send {most} at most")
        return numbers

    def given(self, *names: str) -> list[str]:
        """Those of these parameters that are there."""
        return [name for name in names if name in self._arguments]

    def flag(self, name: str) -> bool:
        """True or false; false if it is not given.

        Raises:
            InvalidRequest: neither.
        """
        text = (self.text(name) or "").strip().lower()
        if text in _YES:
            return True
        if text in _NO:
            return False
        raise InvalidRequest(f"{name}={criteria.shown(text)} is neither true nor false; send one of them")

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """One of some words; None if it is not given.

        Raises:
            InvalidRequest: another word.
        """
        text = self.text(name)
        if text is None or text in choices:
            return text
        raise InvalidRequest(f"{name}={criteria.shown(text)} is not known: send one of {', '.join(choices)}")

    def moment(self, name: str) -> int | None:
        """A time as µs since the epoch; None if it is not given.

        Raises:
            InvalidRequest: no ISO 8601 time.
        """
        text = self.text(name)
        return None if text is None else criteria.moment(name, text)

    def levels(self, name: str = "level") -> frozenset[int] | None:
        """A set of levels, comma-separated, in any case; None if it is not given.

        Raises:
            InvalidRequest: a name that is no level.
        """
        text = self.text(name)
        return None if text is None else criteria.levels(name, text)

    def level_filter(self) -> tuple[frozenset[int] | None, bool]:
        """The levels wanted (None: any), and whether of each record only the first line is.

        Then they are never None: a line that continues a record has none of them.

        Raises:
            InvalidRequest: a name that is no level, or `records` is neither true nor false.
        """
        levels, records = self.levels(), self.flag("records")
        return (frozenset(Level) if records and levels is None else levels), records

    def matcher(self, typed: str = "") -> LineFilter | None:
        """What ``q``, ``exclude``, ``regex``, ``case`` and ``word`` look for; None: any line passes.

        Args:
            typed: a parameter that has what a person typed in the viewer, beside ``q``.

        Raises:
            InvalidRequest: a text is too long or no pattern, or there are too many.
        """
        regex, word = self.flag("regex"), self.flag("word")
        case = self.flag("case") if self.text("case") else None
        wanted, unwanted = ([text for text in self.all(name) if text] for name in ("q", "exclude"))
        if typed and (text := self.text(typed)):
            more, less = ([text], []) if regex else terms(text)
            wanted, unwanted = wanted + more, unwanted + less
        return criteria.matcher(wanted, unwanted, regex=regex, case=case, word=word)

    def around(self) -> Around:
        """How many lines before and after those that pass are wanted, too.

        Raises:
            InvalidRequest: no number, or out of bounds.
        """
        return Around(
            self.integer("lines_before", 0, MAX_AROUND) or 0,
            self.integer("lines_after", 0, MAX_AROUND) or 0,
        )


def integer(name: str, text: str, low: int, high: int) -> int:
    """A whole number that was sent as text.

    Raises:
        InvalidRequest: no number, or not from `low` to `high`.
    """
    if not _INTEGER.fullmatch(text.strip()):
        raise InvalidRequest(f"{name}={criteria.shown(text)} is not a whole number: send one from {low} to {high:,}")
    value = int(text)
    if not low <= value <= high:
        raise InvalidRequest(f"{name}={value} is out of bounds: send a whole number from {low} to {high:,}")
    return value


def _decoded(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidRequest(f"{name} is not encoded as UTF-8: percent-encode its UTF-8 bytes") from None
