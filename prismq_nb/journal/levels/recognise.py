"""Recognise the log format of one line, and so its level.

The formats of the table come first, then the general header, pairs, and what counts only where
these find nothing. Pure functions of one line. Imports the standard library only.
"""

from __future__ import annotations

import re
from typing import Final

from prismq_nb.journal.levels.formats.table import (
    FALLBACKS,
    FIRST,
    INDENTED,
    INDENTED_NOTICES,
    NOTICES,
    RECORDS,
)
from prismq_nb.journal.levels.grammar.format import Format, Recognised
from prismq_nb.journal.levels.grammar.header import (
    DIGITS,
    HEAD_BYTES,
    header_slot,
    names_level,
    timed_level,
)
from prismq_nb.journal.levels.grammar.json_lines import json_level
from prismq_nb.journal.levels.grammar.logfmt import pair_level
from prismq_nb.journal.levels.grammar.progress import has_bar, text_behind_bar
from prismq_nb.journal.levels.grammar.words import INFO, MONTH

GENERAL: Final = Format("general", "", {})
"""What has no entry of its own in the table: JSON, pairs, headers of any kind, progress bars."""

_TIMED_FIRST: Final = DIGITS + b"JFMASOND"
# A time, or what syslog or Heroku puts before a line, and then a record of its own: `ts`,
# `journalctl`, logs of CI.
_TIMED = re.compile(
    rb"\[?(?:" + MONTH + rb"[ ]{1,2}\d{1,2}[ ]|\d{4}-\d\d-\d\d[ T])?"
    rb"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+\-]\d\d:?\d\d)?\]?[ ]"
    rb"(?:(?:[\w.\-]{1,80}[ ])?[\w./\-@]{1,80}\[[\w.]{1,20}\]:[ ])?"
    rb"(?=[{\[<\d]|\#\#\[|[DIWEF]\d{4}|[a-z.]{1,20}=|[^\s:]{1,200}:\d+:|[A-Z][A-Za-z]+[:(]"
    rb"|[a-z]+: )"
)  # fmt: skip


def recognise(
    text: bytes, *, stderr: bool, indented: bool = False, may_be_record: bool = True
) -> Recognised | None:
    """The format of this line, and the level that it gives; None when none is recognised.

    Args:
        text: what the line shows (see `text`), without leading white space.
        stderr: only there count progress bars and the notices of tools.
        indented: the line was indented: only upper-case words and bracketed ones count (rich leaves
            a repeated time blank).
        may_be_record: it is not known yet to be of none of the formats of `RECORDS`.
    """
    if indented:
        return _indented(text[:HEAD_BYTES], stderr=stderr)
    found = _one(text, stderr=stderr, may_be_record=may_be_record)
    if found is None and text[:1] in _TIMED_FIRST:
        timed = _TIMED.match(text, 0, HEAD_BYTES)
        if timed is not None:
            return _one(text[timed.end() :], stderr=stderr)
    return found


def _one(text: bytes, *, stderr: bool, may_be_record: bool = True) -> Recognised | None:
    size = len(text)
    found = (RECORDS.match(text, 0, size) if may_be_record else None) or FIRST.match(text, 0, size)
    if found is not None:
        return found
    first = text[:1]
    if first in (b"{", b"\x1e") and text.lstrip(b"\x1e{ \t")[:1] in b'"}':
        # RFC 7464 puts a record separator before an object; Twisted does
        level = json_level(text.lstrip(b"\x1e"))
        return Recognised(level, GENERAL) if level >= 0 else None
    head = text[:HEAD_BYTES]
    level = -1
    if names_level(head):
        slot = header_slot(head)
        level = slot.level if slot is not None else -1
        if level < 0 and first in DIGITS:
            level = timed_level(head, HEAD_BYTES)
    if (
        level < 0
        and b"=" in text
        and (b"evel" in text or b"lvl" in text or b"everity" in text or head[:3] == b"at=")
    ):
        level = pair_level(text)
    return Recognised(level, GENERAL) if level >= 0 else _late(text, stderr=stderr)


def _late(text: bytes, *, stderr: bool) -> Recognised | None:
    """What gives a level to a line to which no header gives one."""
    stop = min(len(text), HEAD_BYTES)
    found = FALLBACKS.match(text, 0, stop)
    if found is None and stderr:
        found = NOTICES.match(text, 0, stop)
        if found is None and (level := progress_level(text)) >= 0:
            return Recognised(level, GENERAL)
    return found


def _indented(head: bytes, *, stderr: bool) -> Recognised | None:
    slot = header_slot(head) if names_level(head) else None
    if slot is not None and slot.marked:
        return Recognised(slot.level, GENERAL) if slot.level >= 0 else None
    found = INDENTED.match(head, 0, len(head))
    return INDENTED_NOTICES.match(head, 0, len(head)) if found is None and stderr else found


def progress_level(text: bytes) -> int:
    """INFO for a progress bar; -1 for other text.

    When a logger wrote behind an unfinished bar, the level of that record.
    """
    if not has_bar(text):
        return -1
    rest = text_behind_bar(text)
    found = recognise(rest, stderr=False) if rest else None
    return INFO if found is None else found.level
