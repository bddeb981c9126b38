"""Says which lines match what a person looks for: a text, or a pattern in RE2's language.

All matching is google-re2: linear time whatever the pattern (no ReDoS), and it lets go of the GIL, which Python's own `re` does not. Where a whole
chunk of bytes can be searched at once, that finds the few lines of interest at gigabytes a second; only those lines are then looked at. Imports
nothing of the house.
"""

from __future__ import annotations

from typing import NamedTuple

import re2

MAX_PATTERN_CHARS = 1000
"""Longest text or pattern taken; longer ones are mistakes, and cost memory to compile."""
MAX_PROGRAM_BYTES = 2 << 20
"""Memory that one compiled pattern and its caches may take (RE2's ``max_mem``); a pattern that needs more is refused."""

_ANCHORED = ("\\A", "\\z", "\\C", "\\n", "\\r", "(?", "\\x0", "\\x{", "\\0", "\\1", "\\p", "\\P", "\\Q")
"""What may mean another thing in a chunk of lines than in one line, or see a byte that a message does not have: such patterns go line by line."""
_HARMLESS_GROUPS = ("(?:", "(?i)", "(?i:")


class Hit(NamedTuple):
    """A line of a chunk that matches: its place (0: the chunk's first line), and where its bytes begin and end."""

    place: int
    start: int
    end: int


class Matcher:
    """One compiled search. Made by `compile_matcher`."""

    def __init__(self, line: re2._Regexp, chunk: re2._Regexp | None) -> None:
        self._line = line
        self._chunk = chunk

    def matches(self, line: str) -> bool:
        """Whether a message matches; escape sequences were removed from it before (`journal.text.plain`)."""
        return self._line.search(line.encode("utf-8", "replace")) is not None

    def hits(self, data: bytes) -> list[Hit] | None:
        """The lines of a chunk that match, found in one go.

        Args:
            data: whole lines as stored.

        Returns:
            Exactly the lines whose message matches; None where that cannot be told from the bytes (an escape sequence, a carriage return, bytes that
            are no UTF-8, or a pattern of a special kind): then each line has to be looked at by `matches`.
        """
        if self._chunk is None or b"\x1b" in data or b"\r" in data or not _is_text(data):
            return None
        found: list[Hit] = []
        position, index, size = 0, 0, len(data)
        while position < size and (match := self._chunk.search(data, position)) is not None:
            start = data.rfind(b"\n", position, match.start()) + 1 or position
            index += data.count(b"\n", position, start)
            end = data.find(b"\n", match.start())
            if end < 0:
                end = size
            if start < size:
                found.append(Hit(index, start, end))
            position, index = end + 1, index + 1
        return found


def compile_matcher(query: str, regex: bool = False) -> Matcher:
    """Compiles what was typed.

    Args:
        query: a text that is looked for whatever its case; or, with `regex`, a pattern (https://github.com/google/re2/wiki/Syntax), which minds
            case unless it begins with ``(?i)``. 1 to 1000 characters.
        regex: `query` is a pattern.

    Raises:
        ValueError: empty, too long, or no valid pattern; the text says what is wrong with it.
    """
    if not query:
        raise ValueError("it is empty")
    if len(query) > MAX_PATTERN_CHARS:
        raise ValueError(f"it has {len(query)} characters; the most is {MAX_PATTERN_CHARS}")
    if not regex:
        return Matcher(_compile(query, literal=True), _compile(query, literal=True) if "\n" not in query else None)
    line = _compile(query)
    return Matcher(line, _compile(f"(?m:{query})", one_line=False) if _is_local(query) else None)


def _compile(pattern: str, *, literal: bool = False, one_line: bool = True) -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False  # or it writes to the server's stderr
    options.max_mem = MAX_PROGRAM_BYTES
    options.never_capture = True
    options.literal = literal
    options.case_sensitive = not literal
    options.never_nl = not one_line
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        raise ValueError(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None
    except UnicodeEncodeError:
        raise ValueError("it holds half of a surrogate pair") from None


def _is_local(pattern: str) -> bool:
    """Whether a pattern finds the same lines in a chunk as it does line by line."""
    rest = pattern
    for group in _HARMLESS_GROUPS:
        rest = rest.replace(group, "(")
    return not any(mark in rest for mark in _ANCHORED)


def _is_text(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
