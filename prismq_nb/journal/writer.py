"""Append to a journal: first the log, then one index record.

The only code that writes ``output.log`` and ``output.idx`` while a run lives.

The cost is per chunk: one `write` of the caller's buffer and one of `format.RECORD_BYTES`. A short
or failed write is cut back to the end of the last record, and the chunk is counted as lost. What
was lost becomes one gap record when storing resumes, or at the end. The caller decides when to
pause and when to retry (`capture/pipes/storage.py`). Standard library only.
"""

from __future__ import annotations

import contextlib
import errno
import os
from typing import NamedTuple

from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.journal.layout import format as fmt

_RESERVE_BYTES = 32 * 1024
"""Disk space reserved for the last records and the last state of a run whose disk is full."""


class Lost(NamedTuple):
    """Output that was read and not stored.

    Attributes:
        begin: since when, µs since the epoch.
        reason: an index into `format.GAP_REASONS`.
        lines, bytes: how much.
    """

    begin: int
    reason: int
    lines: int
    bytes: int


class JournalWriter:
    """The writing end of one journal. Times are µs since the epoch.

    Attributes:
        end: bytes of the log that records account for.
        lines: lines stored.
        lost: what the open gap has swallowed so far; None while everything is stored.
    """

    def __init__(self, run_dir: str | os.PathLike[str], created: int) -> None:
        """Create an empty journal in `run_dir`.

        Args:
            run_dir: the run directory.
            created: µs since the epoch.

        Raises:
            OSError: a file cannot be created or written.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        self._run_dir = run_dir
        self._log = open_regular(os.path.join(run_dir, fmt.LOG), flags)
        self._index = open_regular(os.path.join(run_dir, fmt.INDEX), flags)
        _write_whole(self._index, fmt.header(created))
        reserve = open_regular(os.path.join(run_dir, fmt.RESERVE), flags)
        _write_whole(reserve, b"\0" * _RESERVE_BYTES)
        os.close(reserve)
        self.end = 0
        self.lines = 0
        self.lost: Lost | None = None
        self._unrecorded: Lost | None = None  # closed but not in the index, see `resume`
        self._gap_bytes = 0  # recorded at that place
        self._gap_at = -1  # number of the line before which the newest gap record stands
        self._next_stamp = 0
        self._index_end = fmt.RECORD_BYTES
        self._unsynced = False

    def append(self, data: memoryview, lines: int, flags: int, arrival: int) -> bool:
        """Store whole lines of one stream.

        Args:
            data: the bytes, not empty. They are written before this returns, so the buffer may be
                reused.
            lines: number of lines in them; an unfinished last one counts.
            flags: stream bit and `format.SPLIT`.
            arrival: when they were read, µs since the epoch.

        Returns:
            False if they could not be stored; they are then part of `lost`.
        """
        if self.lost is not None:
            self._count_lost(data, lines, self.lost.reason, arrival)
            return False
        if self._unrecorded is not None and not self._write_unrecorded(arrival):
            self._count_lost(data, lines, 0, arrival)
            return False
        size = len(data)
        stamp = max(arrival, self._next_stamp)
        try:
            _write_whole(self._log, data)
            self._record(self.end, self.end + size, lines, flags, arrival, stamp)
        except OSError as error:
            self._cut_back()
            self._count_lost(data, lines, _reason(error), arrival)
            return False
        self.end += size
        self.lines += lines
        self._next_stamp = stamp + lines
        self._unsynced = True
        return True

    def pause(self, reason: int, arrival: int) -> None:
        """Open a gap: from now on all output is counted and dropped.

        Args:
            reason: an index into `format.GAP_REASONS`.
            arrival: when the gap begins, µs since the epoch.
        """
        if self.lost is None:
            self.lost = Lost(arrival, reason, 0, 0)

    def resume(self, arrival: int) -> bool:
        """Close the open gap. Returns False if its record cannot be stored.

        Then the gap stays open.

        Of several gaps with no line between them (storage may fail a thousand times) the first is
        recorded immediately. The others share a record, which is written when they are as large as
        what is recorded, or when a line or the end follows.
        """
        lost = self.lost
        if lost is None or (lost.lines == 0 and lost.bytes == 0):
            self.lost = None
            return True
        if self._gap_at == self.lines:
            self._unrecorded, self.lost = _merged(self._unrecorded, lost), None
            if self._unrecorded.bytes >= self._gap_bytes:
                self._write_unrecorded(arrival)
            return self.lost is None
        if not self._write_gap(lost, arrival):
            return False
        self.lost = None
        return True

    def _write_unrecorded(self, arrival: int) -> bool:
        """Record the gaps that were closed without a record; on failure they are open again."""
        assert self._unrecorded is not None
        if not self._write_gap(self._unrecorded, arrival):
            self.lost = (
                self._unrecorded if self.lost is None else _merged(self._unrecorded, self.lost)
            )
            self._unrecorded = None
            return False
        self._unrecorded = None
        return True

    def _write_gap(self, gap: Lost, arrival: int) -> bool:
        stamp = max(arrival, self._next_stamp)
        end = self.end + gap.bytes
        try:
            record = self._record(self.end, end, gap.lines, fmt.GAP, gap.begin, stamp, gap.reason)
        except OSError:
            self._cut_back()
            return False
        self._next_stamp = stamp
        self._gap_bytes = gap.bytes + (self._gap_bytes if self._gap_at == self.lines else 0)
        self._gap_at = self.lines
        with contextlib.suppress(OSError):  # derived: recovery writes it again
            _append(os.path.join(self._run_dir, fmt.GAPS), record)
        return True

    def sync_log(self) -> int | None:
        """Wait until the log's bytes are on disk (fdatasync(2)). May run in another thread.

        Returns:
            The offset up to which they are; None if nothing was to be synced, or it failed.
        """
        if not self._unsynced:
            return None
        self._unsynced = False
        end = self.end
        try:
            _fdatasync(self._log)
        except OSError:
            return None
        return end

    def mark_synced(self, offset: int, arrival: int) -> None:
        """Record that the log is on disk up to `offset`, as `sync_log` returned it."""
        try:
            self._record(self.end, self.end, 0, fmt.SYNCED, offset, max(arrival, self._next_stamp))
        except OSError:
            self._cut_back()

    def sync_index(self) -> None:
        """Wait until the index is on disk. May run in another thread."""
        with contextlib.suppress(OSError):
            _fdatasync(self._index)

    def release_reserve(self) -> None:
        """Free the reserved space, so that the last records and state fit on a full disk."""
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(self._run_dir, fmt.RESERVE))

    def finish(self, arrival: int) -> None:
        """Close an open gap, so that every line is in the index. Only `close` may follow."""
        self.release_reserve()
        self.resume(arrival)
        if self._unrecorded is not None:
            self._write_unrecorded(arrival)

    def close(self, arrival: int) -> None:
        """Finish, sync, mark as synced and close. May run in another thread.

        Syncing can take seconds on a busy disk.
        """
        self.finish(arrival)
        offset = self.sync_log()
        if offset is not None:
            self.mark_synced(offset, arrival)
            self.sync_index()
        os.close(self._log)
        os.close(self._index)

    def _record(  # noqa: PLR0917 - the fields of a record
        self, start: int, end: int, count: int, flags: int, arrival: int, stamp: int, aux: int = 0
    ) -> bytes:
        record = fmt.pack(start, end, self.lines, count, flags, arrival, stamp, aux)
        _write_whole(self._index, record)
        self._index_end += fmt.RECORD_BYTES
        return record

    def _cut_back(self) -> None:
        """Remove half-written bytes: bytes without a record must not precede the next chunk."""
        for fd, end in ((self._log, self.end), (self._index, self._index_end)):
            with contextlib.suppress(OSError):
                os.ftruncate(fd, end)
            os.lseek(fd, end, os.SEEK_SET)

    def _count_lost(self, data: memoryview, lines: int, reason: int, arrival: int) -> None:
        lost = self.lost or Lost(arrival, reason, 0, 0)
        self.lost = lost._replace(lines=lost.lines + lines, bytes=lost.bytes + len(data))


def _merged(one: Lost | None, two: Lost) -> Lost:
    """Merge two gaps at one place; the reason is that of the larger one."""
    if one is None:
        return two
    reason = one.reason if one.bytes >= two.bytes else two.reason
    return Lost(min(one.begin, two.begin), reason, one.lines + two.lines, one.bytes + two.bytes)


def _reason(error: OSError) -> int:
    return fmt.GAP_REASONS.index(
        "disk-full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "write-error"
    )


def _append(path: str, data: bytes) -> None:
    fd = open_regular(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        _write_whole(fd, data)
    finally:
        os.close(fd)


def _write_whole(fd: int, data: bytes | memoryview) -> None:
    """Write all of `data`. Raises OSError if the disk takes only a part."""
    if os.write(fd, data) != len(data):
        raise OSError(errno.ENOSPC, "no space left on device")


_fdatasync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync
