"""Appends to a journal: the log first, then one index record. The only code that writes ``output.log`` and ``output.idx`` while a run lives.

Cost is per chunk: one `write` of the caller's buffer, one of `format.RECORD_BYTES`. A short or failed write is cut back to the last record's end and
the chunk is counted as lost; what was lost becomes one gap record when storing goes on (`resume`) or at the end. The caller decides when to pause and
when to try again (`capture/pipes/storage.py`): here is only how. Standard library only.
"""

from __future__ import annotations

import contextlib
import errno
import os
from typing import NamedTuple

from prismq_nb.common.base.regular_files import open_regular
from prismq_nb.journal.layout import format as fmt

_RESERVE_BYTES = 32 * 1024
"""Held back on disk for the last records and the last state of a run whose disk is full."""


class Lost(NamedTuple):
    """Output that was read and could not be stored: since when (µs), why, and how much."""

    begin: int
    reason: int
    lines: int
    bytes: int


class JournalWriter:
    """The writing end of one journal.

    Attributes:
        end: bytes of the log that records account for.
        lines: lines stored.
        lost: what the open gap has swallowed so far; None while everything is stored.
    """

    def __init__(self, run_dir: str | os.PathLike[str], created: int) -> None:
        """Makes an empty journal in `run_dir`; `created` in µs since the epoch. Raises OSError."""
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
        self._held: Lost | None = None  # closed, and not in the index: another gap is at its place
        self._gap_bytes = 0  # recorded at that place
        self._gap_at = -1  # number of the line before which the newest gap record stands
        self._next_stamp = 0
        self._index_end = fmt.RECORD_BYTES
        self._unsynced = False

    def append(self, data: memoryview, lines: int, flags: int, arrival: int) -> bool:
        """Stores whole lines of one stream.

        Args:
            data: the bytes, not empty; they are written before this returns, so the buffer may be reused.
            lines: lines in them; an unfinished last one counts.
            flags: stream bit and `format.SPLIT`.
            arrival: when they were read, µs since the epoch.

        Returns:
            False when they could not be stored; they are then part of `lost`.
        """
        if self.lost is not None:
            self._lose(data, lines, self.lost.reason, arrival)
            return False
        if self._held is not None and not self._write_held(arrival):
            self._lose(data, lines, 0, arrival)
            return False
        size = len(data)
        stamp = max(arrival, self._next_stamp)
        try:
            _write_whole(self._log, data)
            self._record(self.end, self.end + size, lines, flags, arrival, stamp)
        except OSError as error:
            self._cut_back()
            self._lose(data, lines, _reason(error), arrival)
            return False
        self.end += size
        self.lines += lines
        self._next_stamp = stamp + lines
        self._unsynced = True
        return True

    def pause(self, reason: int, arrival: int) -> None:
        """Opens a gap: from now on everything is counted and dropped. `reason` is an index into `format.GAP_REASONS`."""
        if self.lost is None:
            self.lost = Lost(arrival, reason, 0, 0)

    def resume(self, arrival: int) -> bool:
        """Close the open gap. False when its record cannot be stored; the gap stays open then.

        Of several gaps with no line between them (storage may flap a thousand times) the first
        has a record at once; the others together have one when they have grown as large as what
        is recorded, or when a line or the end follows.
        """
        lost = self.lost
        if lost is None or (lost.lines == 0 and lost.bytes == 0):
            self.lost = None
            return True
        if self._gap_at == self.lines:
            self._held, self.lost = _together(self._held, lost), None
            if self._held.bytes >= self._gap_bytes:
                self._write_held(arrival)
            return self.lost is None
        if not self._write_gap(lost, arrival):
            return False
        self.lost = None
        return True

    def _write_held(self, arrival: int) -> bool:
        """Write the record of the gaps that were closed without one; else they are open again."""
        assert self._held is not None
        if not self._write_gap(self._held, arrival):
            self.lost = self._held if self.lost is None else _together(self._held, self.lost)
            self._held = None
            return False
        self._held = None
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
        """Waits until the log's bytes are on the medium; may be called in another thread.

        Returns:
            The offset up to which they are; None when there was nothing to wait for, or it failed.
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
        """Writes the mark that says: the log is on the medium up to `offset`, as `sync_log` returned it."""
        try:
            self._record(self.end, self.end, 0, fmt.SYNCED, offset, max(arrival, self._next_stamp))
        except OSError:
            self._cut_back()

    def sync_index(self) -> None:
        """Waits until the index is on the medium; may be called in another thread."""
        with contextlib.suppress(OSError):
            _fdatasync(self._index)

    def release_reserve(self) -> None:
        """Gives the reserved space back, so that the last records and the last state fit on a full disk."""
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(self._run_dir, fmt.RESERVE))

    def finish(self, arrival: int) -> None:
        """Closes an open gap: every line that there will be is in the index. Only `close` may follow."""
        self.release_reserve()
        self.resume(arrival)
        if self._held is not None:
            self._write_held(arrival)

    def close(self, arrival: int) -> None:
        """Finishes, syncs, which can take seconds on a busy disk, marks and closes; may be called in another thread."""
        self.finish(arrival)
        offset = self.sync_log()
        if offset is not None:
            self.mark_synced(offset, arrival)
            self.sync_index()
        os.close(self._log)
        os.close(self._index)

    def _record(self, start: int, end: int, count: int, flags: int, arrival: int, stamp: int, aux: int = 0) -> bytes:  # noqa: PLR0917 - a record
        record = fmt.pack(start, end, self.lines, count, flags, arrival, stamp, aux)
        _write_whole(self._index, record)
        self._index_end += fmt.RECORD_BYTES
        return record

    def _cut_back(self) -> None:
        """Takes half-written bytes away: what no record accounts for must not stand before the next chunk."""
        for fd, end in ((self._log, self.end), (self._index, self._index_end)):
            with contextlib.suppress(OSError):
                os.ftruncate(fd, end)
            os.lseek(fd, end, os.SEEK_SET)

    def _lose(self, data: memoryview, lines: int, reason: int, arrival: int) -> None:
        lost = self.lost or Lost(arrival, reason, 0, 0)
        self.lost = lost._replace(lines=lost.lines + lines, bytes=lost.bytes + len(data))


def _together(one: Lost | None, two: Lost) -> Lost:
    """Two gaps at one place; the reason is that of the larger one."""
    if one is None:
        return two
    reason = one.reason if one.bytes >= two.bytes else two.reason
    return Lost(min(one.begin, two.begin), reason, one.lines + two.lines, one.bytes + two.bytes)


def _reason(error: OSError) -> int:
    return fmt.GAP_REASONS.index("disk-full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "write-error")


def _append(path: str, data: bytes) -> None:
    fd = open_regular(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        _write_whole(fd, data)
    finally:
        os.close(fd)


def _write_whole(fd: int, data: bytes | memoryview) -> None:
    if os.write(fd, data) != len(data):
        raise OSError(errno.ENOSPC, "no space left on device")


_fdatasync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync
