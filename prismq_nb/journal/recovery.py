"""Repair a journal whose supervisor was killed or whose files were damaged.

The caller holds the run's lock. Every record is checked in one pass, in blocks of bounded size. If
only the end of the index is missing, records are appended to it. If there is damage before its end,
a new index is written to another file and renamed. In this order:

    bad records between good ones       are rebuilt from their neighbours, flagged recovered
    records past the end of the log     become a gap, reason ``truncated``
    bytes past the last record          become lines flagged recovered
    unfinished text (`part.py`)         becomes a line flagged recovered, unless it was stored

After a reboot, records past the last synced mark are trusted only if a recount of their lines
agrees: the index may have reached the disk before the log did. No byte of the log is deleted.
Standard library only.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.journal.damage import data_end, data_from, good_end
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import part
from prismq_nb.journal.layout.format import IndexRecord

_SLICE_BYTES = 256 * 1024
_SEARCH_BYTES = 8 << 20
"""How much of the log past the last record is searched for unfinished text that was stored."""
_NEW = ".new"


class Recovered(NamedTuple):
    """The result of a recovery.

    Attributes:
        lines: lines in the journal now.
        recovered: those of them that had no good record.
        missing: lines that the log no longer has.
    """

    lines: int
    recovered: int
    missing: int


def recover(run_dir: Path, *, rebooted: bool, now_us: int) -> Recovered:
    """Repair the journal of a dead supervisor.

    Args:
        run_dir: the run directory, whose lock the caller holds.
        rebooted: the machine was booted since the run: what was not synced is recounted.
        now_us: µs since the epoch, the arrival time of what is recovered.

    Raises:
        format.NewerIndex: a later version made the journal; nothing was touched.
        OSError: the directory cannot be read or written.
    """
    with contextlib.suppress(OSError):
        os.unlink(run_dir / fmt.RESERVE)
    flags = os.O_RDWR | os.O_CREAT
    log = open_regular(run_dir / fmt.LOG, flags)
    try:
        index = open_regular(run_dir / fmt.INDEX, flags)
    except BaseException:
        os.close(log)
        raise
    try:
        return _Recovery(run_dir, log, index, rebooted, now_us).run()
    finally:
        os.close(log)
        os.close(index)


class _Recovery:
    """The trusted part of a journal, and what is to be added to its index.

    The trusted part ends at `_end` bytes, `_lines` lines and the stamp `_stamp`.
    """

    def __init__(self, run_dir: Path, log: int, index: int, rebooted: bool, now_us: int) -> None:
        self._dir = run_dir
        self._log = log
        self._log_size = os.fstat(log).st_size
        self._index = index
        self._trusted = 0  # bytes of the old index that stay as they are
        self._rebooted = rebooted
        self._now_us = now_us
        self._added = bytearray()
        self._gaps = bytearray()
        self._end = self._lines = self._stamp = 0
        self._last_end = [0, 0]  # per stream: end of its newest record that had not to be recovered
        self._recovered = self._missing = 0
        self._unfinished = part.read_unfinished(run_dir)

    def run(self) -> Recovered:
        """Check the index, adopt what it lacks, and write it."""
        self._check_header()
        if self._trusted:
            self._keep_good()
        tail = self._end
        self._adopt_tail()
        self._adopt_unfinished(tail)
        self._write()
        part.remove(self._dir)
        return Recovered(self._lines, self._recovered, self._missing)

    # Reading the old index

    def _check_header(self) -> None:
        head = os.pread(self._index, fmt.RECORD_BYTES, 0)
        try:
            fmt.check_header(head)
        except fmt.NewerIndex:
            raise
        except fmt.BadIndex:
            self._added += fmt.header(self._now_us)
        else:
            self._trusted = len(head)

    def _records(self, at: int) -> Iterator[IndexRecord | None]:
        """Iterate over the records of the old index from byte `at` on.

        None for a bad one or a hole.
        """
        while (there := data_from(self._index, at)) is not None:
            if there - at >= fmt.RECORD_BYTES:
                yield None
                at = there // fmt.RECORD_BYTES * fmt.RECORD_BYTES
            data = os.pread(self._index, _SLICE_BYTES // fmt.RECORD_BYTES * fmt.RECORD_BYTES, at)
            if not data:
                return
            for place in range(0, len(data), fmt.RECORD_BYTES):
                yield fmt.unpack(data, place)
            at += len(data)

    def _last_good(self, known: IndexRecord) -> IndexRecord:
        """Return the last good record that is found without reading all; at least `known`."""

        def read_record(number: int) -> IndexRecord | None:
            return fmt.unpack(os.pread(self._index, fmt.RECORD_BYTES, number * fmt.RECORD_BYTES))

        end = good_end(read_record, os.fstat(self._index).st_size // fmt.RECORD_BYTES)
        found = read_record(end - 1)
        return found if found is not None and found.first >= known.first else known

    def _keep_good(self) -> None:
        synced = 0
        if self._rebooted:
            synced = max(
                (
                    record.arrival
                    for record in self._records(fmt.RECORD_BYTES)
                    if record and record.flags & fmt.SYNCED
                ),
                default=0,
            )
        damaged = False
        for record in self._records(fmt.RECORD_BYTES):
            if record is None or record.start < self._end or record.first < self._lines:
                # its bytes are adopted when the next good record shows where they end, or as the
                # tail
                damaged = True
                continue
            if max(record.start, record.log_end) > self._log_size:
                self._keep_truncated(record)
                return
            if record.start > self._end:
                damaged = True
                self._adopt(record.start, lines=record.first - self._lines)
            if record.first != self._lines:
                # the numbers behind do not match the bytes before: read all that follows again
                return
            if (
                self._rebooted
                and record.end > synced
                and record.lines
                and self._recount(record) != record.lines
            ):
                return
            if damaged:
                self._append(record)
            else:
                self._trusted += fmt.RECORD_BYTES
                self._advance(record, fmt.pack(*record) if record.flags & fmt.GAP else b"")

    # What has no good record

    def _keep_truncated(self, record: IndexRecord) -> None:
        """Adopt the bytes that are left of a `record` that the log cuts off.

        Make a gap of the others.
        """
        self._adopt(self._log_size, lines=None, stream=record.stream)
        last = self._last_good(record)
        lines, size = max(0, last.first + last.lines - self._lines), last.log_end - self._end
        self._missing = lines
        stamp = max(self._now_us, self._stamp)
        reason = fmt.GAP_REASONS.index("truncated")
        end = self._end + size
        gap = (self._end, end, self._lines, lines, fmt.GAP, record.arrival, stamp, reason)
        self._append(IndexRecord(*gap))

    def _adopt_tail(self) -> None:
        """Adopt the bytes past the last record.

        Their stream is not known: stdout, unless they continue the unfinished text of stderr. A
        hole to the end of the file, which may be gigabytes long, was never written.
        """
        self._log_size = max(self._end, data_end(self._log, self._end, self._log_size))
        if self._log_size == self._end:
            return
        stream = fmt.STDOUT
        if not self._continues(fmt.STDOUT) and self._continues(fmt.STDERR):
            stream = fmt.STDERR
        self._adopt(self._log_size, lines=None, stream=stream)

    def _continues(self, stream: int) -> bool:
        """Whether the log continues with a stream's unfinished text.

        Completes a torn copy of it.
        """
        line, size = self._unfinished[stream], self._log_size - self._end
        if line is None or not line.text or line.end > self._end or size <= 0:
            return False
        if os.pread(self._log, len(line.text), self._end) != line.text[:size]:
            return False
        missing = line.text[size:]
        self._log_size += os.pwrite(self._log, missing, self._log_size) if missing else 0
        return True

    def _adopt_unfinished(self, tail: int) -> None:
        """Store unfinished text as a line at the end, unless its stream stored something since.

        Args:
            tail: where good records end; the log may have the same text behind it.
        """
        size = self._log_size
        for stream, line in enumerate(self._unfinished):
            if line is None or not line.text or self._last_end[stream] > line.end:
                continue
            start = max(line.end, tail)
            since = os.pread(self._log, min(_SEARCH_BYTES, max(0, size - start)), start)
            if since.startswith(line.text) or b"\n" + line.text in since:
                continue
            self._log_size += os.pwrite(self._log, line.text, self._log_size)
            self._adopt(self._log_size, lines=None, stream=stream)

    def _adopt(self, until: int, *, lines: int | None, stream: int = fmt.STDOUT) -> None:
        """Add records for the bytes up to offset `until`.

        Args:
            until: an offset in the log.
            lines: how many lines they must hold, as the neighbours tell; None: not known.
            stream: the stream they belong to.
        """
        for start, end, count in list(self._pieces(self._end, until)):
            stamp = max(self._now_us if lines is None else self._stamp, self._stamp)
            self._append(
                IndexRecord(
                    start, end, self._lines, count, stream | fmt.RECOVERED, self._now_us, stamp
                )
            )
            self._recovered += count

    def _pieces(self, start: int, until: int) -> Iterator[tuple[int, int, int]]:
        """Cut bytes without records into chunks at line ends: (start, end, lines)."""
        while start < until:
            data = os.pread(self._log, min(fmt.MAX_LINE_BYTES, until - start), start)
            if not data:
                return
            newline = data.rfind(b"\n", 0, _SLICE_BYTES) + 1 or data.find(b"\n") + 1 or len(data)
            yield start, start + newline, fmt.count_lines(data[:newline])
            start += newline

    def _recount(self, record: IndexRecord) -> int:
        return fmt.count_lines(os.pread(self._log, record.end - record.start, record.start))

    def _append(self, record: IndexRecord) -> None:
        packed = fmt.pack(*record)
        self._added += packed
        self._advance(record, packed if record.flags & fmt.GAP else b"")

    def _advance(self, record: IndexRecord, gap: bytes) -> None:
        self._gaps += gap
        self._end = record.log_end
        self._lines = record.first + record.lines
        self._stamp = max(self._stamp, record.stamp + record.lines)
        if record.lines and not record.flags & fmt.RECOVERED:
            self._last_end[record.stream] = record.log_end

    # Writing

    def _write(self) -> None:
        """Write the repaired index and the gaps.

        The index is appended to if only its end was missing, which needs no space for a copy;
        otherwise it is replaced.
        """
        size = os.fstat(self._index).st_size
        if size - self._trusted < fmt.RECORD_BYTES:
            if size != self._trusted:
                os.ftruncate(self._index, self._trusted)
            _write_at(self._index, bytes(self._added), self._trusted)
            os.fsync(self._index)
        else:
            with contextlib.suppress(OSError):
                # line numbers may have moved: readers classify the lines again
                os.unlink(self._dir / fmt.LEVELS)
            trusted = (
                os.pread(self._index, min(_SLICE_BYTES, self._trusted - at), at)
                for at in range(0, self._trusted, _SLICE_BYTES)
            )
            self._replace(fmt.INDEX, chain(trusted, [bytes(self._added)]))
        if self._gaps or (self._dir / fmt.GAPS).exists():
            with contextlib.suppress(IsADirectoryError):  # derived: a run works without it
                self._replace(fmt.GAPS, [bytes(self._gaps)])

    def _replace(self, name: str, pieces: Iterator[bytes] | chain[bytes] | list[bytes]) -> None:
        new = self._dir / (name + _NEW)
        with contextlib.suppress(FileNotFoundError):
            new.unlink()
        fd = open_regular(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            at = 0
            for piece in pieces:
                at = _write_at(fd, piece, at)
            os.fsync(fd)
        except BaseException:
            os.unlink(new)
            raise
        finally:
            os.close(fd)
        os.replace(new, self._dir / name)


def _write_at(fd: int, data: bytes, at: int) -> int:
    """Write all of `data` at offset `at`; return the offset behind it."""
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, at)
        view, at = view[written:], at + written
    return at
