"""Which level a logging format gives to one line: the formats of the real world, as anchored patterns.

Apart from `levels` because compiling these patterns costs some 20 ms: `levels` imports this module at the first line that is classified, so a
supervisor is ready before it pays. Each family of formats has a module: general headers, pairs, JSON, shapes of their own; here they are asked one
after the other. Pure functions of one line, no state. Levels are plain ints here (0 DEBUG to 4 CRITICAL), -1 is "none". Imports the standard library
only.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from prismq_nb.journal.levels.failures import failure_level
from prismq_nb.journal.levels.headers import DIGITS, HEAD_BYTES, header_slot, timed_level
from prismq_nb.journal.levels.json_lines import json_level
from prismq_nb.journal.levels.logfmt import pair_level
from prismq_nb.journal.levels.notes import note_level
from prismq_nb.journal.levels.shapes import far_level, priority_level, shape_end
from prismq_nb.journal.levels.words import INFO, MONTH, NAMES

__all__ = ["progress_level", "recognise"]

# ---- progress ------------------------------------------------------------------------------------------------------------------------------

# Each begins with a byte that is looked for quickly, and no run of bytes is read from two places:
# so the cost grows with the text, whatever it is.
_PERCENT_BARS = re.compile(rb"%(?<=\d%)(?:\|[^|]{0,400}+\||[ ]*+\[(?:[=#>.\- ]{5,}+\]|\d++/\d++ \d++:\d\d<))")  # tqdm, wget; fastprogress
_PIPED_BARS = re.compile(rb"\|(?<=[# =\d]\|)[ ]{1,4}+\d{1,3}%\s*+$")  # conda, R
_COUNTED_BARS = re.compile(rb"\d(?!\d)\.*+[kMGTP]?+[A-Za-z ]{0,12}+ ?\[\d++:\d\d[<,:]")  # tqdm
_DRAWN_BARS = re.compile(rb"\[(?:[=#>.\- ]{8,}+\][ ]*+\d|Stage \d++:[=> ]*+\(\d++ \+ \d++\) / \d++\])")  # keras, Spark
_BLOCK = rb"\xe2(?:\x94\x81|\x95\xb8|\x95\xba|\x96[\x88-\x8f])"
_BLOCK_BARS = re.compile(_BLOCK * 3)  # rich, pip, blocks
_CURL_BARS = re.compile(rb"[KM](?<=\d[KM])[ ,.]{10,90}+\d{1,3}%[ ]")  # curl -#
_GIT_BARS = re.compile(rb":[ ]++\d{1,3}% \(\d++/\d++\)(?:,|\s*+$)")
_BARS_OF_PERCENT: Final = (_PERCENT_BARS, _PIPED_BARS, _GIT_BARS, _CURL_BARS)
_CURL_HEAD = re.compile(rb"% Total ++% Received")  # what follows continues it
_BAR_START = re.compile(rb"\[\d++:\d\d[<,:]")
#: A bar is looked for in so many bytes at the start of a line; its end within so many bytes, at so
#: many places.
_BAR_BYTES, _BAR_END_BYTES, _BAR_ENDS = 1024, 200, 8


def progress_level(text: bytes) -> int:
    """INFO for a progress bar as tqdm, rich, pip, keras or wget draw it; -1 for other text.

    When a logger wrote behind an unfinished bar, the level of that record.
    """
    if not _has_bar(text):
        return -1
    level = -1
    for start in islice(_BAR_START.finditer(text, 0, _BAR_BYTES), _BAR_ENDS):
        end = text.find(b"]", start.end(), min(start.end() + _BAR_END_BYTES + 1, _BAR_BYTES)) + 1
        if end > 0:
            rest = text[end:].lstrip()
            level = recognise(rest, stderr=False) if rest else -1
            break
    return level if level >= 0 else INFO


def _has_bar(text: bytes) -> bool:
    text = text[:_BAR_BYTES]
    if b"%" in text and (any(bars.search(text) for bars in _BARS_OF_PERCENT) or _CURL_HEAD.match(text)):
        return True
    if b"[" in text and (_COUNTED_BARS.search(text) or _DRAWN_BARS.search(text)):
        return True
    return b"\xe2" in text and _BLOCK_BARS.search(text) is not None


# ---- one line ------------------------------------------------------------------------------------------------------------------------------

_YARN = re.compile(rb"(warning|warn|info|debug|verbose|verb|silly|sill|success|notice|http|critical(?= [\w.\-]+: )) (?=\S)")
_TIMED_FIRST: Final = DIGITS + b"JFMASOND"
# Indented lines that count: eslint, pnpm, pip, Dart; kubectl, pytest; cargo.
_LISTED = re.compile(
    rb"(?P<error>\d+:\d+ +error {2}|error \xe2\x80\xa2 |(?:ERR_[A-Z\d_]+|ELIFECYCLE) {2}|error: [a-z]+(?:-[a-z]+)+\s*$)"
    rb"|(?P<warning>\d+:\d+ +(?:warning|\xe2\x9a\xa0) {2}|warning \xe2\x80\xa2 |Warning {2,}[A-Z]\w+ {2,}(?:\d+[smhd]|<unknown>)"
    rb"|/[^\s:]{1,200}:\d+: (?:\w+\.)*\w*Warning: )"
    rb"|(?P<info>(?:Compiling|Checking|Downloaded|Fresh|Documenting|Adding) \S+ v\d|Finished (?:`|dev|release|test|bench)|Locking \d+ pack"
    rb"|Doc-tests |Running (?:`|unittests|tests/|benches/)|Blocking waiting|Updating (?:crates|git )|Downloading crates)"
)


# A time, or what syslog or Heroku puts before a line, and then a record of its own: `ts`, `journalctl`, logs of CI.
_TIMED = re.compile(
    rb"\[?(?:" + MONTH + rb"[ ]{1,2}\d{1,2}[ ]|\d{4}-\d\d-\d\d[ T])?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+\-]\d\d:?\d\d)?\]?[ ]"
    rb"(?:(?:[\w.\-]{1,80}[ ])?[\w./\-@]{1,80}\[[\w.]{1,20}\]:[ ])?"
    rb"(?=[{\[<\d]|\#\#\[|[DIWEF]\d{4}|[a-z.]{1,20}=|[^\s:]{1,200}:\d+:|[A-Z][A-Za-z]+[:(]|[a-z]+: )"
)


def recognise(text: bytes, *, stderr: bool, indented: bool = False) -> int:
    """The level that a logging format gives to this line; -1 when no format is recognised.

    Args:
        text: what the line shows (see `text`), without leading white space.
        stderr: only there count yarn's ``warning text``, progress bars and the notes of tools.
        indented: the line was indented: only upper-case words and bracketed ones count (rich leaves a repeated time blank).
    """
    level = _level(text, stderr=stderr, indented=indented)
    if level < 0 and not indented and text[:1] in _TIMED_FIRST and (timed := _TIMED.match(text, 0, HEAD_BYTES)) is not None:
        return _level(text[timed.end() :], stderr=stderr, indented=False)
    return level


def _level(text: bytes, *, stderr: bool, indented: bool) -> int:
    head = text[:HEAD_BYTES]
    if indented:
        return _indented_level(head, stderr=stderr)
    first = head[:1]
    if first in (b"{", b"\x1e") and text.lstrip(b"\x1e{ \t")[:1] in b'"}':
        return json_level(text.lstrip(b"\x1e"))  # RFC 7464 puts a record separator before an object; Twisted does
    level = priority_level(head) if first == b"<" else -1
    if level < 0 and (shape := shape_end(head)) is not None:
        level = shape[0]
    if level < 0 and (slot := header_slot(head)) is not None:
        level = slot.level
    if level < 0 and first in DIGITS:
        level = timed_level(head, HEAD_BYTES)
    if level < 0 and b"=" in text and (b"evel" in text or b"lvl" in text or b"everity" in text or head[:3] == b"at="):
        level = pair_level(text)
    return _late_level(text, head, stderr=stderr) if level < 0 else level


def _indented_level(head: bytes, *, stderr: bool) -> int:
    slot = header_slot(head)
    if slot is not None and slot.marked:
        return slot.level
    found = _LISTED.match(head)
    if found is not None:
        return NAMES[(found.lastgroup or "").encode()]
    return note_level(head, indented=True) if stderr else -1


def _late_level(text: bytes, head: bytes, *, stderr: bool) -> int:
    """The level of a line to which no header gives one."""
    level = far_level(head)
    if level < 0:
        level = failure_level(head)
    if level < 0 and stderr:
        level = note_level(head)
    if level < 0 and stderr:
        found = _YARN.match(head)
        level = NAMES.get(found[1], INFO) if found is not None else progress_level(text)
    return level
