"""Pairs: ``time=2024-01-02T10:00:00Z level=warn msg="disk almost full"``. Pure functions of one line. Imports the standard library only."""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.level_headers import TIME
from prismq_nb.journal.level_words import DAY, NAMES

__all__ = ["pair_level"]

_PAIR_KEY = re.compile(rb"(?:^at|(?:^|(?<=\s))(?:log[._]?level|level|levelname|lvl|severity))=[\"']?([A-Za-z]+)")
_PAIR = re.compile(rb"""[\w.@/\-]+=(?:"(?:[^"\\]|\\.){0,4096}"|'(?:[^'\\]|\\.){0,4096}'|[^\s"]*)(?:[ \t]+|$)""")
_PAIR_LEAD = re.compile(rb"[ \t]*(?:[\[(<]?\d|" + DAY + rb"|[\w.\-]+[ \t]+\|)")
_MORE = re.compile(rb"[\"']?[ \t]+\S")  # `log_level=DEBUG` alone is a setting
_HEADER_WORDS: Final = 6


def pair_level(text: bytes) -> int:
    """The level of a logfmt line (``time=... level=warn msg="..."``), perhaps behind a time and names; -1 if it is not one."""
    for found in _PAIR_KEY.finditer(text):
        rest = _PAIR.sub(b"", text[: found.start()])
        timed = b'"' not in rest and len(rest.split()) <= _HEADER_WORDS and _PAIR_LEAD.match(rest) and TIME.search(rest)
        if timed or (not rest.strip() and (found.start() > 0 or _MORE.match(text, found.end()))):
            return NAMES.get(found[1].lower(), -1)
    return -1
