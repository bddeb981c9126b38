"""What the patterns of the table say of the lines that they match, read from their text.

Only the syntax that the table uses. Imports the standard library only.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final

from prismq_nb.journal.levels.grammar.pieces import STAMP

_ATOM = re.compile(rb"\\x[\da-f]{2}|\\.|\[(?:\\.|[^\]\\])+\]|\(\?(?:[:>!]|=)|.", re.DOTALL)
_ALL_BYTES: Final = bytes(range(256))
_WORDS = re.compile(rb"\([A-Za-z|()?:]+\)")
_OPTIONAL = re.compile(rb"(?:\?|\*|\{0[,\d]*\})[?+]?")
_LITERAL = re.compile(rb"(?:(?:[^\\\[\](){}.^$*+?|]|\\[^\w])(?![?*{]))*")
_TIMES: Final = (STAMP.encode(), rb"\[" + STAMP.encode())


def literal_prefix(pattern: bytes) -> bytes:
    """The text with which every line begins that this pattern matches."""
    found = _LITERAL.match(pattern)
    return re.sub(rb"\\(.)", rb"\1", found[0]) if found else b""


def leaves_line(pattern: str) -> bool:
    """Whether a pattern may match the end of a line, or beyond it."""
    return any(
        atom in (b"$", rb"\s", rb"\D", rb"\W")
        or (atom[:2] == b"[^" and rb"\n" not in atom and rb"\s" not in atom)
        or (atom[:1] == b"[" and atom[:2] != b"[^" and rb"\s" in atom)
        for atom in _ATOM.findall(pattern.encode())
    )


@functools.cache
def first_bytes(pattern: bytes) -> frozenset[int]:
    """The bytes with which a line may begin that this pattern matches; empty: any."""
    atom = _ATOM.match(pattern)
    if atom is None:
        return frozenset()
    first, rest = atom[0], pattern[atom.end() :]
    if first[:1] == b"(":
        branches, rest = _group(rest)
        if first in (b"(?!", b"(?="):
            return first_bytes(rest)
        firsts = [first_bytes(branch) for branch in branches]
        found = frozenset[int]().union(*firsts) if all(firsts) else frozenset[int]()
    elif len(first) == 1:
        found = frozenset() if first in b"^$." else frozenset(first)
    elif first[:2] == b"[^" or first[1:] in (b"S", b"s", b"w", b"W", b"D", b"b", b"B"):
        found = frozenset()
    else:
        found = frozenset(b"".join(re.findall(first, _ALL_BYTES)))
    optional = _OPTIONAL.match(rest)
    if optional is None or not found:
        return found
    following = first_bytes(rest[optional.end() :])
    return found | following if following else following


def expanded(pattern: bytes) -> Iterator[bytes]:
    """The same pattern as several, each of which begins with no group."""
    atom = _ATOM.match(pattern)
    if atom is None or atom[0][:1] != b"(":
        yield pattern
        return
    branches, rest = _group(pattern[atom.end() :])
    if atom[0] in (b"(?!", b"(?="):
        yield from expanded(rest)
    elif _OPTIONAL.match(rest):
        yield pattern
    else:
        for branch in branches:
            yield from expanded(branch + rest)


def alternatives(pattern: bytes) -> list[bytes]:
    """What stands between the ``|`` of a pattern that are in no group."""
    return _group(pattern + b")")[0]


def narrowed(pattern: bytes, line: bytes, word: bytes) -> bytes | None:
    """The same pattern, only for lines with the level and the layout of the time of this one.

    What it matches, the pattern matches as well; it takes less time.

    Args:
        pattern: of an entry.
        line: that it matches.
        word: what the group matched.

    Returns:
        None if there is no group of words and nothing else.
    """
    start = next((atom.start() for atom in _ATOM.finditer(pattern) if atom[0] == b"("), -1)
    rest = _group(pattern[start + 1 :])[1]
    if start < 0 or not _WORDS.fullmatch(pattern, start, len(pattern) - len(rest)):
        return None
    before = pattern[:start]
    for lead in _TIMES:
        time = re.match(lead, line) if before.startswith(lead) else None
        if time is not None:
            before = re.sub(rb"\d", b"[0-9]", re.escape(time[0])) + before[len(lead) :]
    return before + word + rest


def _group(pattern: bytes) -> tuple[list[bytes], bytes]:
    """The alternatives of a group, and what follows it, given what follows its opening bracket."""
    branches, depth, start = [], 0, 0
    for atom in _ATOM.finditer(pattern):
        text = atom[0]
        if text[:1] == b"(":
            depth += 1
        elif depth == 0 and text in (b"|", b")"):
            branches.append(pattern[start : atom.start()])
            start = atom.end()
            if text == b")":
                break
        elif text == b")":
            depth -= 1
    return branches, pattern[start:]
