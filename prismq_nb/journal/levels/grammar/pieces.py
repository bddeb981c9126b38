"""Pieces of patterns that several formats share."""

from __future__ import annotations

from typing import Final

from prismq_nb.journal.levels.grammar import words

MONTH: Final = words.MONTH.decode()
REASONS: Final = (
    "No such file or directory",
    "Permission denied",
    "Is a directory",
    "Not a directory",
    "File exists",
    "Read-only file system",
    "No space left on device",
    "Operation not permitted",
    "Cannot allocate memory",
    "Too many open files",
    "Exec format error",
    "Text file busy",
    "Device or resource busy",
    "Input/output error",
    "Argument list too long",
    "Directory not empty",
    "File name too long",
    "Disk quota exceeded",
    "Connection refused",
    "No route to host",
    "Network is unreachable",
    "Name or service not known",
    "Temporary failure in name resolution",
)
REASON: Final = f"(?:{'|'.join(REASONS)})"
ANDROID_TIME: Final = r"\d\d(?:\d\d-\d\d)?-\d\d \d\d:\d\d:\d\d\.\d+ "
CLOCK: Final = r"\d(?=:\d\d|[^A-SU-Za-z\n]{0,33}\d:\d\d)[\d\-/:.,\ TZ+]{5,40}\]?:?"
YARN_ERRORS: Final = (
    r"(?:Command failed |Command \"|An unexpected error occurred|Couldn't find "
    "|Found incompatible module|Your lockfile |Integrity check failed"
    "|Incorrect integrity|No lockfile |Received invalid|Missing list of packages"
    r"|@?[\w./\-]{1,100}(?: > @?[\w./\-]{1,100}){0,5}@\d[\w.\-]*: )"
)
YARN_WARNINGS: Final = (
    r"(?:package(?:-lock)?\.json[ :]|\"[^\"\n]{1,200}\" (?:has|is) |No license field"
    r"|Lockfile has |Resolution field |@?[\w./\-]{1,100}(?: > @?[\w./\-]{1,100}){0,5}@"
    r"\d[\w.\-]*: )"
)
ICON_SPACE: Final = r"(?:\xef\xb8\x8f)?[ \t]+"
SOURCE_LINE: Final = (
    r"(?:(?:[A-Za-z]:(?=\\))?(?:(?![A-Z]?[a-z]+ (?:[a-z]+"
    r"|\d[\d./]*),? )[^\s:][^:\n]{0,300}+:\d++: ))"
)
PROGRAM: Final = r"[\w./~@+\-]{1,120}"
SIGNAL: Final = (
    "(?:Killed|Abort(?:ed| trap)|Segmentation fault|Bus error|Illegal instruction"
    "|Floating point exception|Trace/(?:breakpoint|BPT) trap)"
)
HEAP_FAULT: Final = (
    "(?:invalid|double free|corrupted|memory corruption|unaligned|mismatching"
    "|smallbin|largebin|unsorted)"
)
DAY_CLOCK: Final = r"(?>\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)"
"""A time of day, and a date with it."""
STAMP: Final = (
    r"(?>\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[ ]?[+\-]\d\d:?\d\d)?)"
)
UPPER: Final = words.UPPER.decode()
LOWER: Final = words.LOWER.decode()


def by_first_letter(pattern: str) -> str:
    """The same words, of which few are compared with any other word."""
    branches: dict[str, list[str]] = {}
    depth, start = 0, 0
    for at, sign in enumerate(pattern + "|"):
        depth += (sign in "([") - (sign in ")]")
        if sign == "|" and depth == 0:
            word = pattern[start:at]
            first = word[: word.index("]") + 1] if word[0] == "[" else word[0]
            first = word if word[len(first) :].startswith("?") else first
            branches.setdefault(first, []).append(word[len(first) :])
            start = at + 1
    return "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in branches.items())


NO_LEVEL: Final = f"(?!(?:{by_first_letter(UPPER)}|{by_first_letter(LOWER)})(?![A-Za-z]))"
"""No name of a level, of which the first one in a line counts."""
SHARED: Final = (STAMP, r"\[" + STAMP, CLOCK, r"\[" + CLOCK, NO_LEVEL)
"""The beginnings of patterns that many formats of one table share: matched once for all of them."""
