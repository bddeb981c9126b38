"""Query parameters, checked: each problem is a 400 that names the parameter, what was sent and what to send instead. Pure, knows no tornado.

A name that is not known is ignored, as everywhere on the web (Jupyter itself adds ``token``, ``_xsrf`` and ``_``); one that is given twice is
refused, because no one can say which of the two was meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from prismq_nb.errors import InvalidRequest
from prismq_nb.journal.levels import Level
from prismq_nb.journal.search import Matcher, compile_matcher
from prismq_nb.journal.state import parse_iso

MAX_LINE = (1 << 53) - 1
"""Highest line number taken: the last integer that JavaScript can count with."""
_SHOWN_CHARS = 80
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
                raise InvalidRequest(f"{name} is empty: send a whole number from {low} to {high}, or leave {name} out")
            return None
        return integer(name, text, low, high)

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
        raise InvalidRequest(f"{name}={_shown(text)} is neither true nor false")

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """One of some words; None if it is not given.

        Raises:
            InvalidRequest: another word.
        """
        text = self.text(name)
        if text is None or text in choices:
            return text
        raise InvalidRequest(f"{name}={_shown(text)} is not known: send one of {', '.join(choices)}")

    def moment(self, name: str) -> int | None:
        """A time as µs since the epoch; None if it is not given.

        Raises:
            InvalidRequest: no ISO 8601 time.
        """
        text = self.text(name)
        if text is None:
            return None
        try:
            return parse_iso(text)
        except (ValueError, OverflowError):
            raise InvalidRequest(f"{name}={_shown(text)} is no time: send ISO 8601 in UTC, as 2025-10-31T12:00:01.123456Z") from None

    def levels(self, name: str = "level") -> frozenset[int] | None:
        """A set of levels, comma-separated, in any case; None if it is not given.

        Raises:
            InvalidRequest: a name that is no level.
        """
        text = self.text(name)
        if text is None:
            return None
        wanted: set[int] = set()
        for word in text.split(","):
            level = Level.__members__.get(word.strip().upper())
            if level is None:
                known = ", ".join(level.name for level in Level)
                problem = f"{name}={_shown(text)}: {_shown(word.strip())} is no level"
                raise InvalidRequest(f"{problem}; send one or more of {known}, comma-separated")
            wanted.add(level)
        return frozenset(wanted)

    def matcher(self) -> Matcher | None:
        """What ``q`` and ``regex`` look for; None without ``q``.

        Raises:
            InvalidRequest: `q` is too long or no pattern.
        """
        regex = self.flag("regex")
        query = self.text("q")
        if query is None:
            return None
        try:
            return compile_matcher(query, regex)
        except ValueError as error:
            kind = "pattern" if regex else "text"
            raise InvalidRequest(f"q={_shown(query)} is no {kind} that can be looked for: {error}") from None


def integer(name: str, text: str, low: int, high: int) -> int:
    """A whole number that was sent as text.

    Raises:
        InvalidRequest: no number, or not from `low` to `high`.
    """
    if not _INTEGER.fullmatch(text.strip()):
        raise InvalidRequest(f"{name}={_shown(text)} is no whole number: send one from {low} to {high}")
    value = int(text)
    if not low <= value <= high:
        raise InvalidRequest(f"{name}={value} is out of bounds: send a whole number from {low} to {high}")
    return value


def _decoded(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidRequest(f"{name} is not encoded as UTF-8") from None


def _shown(text: str) -> str:
    """A value as a message may show it: one line, and not too long."""
    return repr(text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…")
