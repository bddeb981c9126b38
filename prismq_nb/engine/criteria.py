"""What a poll or a stream filters by, from text: times, levels, patterns. Each mistake is an `InvalidRequest` that names it. Pure.

Apart from the server because the local client takes the same words, and must refuse the same mistakes.
"""

from __future__ import annotations

from prismq_nb.errors import InvalidRequest
from prismq_nb.journal.levels import Level
from prismq_nb.journal.search import Matcher, compile_matcher
from prismq_nb.journal.state import parse_iso
from prismq_nb.spelling import did_you_mean

_SHOWN_CHARS = 80


def moment(name: str, text: str) -> int:
    """A time as µs since the epoch.

    Raises:
        InvalidRequest: no ISO 8601 time.
    """
    try:
        return parse_iso(text)
    except (ValueError, OverflowError):
        raise InvalidRequest(f"{name}={shown(text)} is not a valid time; use ISO 8601 in UTC, as 2025-10-31T12:00:01.123456Z") from None


def levels(name: str, text: str) -> frozenset[int]:
    """A set of `Level` values, named in any case, comma-separated.

    Raises:
        InvalidRequest: a name that is no level.
    """
    wanted: set[int] = set()
    for word in text.split(","):
        level = Level.__members__.get(word.strip().upper())
        if level is None:
            known = ", ".join(Level.__members__)
            hint = did_you_mean(word.strip(), Level.__members__)
            raise InvalidRequest(f"{name}={shown(text)}: {shown(word.strip())} is no level; use one or more of {known}, comma-separated{hint}")
        wanted.add(level)
    return frozenset(wanted)


def matcher(query: str, *, regex: bool, case: bool | None = None) -> Matcher:
    """What ``q``, ``regex`` and ``case`` look for.

    Raises:
        InvalidRequest: `query` is too long or no pattern.
    """
    try:
        return compile_matcher(query, regex, case)
    except ValueError as error:
        kind = "pattern" if regex else "text"
        raise InvalidRequest(f"q={shown(query)} is no {kind} that can be looked for: {error}") from None


def shown(text: str) -> str:
    """A value as a message may show it: one line, and not too long."""
    return repr(text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…")
