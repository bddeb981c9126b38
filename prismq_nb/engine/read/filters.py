"""Parse the filters of a poll or a stream: times, levels, patterns.

Each mistake is an `InvalidRequest` that names it. Separate from the server because the local client
takes the same parameters and must refuse the same mistakes. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from prismq_nb.common.base.plain_text import shorten
from prismq_nb.common.base.state import parse_iso
from prismq_nb.common.spelling import did_you_mean
from prismq_nb.errors import InvalidRequest
from prismq_nb.journal.levels.classifier import Level
from prismq_nb.journal.search.matcher import Matcher, compile_matcher
from prismq_nb.journal.search.terms import MAX_TERMS, LineFilter, all_of

_SHOWN_CHARS = 80


def moment(name: str, text: str) -> int:
    """Parse a time, in µs since the epoch.

    Raises:
        InvalidRequest: it is not ISO 8601.
    """
    try:
        return parse_iso(text)
    except (ValueError, OverflowError):
        raise InvalidRequest(
            f"{name}={quoted(text)} is not a valid time; use ISO 8601 in UTC, as"
            " 2025-10-31T12:00:01.123456Z",
            parameter=name,
        ) from None


def levels(name: str, text: str) -> frozenset[int]:
    """Parse a comma-separated set of `Level` names, ignoring case.

    Raises:
        InvalidRequest: a name is not a level.
    """
    wanted: set[int] = set()
    for word in text.split(","):
        level = Level.__members__.get(word.strip().upper())
        if level is None:
            known = ", ".join(Level.__members__)
            hint = did_you_mean(word.strip(), Level.__members__)
            raise InvalidRequest(
                f"{name}={quoted(text)}: {quoted(word.strip())} is not a level; use one or more of"
                f" {known}, comma-separated{hint}",
                parameter=name,
            )
        wanted.add(level)
    return frozenset(wanted)


def matcher(
    q: Sequence[str],
    exclude: Sequence[str] = (),
    *,
    regex: bool = False,
    case: bool | None = None,
    word: bool = False,
) -> LineFilter | None:
    """Compile ``q``, ``exclude``, ``regex``, ``case`` and ``word``; None: any line matches.

    Args:
        q: texts or patterns that a line must have all of.
        exclude: texts or patterns that a line must have none of.
        regex: they are patterns.
        case: whether case counts; None: in patterns it does, in texts it does not.
        word: match whole words only.

    Raises:
        InvalidRequest: one is too long or not a valid pattern, or there are too many.
    """
    if not q and not exclude:
        return None
    if len(q) + len(exclude) > MAX_TERMS:
        raise InvalidRequest(
            f"q and exclude have {len(q) + len(exclude)} texts; use at most {MAX_TERMS}",
            parameter="q",
        )
    compiled: dict[str, list[Matcher]] = {"q": [], "exclude": []}
    for name, texts in (("q", sorted(q, key=len, reverse=True)), ("exclude", exclude)):
        for text in texts:
            try:
                compiled[name].append(compile_matcher(text, regex, case, word=word))
            except ValueError as error:
                why = "is not a valid pattern" if regex else "cannot be searched for"
                raise InvalidRequest(
                    f"{name}={quoted(text)} {why}: {error}", parameter=name, detail=str(error)
                ) from None
    return all_of(compiled["q"], compiled["exclude"])


def quoted(text: str) -> str:
    """Return a value for a message: on one line, and shortened."""
    return repr(shorten(text, _SHOWN_CHARS))
