"""What a poll or a stream filters by, from text: times, levels, patterns. Each mistake is an `InvalidRequest` that names it. Pure.

Apart from the server because the local client takes the same words, and must refuse the same mistakes.
"""

from __future__ import annotations

from collections.abc import Sequence

from prismq_nb.common.base.state import parse_iso
from prismq_nb.common.spelling import did_you_mean
from prismq_nb.errors import InvalidRequest
from prismq_nb.journal.levels.classifier import Level
from prismq_nb.journal.search.matcher import Matcher, compile_matcher
from prismq_nb.journal.search.terms import MAX_TERMS, LineFilter, all_of

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
            raise InvalidRequest(f"{name}={shown(text)}: {shown(word.strip())} is not a level; use one or more of {known}, comma-separated{hint}")
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
    """What ``q``, ``exclude``, ``regex``, ``case`` and ``word`` look for; None: any line passes.

    Args:
        q: texts, or with `regex` patterns, that a line has all of.
        exclude: those that it has none of.
        regex: these are patterns.
        case: whether case counts; None: in patterns it does, in texts not.
        word: only whole words.

    Raises:
        InvalidRequest: one is too long or no pattern, or they are too many.
    """
    if not q and not exclude:
        return None
    if len(q) + len(exclude) > MAX_TERMS:
        raise InvalidRequest(f"q and exclude have {len(q) + len(exclude)} texts: send {MAX_TERMS} at most")
    compiled: dict[str, list[Matcher]] = {"q": [], "exclude": []}
    for name, texts in (("q", sorted(q, key=len, reverse=True)), ("exclude", exclude)):
        for text in texts:
            try:
                compiled[name].append(compile_matcher(text, regex, case, word=word))
            except ValueError as error:
                why = "is not a valid pattern" if regex else "cannot be searched for"
                raise InvalidRequest(f"{name}={shown(text)} {why}: {error}") from None
    return all_of(compiled["q"], compiled["exclude"])


def shown(text: str) -> str:
    """A value as a message may show it: one line, and not too long."""
    return repr(text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…")
