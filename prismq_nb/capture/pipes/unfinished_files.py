"""Write the unfinished lines of a run: decides when and where; `unfinished_line.py` decides what.

For readers: the visible part, 50 ms after it was read, at most 10 times and 16 kB per second, and
only if it changed. For recovery: what was appended, at most once per second. So a progress bar that
is redrawn for hours costs a few kB per second, and a killed supervisor loses about a second of
unfinished text. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from prismq_nb.capture.pipes.unfinished_line import UnfinishedLine
from prismq_nb.common.base.state import MICROSECONDS
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import part

if TYPE_CHECKING:
    from prismq_nb.capture.masking.masker import Masker
    from prismq_nb.capture.pipes.splitter import Splitter

Folder = str | os.PathLike[str]

_AGE: Final = MICROSECONDS // 20
_SHOW_INTERVAL: Final = MICROSECONDS // 10
_SHOW_MICROSECONDS_PER_BYTE: Final = 1_000_000 / 16_000
_KEEP_INTERVAL: Final = MICROSECONDS
_REFRESH_BYTES: Final = 1 << 20
"""After this growth of the log, and after a second, `end` is updated: readers examine every record
since."""


class UnfinishedFiles:
    """The unfinished lines of one run. Times are µs since the epoch, by the run's clock."""

    def __init__(self, run_dir: Folder, splitters: Iterable[Splitter], masker: Masker) -> None:
        """Write nothing yet."""
        self._run_dir = run_dir
        self._path = os.path.join(run_dir, fmt.PART)
        self._lines = {each.stream: UnfinishedLine(run_dir, each, masker) for each in splitters}
        self._splitters = {each.stream: each for each in splitters}
        self._show_due: int | None = None
        self._keep_due: int | None = None
        self._shown: tuple[object, ...] | None = None
        self._shown_end = self._shown_at = self._kept_at = 0
        self._show_interval = _SHOW_INTERVAL

    @property
    def due(self) -> int | None:
        """When `write` is to be called; None: there is nothing to write."""
        planned = [due for due in (self._show_due, self._keep_due) if due is not None]
        return min(planned, default=None)

    def plan(self, now_us: int) -> None:
        """Note that output came, so there may be something to write or to remove."""
        if self._shown is None and not any(each.held for each in self._splitters.values()):
            return
        if self._show_due is None:
            self._show_due = max(now_us + _AGE, self._shown_at + self._show_interval)
        if self._keep_due is None:
            self._keep_due = max(now_us + _AGE, self._kept_at + _KEEP_INTERVAL)

    def write(self, now_us: int, log_end: int, *, storing: bool) -> Iterator[tuple[int, bytes]]:
        """Write what is due.

        Args:
            now_us: the present time.
            log_end: bytes of the log.
            storing: output is being stored; otherwise nothing is kept for recovery.

        Yields:
            (stream, what its unfinished line gained since the last call).
        """
        for stream, line in self._lines.items():
            yield stream, line.take()
        if self._keep_due is not None and now_us >= self._keep_due:
            self._keep(now_us, log_end, storing=storing)
        if self._show_due is not None and now_us >= self._show_due:
            self._show_due = None
            self._show(now_us, log_end)
        if any(line.is_deferred for line in self._lines.values()):
            self.plan(now_us)

    def end(self, stream: int) -> None:
        """Note that the stream has ended.

        Its unfinished text, if any, was stored as its last line.
        """
        del self._lines[stream], self._splitters[stream]

    def remove(self) -> None:
        """Remove the files: all output is stored."""
        self._show_due = self._keep_due = self._shown = None
        part.remove(self._run_dir)

    def _keep(self, now_us: int, log_end: int, *, storing: bool) -> None:
        self._keep_due, self._kept_at = None, now_us
        if not storing:
            return
        for line in self._lines.values():
            with contextlib.suppress(OSError):  # a full disk
                line.keep(log_end)
        if any(line.is_behind for line in self._lines.values()):
            self._keep_due = now_us + _KEEP_INTERVAL

    def _show(self, now_us: int, log_end: int) -> None:
        texts = [b"", b""]
        for stream, line in self._lines.items():
            texts[stream] = line.shown()
        shown = (*texts, *(line.begins_at for line in self._lines.values()))
        if not any(texts):
            if self._shown is not None:
                self._shown = None
                with contextlib.suppress(OSError):
                    os.unlink(self._path)
            return
        age, grown = now_us - self._shown_at, log_end - self._shown_end
        is_near = grown == 0 or (grown < _REFRESH_BYTES and age < MICROSECONDS)
        if shown == self._shown and is_near:
            return
        data = part.pack_part(log_end, *texts)
        self._shown, self._shown_end, self._shown_at = shown, log_end, now_us
        self._show_interval = max(_SHOW_INTERVAL, int(len(data) * _SHOW_MICROSECONDS_PER_BYTE))
        with contextlib.suppress(OSError):  # a full disk: readers see what was there before
            part.write_part(self._path, data)
