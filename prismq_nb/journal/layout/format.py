"""The on-disk form of a journal: file names, index records, header. Pure; opens no file.

A run directory holds:

    launch.json    what was launched; written once by the engine, before anything starts
    run.json       the run's state; replaced by rename by the holder of the lock
    lock           flock()ed by the supervisor for as long as it lives
    output.log     the bytes as printed
    output.idx     header, then one `IndexRecord` per appended chunk
    output.lvl     one level byte per line (`levels/sidecar.py`); derived
    output.gap     a copy of the index's gap records, found without a scan; derived
    output.part    the visible part of unfinished lines, a few kB (`part.py`)
    stdout.part    the whole unfinished line of stdout, for recovery; likewise stderr.part
    control        FIFO for commands to the supervisor (`capture/base/control.py`)
    control.json   state of the module's stdin; locked by those who write to it
    usage.bin      CPU and memory over time (`usage.py`)

The lines of a record are the pieces between newlines in ``log[start:end]``; its end ends a line,
with or without a newline. Bytes past the end of the last record do not exist for readers. All
integers are little-endian. Standard library only: the supervisor imports this.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

LAUNCH, STATE, LOCK, CONTROL = "launch.json", "run.json", "lock", "control"
CONTROL_STATE = "control.json"
LOG, INDEX, LEVELS, GAPS, PART = (
    "output.log",
    "output.idx",
    "output.lvl",
    "output.gap",
    "output.part",
)
UNFINISHED = ("stdout.part", "stderr.part")
RESERVE = "reserve"
SUPERVISOR_LOG = "supervisor.log"

STREAMS = ("stdout", "stderr")
STDOUT, STDERR = 0, 1

VERSION = 1
MAX_LINE_BYTES = 1 << 20
"""A longer line is split into records of this size, each with a line number, flagged `SPLIT`."""

# Flags of a record; the lowest bit is the stream.
STREAM_BIT = 1
SPLIT = 2
GAP = 4
RECOVERED = 8
SYNCED = 16
PROMPT = 32
"""Unfinished text of stderr that was answered.

Its record ends where the answer was given, or where the stream ended before."""

_MAGIC = b"PRISMQIX"
_BODY = struct.Struct("<QQQIIqqI")
_RECORD = struct.Struct("<QQQIIqqII")
_HEADER = struct.Struct("<8sIIq")
RECORD_BYTES = _RECORD.size
_LINES_MAX = (1 << 32) - 1

GAP_REASONS = ("unknown", "disk-full", "run-limit", "write-error", "truncated")


class BadIndex(Exception):
    """The index has no header that this version can read; the text says why."""


class NewerIndex(BadIndex):
    """A later version made the index: nothing is wrong with it, and it must be left alone."""


class IndexRecord(NamedTuple):
    """One record of the index.

    Attributes:
        start, end: offsets in the log; of a gap, `start` is where it stands and ``end - start`` the
            number of bytes lost.
        first: number of the first line; `line_count`: number of lines (of a gap: of lines lost; of
            a synced mark: 0).
        flags: stream bit, `SPLIT`, `GAP`, `RECOVERED`, `SYNCED`, `PROMPT`.
        arrival: when the chunk was read, µs since the epoch (of a gap: when it began; of a synced
            mark: the offset up to which the log is on disk).
        stamp: µs since the epoch of the first line; stamps rise strictly from line to line (of a
            gap: when storing resumed).
        aux: of a gap, its reason as an index into `GAP_REASONS`.
    """

    start: int
    end: int
    first: int
    line_count: int
    flags: int
    arrival: int
    stamp: int
    aux: int = 0

    @property
    def stream(self) -> int:
        """0 for stdout, 1 for stderr."""
        return self.flags & STREAM_BIT

    @property
    def lines(self) -> int:
        """Number of line numbers that the record takes."""
        return 0 if self.flags & (GAP | SYNCED) else self.line_count

    @property
    def log_end(self) -> int:
        """Offset in the log behind the record's bytes."""
        return self.start if self.flags & GAP else self.end


def header(created: int) -> bytes:
    """Return the first `RECORD_BYTES` bytes of an index; `created` in µs since the epoch."""
    return _HEADER.pack(_MAGIC, VERSION, RECORD_BYTES, created).ljust(RECORD_BYTES, b"\0")


def check_header(data: bytes) -> None:
    """Check that `data` begins with a header that this version reads.

    Raises:
        NewerIndex: a later version wrote it.
        BadIndex: it is too short, or not a header.
    """
    if len(data) < RECORD_BYTES:
        raise BadIndex(
            f"the index is {len(data)} bytes long, its header alone takes {RECORD_BYTES}"
        )
    magic, version, size, _ = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise BadIndex("the index does not begin with its magic number")
    if version != VERSION or size != RECORD_BYTES:
        kind = NewerIndex if version > VERSION else BadIndex
        raise kind(
            f"the index has version {version} and records of {size} bytes; this prismq_nb reads"
            f" version {VERSION} with {RECORD_BYTES}"
        )


def pack(  # noqa: PLR0917 - the fields of a record
    start: int, end: int, first: int, count: int, flags: int, arrival: int, stamp: int, aux: int = 0
) -> bytes:
    """Return a record's bytes with its checksum.

    Takes the fields rather than an `IndexRecord`, because it runs once per chunk at full speed.
    """
    body = _BODY.pack(start, end, first, min(count, _LINES_MAX), flags, arrival, stamp, aux)
    return body + zlib.crc32(body).to_bytes(4, "little")


def unpack(data: bytes, at: int = 0) -> IndexRecord | None:
    """Return the record at byte `at` of `data`; None if it is cut off or its checksum is wrong."""
    if at + RECORD_BYTES > len(data):
        return None
    *fields, crc = _RECORD.unpack_from(data, at)
    if zlib.crc32(data[at : at + RECORD_BYTES - 4]) != crc:
        return None
    return IndexRecord(*fields)


def between(before: IndexRecord | None, after: IndexRecord) -> IndexRecord | None:
    """Return the record that replaces the bad ones between two good ones; None if they had no line.

    Its stream is not known: it is stdout, and the record is flagged `RECOVERED`.

    Args:
        before: the good record before; None: the bad ones are at the beginning of the log.
        after: the good record behind.
    """
    start, first = (before.log_end, before.first + before.lines) if before else (0, 0)
    lines = after.first - first
    if lines <= 0 or after.start <= start:
        return None
    stamp = before.stamp + before.lines if before else after.stamp - lines
    return IndexRecord(
        start,
        after.start,
        first,
        lines,
        STDOUT | RECOVERED,
        before.arrival if before else after.arrival,
        stamp,
    )


def count_lines(data: bytes | bytearray) -> int:
    """Return the number of lines in a record's bytes; a last one without newline counts."""
    return data.count(b"\n") + (not data.endswith(b"\n") if data else 0)
