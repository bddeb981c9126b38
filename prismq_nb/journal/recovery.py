"""Puts a journal right after its supervisor was killed or the machine went down. The caller holds the run's lock.

Every record is checked; the index is written anew (to another file, renamed in) only when something is wrong with it. Then, in this order:

    a bad record between good ones      is rebuilt from its neighbours, flagged recovered
    records past the end of the log     become a gap, reason ``truncated``
    bytes past the last record          become lines flagged recovered
    unfinished text in ``output.part``  becomes a line flagged recovered, unless it was stored already

After a reboot, records past the last synced mark are only believed when a recount of their lines agrees: the index may have reached the medium
before the log did. Log bytes are never deleted. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from prismq_nb.journal import format as fmt
from prismq_nb.journal.format import Record

_SLICE_BYTES = 256 * 1024
_NEW_INDEX = "output.idx.new"


class Recovered(NamedTuple):
    """What recovery found: lines in the journal now, lines of them that had no good record, lines that the log no longer has."""

    lines: int
    recovered: int
    missing: int


def recover(run_dir: Path, *, rebooted: bool, now: int) -> Recovered:
    """Makes the journal of a dead supervisor whole.

    Args:
        run_dir: the run directory, whose lock the caller holds.
        rebooted: the machine was booted since the run: what was not synced is recounted.
        now: µs since the epoch, the arrival time of what is recovered.

    Raises:
        OSError: the directory cannot be read or written.
    """
    with contextlib.suppress(FileNotFoundError):
        os.unlink(run_dir / fmt.RESERVE)
    log = os.open(run_dir / fmt.LOG, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        return _Recovery(run_dir, log, rebooted, now).run()
    finally:
        os.close(log)


class _Recovery:
    """The new index while it grows: every method appends to it and moves `_end`, `_lines` and `_stamp` on."""

    def __init__(self, run_dir: Path, log: int, rebooted: bool, now: int) -> None:
        self._dir = run_dir
        self._log = log
        self._log_size = os.fstat(log).st_size
        self._rebooted = rebooted
        self._now = now
        self._out = bytearray(fmt.header(now))
        self._gaps = bytearray()
        self._end = self._lines = self._stamp = 0
        self._last_end = [0, 0]  # per stream: end of its newest record
        self._recovered = self._missing = 0

    def run(self) -> Recovered:
        old = self._old_index()
        self._keep_good(old)
        self._adopt_tail()
        self._adopt_part()
        new = bytes(self._out)
        if new != old:
            if not new.startswith(old):  # line numbers may have moved: levels are found again by whoever asks
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self._dir / fmt.LEVELS)
            self._replace(fmt.INDEX, new)
            self._replace(fmt.GAPS, bytes(self._gaps))
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._dir / fmt.PART)
        return Recovered(self._lines, self._recovered, self._missing)

    def _old_index(self) -> bytes:
        try:
            data = (self._dir / fmt.INDEX).read_bytes()
            fmt.check_header(data)
        except (FileNotFoundError, fmt.BadIndex):
            return b""
        self._out = bytearray(data[: fmt.RECORD_BYTES])
        return data

    def _keep_good(self, old: bytes) -> None:
        records = [fmt.unpack(old, at) for at in range(fmt.RECORD_BYTES, len(old), fmt.RECORD_BYTES)]
        synced = max((record.arrival for record in records if record and record.flags & fmt.SYNCED), default=0)
        for number, record in enumerate(records):
            if record is None or record.start < self._end or record.first < self._lines:
                continue  # bad: its bytes are adopted when the next good record shows where they end, or as the tail
            if record.start > self._end:
                self._adopt(record.start, lines=record.first - self._lines)
            if record.first != self._lines:
                return  # the numbers behind do not fit the bytes before: all that follows is read again
            if record.log_end > self._log_size:
                self._keep_what_is_there(record, records[number:])
                return
            if self._rebooted and record.end > synced and record.lines and self._recount(record) != record.lines:
                return
            self._append(record)

    def _keep_what_is_there(self, record: Record, rest: list[Record | None]) -> None:
        """The log ends inside `record`: its bytes that are left are adopted, the others become a gap."""
        self._adopt(self._log_size, lines=None, stream=record.stream)
        last = next(r for r in reversed(rest) if r is not None)
        lines, size = last.first + last.lines - self._lines, last.log_end - self._end
        self._missing = lines
        stamp = max(self._now, self._stamp)
        reason = fmt.GAP_REASONS.index("truncated")
        self._append(Record(self._end, self._end + size, self._lines, max(0, lines), fmt.GAP, record.arrival, stamp, reason))

    def _adopt_tail(self) -> None:
        self._adopt(self._log_size, lines=None)

    def _adopt_part(self) -> None:
        """Unfinished text goes to the end of the log as a line, unless its stream has stored something since."""
        try:
            part = fmt.unpack_part((self._dir / fmt.PART).read_bytes())
        except FileNotFoundError:
            return
        for stream, text in enumerate(part.texts if part else ()):
            stored = os.pread(self._log, len(text), part.end) if part else b""
            if part is None or not text or self._last_end[stream] > part.end or stored == text:
                continue
            os.pwrite(self._log, text, self._log_size)
            self._log_size += len(text)
            self._adopt(self._log_size, lines=None, stream=stream)

    def _adopt(self, until: int, *, lines: int | None, stream: int = fmt.STDOUT) -> None:
        """Gives the bytes up to offset `until` records of their own; `lines`, where the neighbours tell it, must then be what they hold."""
        for start, end, count in list(self._pieces(self._end, until)):
            stamp = max(self._now if lines is None else self._stamp, self._stamp)
            self._append(Record(start, end, self._lines, count, stream | fmt.RECOVERED, self._now, stamp))
            self._recovered += count

    def _pieces(self, start: int, until: int) -> Iterator[tuple[int, int, int]]:
        """Cuts bytes without records into chunks at line ends: (start, end, lines)."""
        while start < until:
            data = os.pread(self._log, min(fmt.MAX_LINE_BYTES, until - start), start)
            if not data:
                return
            newline = data.rfind(b"\n", 0, _SLICE_BYTES) + 1 or data.find(b"\n") + 1 or len(data)
            yield start, start + newline, fmt.count_lines(data[:newline])
            start += newline

    def _recount(self, record: Record) -> int:
        return fmt.count_lines(os.pread(self._log, record.end - record.start, record.start))

    def _append(self, record: Record) -> None:
        packed = fmt.pack(*record)
        self._out += packed
        if record.flags & fmt.GAP:
            self._gaps += packed
        self._end = record.log_end
        self._lines = record.first + record.lines
        self._stamp = max(self._stamp, record.stamp + record.lines)
        if record.lines:
            self._last_end[record.stream] = record.log_end

    def _replace(self, name: str, data: bytes) -> None:
        new = self._dir / _NEW_INDEX
        with open(new, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self._dir / name)
