r"""The unfinished line of one stream: its visible part, and what is kept of it for recovery.

Each byte is examined once, when it is new, so a line that grows for hours costs no more than its
growth: a progress bar redrawn with ``\r``, dots, a spinner, a line of NULs. For readers, the text
after the last redraw is written, `MAX_VISIBLE_BYTES` at most; for recovery, what is new is
appended. Secrets are masked before either. Standard library only.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.common.base.terminal.sequences import SEQUENCE, SGR, VERTICAL_MOVE
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout.part import MAX_VISIBLE_BYTES, unfinished_head

if TYPE_CHECKING:
    from prismq_nb.capture.masking.masker import Masker
    from prismq_nb.capture.pipes.splitter import Splitter

_TAIL: Final = 2 * MAX_VISIBLE_BYTES
_ROW_MOVE = re.compile(VERTICAL_MOVE.pattern.encode())
_ESCAPE = re.compile(SEQUENCE.pattern.encode())
_LONGEST_ESCAPE: Final = 80
_FLOOD: Final = 64 << 10
# Anything that neither shows something nor moves the cursor, then something visible or an erasure:
# it replaces what was drawn before the ``\r`` in front of it (`common.base.terminal.redraw`).
_DRAWN_ANEW = re.compile(
    rb"(?>(?:[\x00-\x07\x0a-\x0c\x0e-\x1a\x1c-\x1f\x7f]"
    rb"|\x1b(?:\[[0-?]{0,64}+[hlmnqrt]|\][^\x07\x1b]*+(?:\x07|\x1b\\)|[ -/]{1,4}+[0-~]|[=>]))*)"
    rb"(?:[ -~\x80-\xff]|\x1b\[[02]?[KJ])"
)
_RESTORED = re.compile(rb"\x1b(?:[8c]|\[u|\]8;)")
_COLOUR = re.compile(SGR.pattern.encode())
_KEPT_COLOURS: Final = 8
_BACKSPACES = re.compile("(\x08+)")
_UTF8_CONTINUATION: Final = range(0x80, 0xC0)


class UnfinishedLine:
    """The unfinished line of one stream.

    Attributes:
        is_deferred: the last `take` found a line so long and so new that it left it for the next
            one. In a flood, lines of a MiB would be copied in vain ten times per second.
    """

    def __init__(self, run_dir: str | os.PathLike[str], splitter: Splitter, masker: Masker) -> None:
        """Write nothing yet."""
        self._path = os.path.join(run_dir, fmt.UNFINISHED[splitter.stream])
        self._splitter = splitter
        self._masker = masker
        self._tail = b""
        self._taken = 0
        self._begins_at = 0
        self._unkept = bytearray()
        self._is_kept = False
        self._is_stale = False
        self.is_deferred = False

    @property
    def begins_at(self) -> int:
        """Where the line begins in its stream: another number is another line."""
        return self._begins_at

    @property
    def is_behind(self) -> bool:
        """Whether `keep` has something to do."""
        return bool(self._unkept) or self._is_stale

    def take(self) -> bytes:
        """Return what the line has gained since the last call, masked."""
        splitter = self._splitter
        self.is_deferred = False
        if splitter.line_start != self._begins_at:
            self._begins_at, self._taken, self._tail = splitter.line_start, 0, b""
            self._unkept.clear()
            self._is_stale = self._is_kept
            self.is_deferred = len(splitter.pending()) > _FLOOD
            if self.is_deferred:
                return b""
        new = bytes(splitter.pending()[self._taken :])
        if self._masker and new:
            new = self._masked(new)
        else:
            self._taken += len(new)
        if new:
            self._unkept += new
            self._tail = _without_overdrawn(self._tail + new[-_TAIL:])[-_TAIL:]
        return new

    def _masked(self, new: bytes) -> bytes:
        """Take the part of `new` that reveals nothing of a secret, masked.

        If the line was redrawn and shows a secret now, what was kept of it is replaced by what it
        shows, masked.
        """
        new = new[: self._masker.safe_end(new)]
        line = self._masker.apply_part(bytes(self._splitter.pending()[: self._taken + len(new)]))
        if self._masker.may_display(line):
            return b""
        self._taken += len(new)
        shown = self._masker.masked_display(line)
        if shown is None:
            part = self._masker.apply_part(new)
            shown = self._masker.masked_display(visible(self._tail + part))
            if shown is None:
                return part
        self._unkept.clear()
        self._tail = b""
        self._is_stale = self._is_kept
        return shown

    def shown(self) -> bytes:
        """Return the visible part of the line, `MAX_VISIBLE_BYTES` at most."""
        return visible(self._tail)

    def keep(self, log_end: int) -> None:
        """Append new text to the stream's file; start it again for another line.

        Args:
            log_end: bytes of the log; nothing of this stream was stored since the line began.

        Raises:
            OSError: the disk is full; a later call writes what was not written.
        """
        if not self.is_behind:
            return
        is_new = self._is_stale or not self._is_kept
        head = unfinished_head(log_end) if is_new and self._unkept else b""
        self._is_kept = self._is_kept and not is_new
        flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if is_new else os.O_APPEND)
        fd = open_regular(self._path, flags)
        try:
            self._is_stale = False
            written = os.writev(fd, (head, self._unkept)) if self._unkept else 0  # no copy of a MiB
        finally:
            os.close(fd)
        if written > len(head) or (written and not is_new):
            self._is_kept = True
            del self._unkept[: written - len(head)]


def visible(text: bytes) -> bytes:
    r"""Return the end of `text` that a terminal still shows, `MAX_VISIBLE_BYTES` at most.

    That is what follows the last ``\r`` that something visible follows, in the colours in force. If
    the cursor goes up or down, several rows are redrawn, and all of their newest frames count.

    Args:
        text: an unfinished line, or its end.
    """
    end = text[-MAX_VISIBLE_BYTES:]
    if not _ROW_MOVE.search(end):
        start = _last_drawing(end)
        if start:
            return _colours(end[:start]) + end[start:]
        return text if len(text) <= MAX_VISIBLE_BYTES else text[_whole_start(text) :]
    if len(text) <= MAX_VISIBLE_BYTES:
        return text
    start = end.find(b"\r")
    return end[start:] if start >= 0 else text[_whole_start(text) :]


def _last_drawing(text: bytes) -> int:
    """Return where the last frame begins that replaces everything before it; 0 if there is none."""
    if _RESTORED.search(text):
        return 0
    at = text.rfind(b"\r")
    while at >= 0:
        if _DRAWN_ANEW.match(text, at + 1):
            return at + 1
        at = text.rfind(b"\r", 0, at)
    return 0


def _colours(text: bytes) -> bytes:
    """Return the last colour changes in `text` since the colours were reset."""
    if b"\x1b[" not in text:
        return b""
    reset = max(text.rfind(b"\x1b[0m"), text.rfind(b"\x1b[m"), 0)
    changes = [match[0] for match in _COLOUR.finditer(text, reset)]
    return b"".join(changes[-_KEPT_COLOURS:])


def _whole_start(text: bytes) -> int:
    """Return where the last `MAX_VISIBLE_BYTES` begin, or a little later, outside of a sequence."""
    start = len(text) - MAX_VISIBLE_BYTES
    escape = text.rfind(b"\x1b", max(0, start - _LONGEST_ESCAPE), start)
    if escape >= 0 and (found := _ESCAPE.match(text, escape)) and found.end() > start:
        return found.end()
    for at in range(start, min(start + 3, len(text))):
        if text[at] not in _UTF8_CONTINUATION:
            return at
    return start


def _without_overdrawn(text: bytes) -> bytes:
    r"""Remove what spinners and counters overwrote by ``\b``, to keep what precedes it.

    Only if as many printable characters stand before the backspaces and after them.
    """
    if b"\x08" not in text:
        return text
    first, *rest = _BACKSPACES.split(text.decode("utf-8", "surrogateescape"))
    drawn = first
    for back, after in zip(rest[::2], rest[1::2], strict=True):
        count = len(back)
        pair = drawn[-count:], after[:count]
        if all(len(part) == count and part.isprintable() for part in pair):
            drawn = drawn[:-count] + after
        else:
            drawn += back + after
    return drawn.encode("utf-8", "surrogateescape")
