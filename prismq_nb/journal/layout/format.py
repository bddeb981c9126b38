"""The journal's form on disk: file names, index record, header. Pure; no file is opened here.

One run directory holds (DESIGN section 3.2):

    launch.json   what was asked for, written once by the engine before anything starts
    run.json      the run's state, written by rename by whoever holds the lock
    lock          flock()ed by the supervisor for as long as it lives
    output.log    the bytes as printed
    output.idx    `HEADER`, then one `Record` per appended chunk
    output.lvl    one level byte per line (`sidecar.py`), derived
    output.gap    a copy of the index's gap records, so that a reader finds them without a scan; derived
    output.part   what can be seen of unfinished lines, a few kB (`part.py`)
    stdout.part   the whole unfinished line of stdout, for recovery; likewise stderr.part
    control       a FIFO: what the supervisor is asked to do (`capture/base/control.py`)
    control.json  how the module's stdin is; locked by those who write to it
    usage.bin     CPU and memory over time (`usage.py`)

A record's lines are the pieces between newlines in ``log[start:end]``; its end ends a line, newline or not. Bytes past the last record's end do not
exist for a reader. All integers are little-endian. Standard library only: the supervisor imports this.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

LAUNCH, STATE, LOCK, CONTROL = "launch.json", "run.json", "lock", "control"
CONTROL_STATE = "control.json"
LOG, INDEX, LEVELS, GAPS, PART = "output.log", "output.idx", "output.lvl", "output.gap", "output.part"
UNFINISHED = ("stdout.part", "stderr.part")
RESERVE = "reserve"

STREAMS = ("stdout", "stderr")
STDOUT, STDERR = 0, 1

VERSION = 1
MAX_LINE_BYTES = 1 << 20
"""A longer line is split into records of this size, each its own line number, flagged `SPLIT`."""

# Flags of a record; the lowest bit is the stream.
STREAM_BIT = 1
SPLIT = 2
GAP = 4
RECOVERED = 8
SYNCED = 16
PROMPT = 32
"""Unfinished text of stderr that was answered: its record ends where the answer was given, or where the stream ended before."""

_MAGIC = b"PRISMQIX"
_BODY = struct.Struct("<QQQIIqqI")
_RECORD = struct.Struct("<QQQIIqqII")
_HEADER = struct.Struct("<8sIIq")
RECORD_BYTES = _RECORD.size
_LINES_MAX = (1 << 32) - 1

GAP_REASONS = ("unknown", "disk-full", "run-limit", "write-error", "truncated")


class BadIndex(Exception):
    """The index's header is not one that this version can read; the text says why."""


class NewerIndex(BadIndex):
    """The index was made by a later version: nothing is wrong with it, and it must be left alone."""


class Record(NamedTuple):
    """One record of the index.

    Attributes:
        start, end: offsets in the log; of a gap, `start` is where it stands and `end - start` the bytes that were lost.
        first: number of the first line; `line_count`: its lines (of a gap: the lines lost; of a synced mark: 0).
        flags: stream bit, `SPLIT`, `GAP`, `RECOVERED`, `SYNCED`, `PROMPT`.
        arrival: µs since the epoch when the chunk was read (of a gap: when it began; of a synced mark: the log's offset that is on the medium).
        stamp: µs since the epoch of the first line, strictly increasing over lines (of a gap: when storing went on).
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
        """Line numbers that the record takes."""
        return 0 if self.flags & (GAP | SYNCED) else self.line_count

    @property
    def log_end(self) -> int:
        """Offset in the log behind the record's bytes."""
        return self.start if self.flags & GAP else self.end


def header(created: int) -> bytes:
    """The index's first `RECORD_BYTES` bytes; `created` in µs since the epoch."""
    return _HEADER.pack(_MAGIC, VERSION, RECORD_BYTES, created).ljust(RECORD_BYTES, b"\0")


def check_header(data: bytes) -> None:
    """Raises `BadIndex` unless `data` begins with a header that this version reads (`NewerIndex`: a later version's)."""
    if len(data) < RECORD_BYTES:
        raise BadIndex(f"the index is {len(data)} bytes long, its header alone takes {RECORD_BYTES}")
    magic, version, size, _ = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise BadIndex("the index does not begin with its magic number")
    if version != VERSION or size != RECORD_BYTES:
        kind = NewerIndex if version > VERSION else BadIndex
        raise kind(f"the index has version {version} and records of {size} bytes; this prismq_nb reads version {VERSION} with {RECORD_BYTES}")


def pack(start: int, end: int, first: int, count: int, flags: int, arrival: int, stamp: int, aux: int = 0) -> bytes:  # noqa: PLR0917 - a record
    """A record's bytes with its checksum. Takes its fields rather than a `Record`: it runs once per chunk at full speed."""
    body = _BODY.pack(start, end, first, min(count, _LINES_MAX), flags, arrival, stamp, aux)
    return body + zlib.crc32(body).to_bytes(4, "little")


def unpack(data: bytes, at: int = 0) -> Record | None:
    """The record at byte `at` of `data`, or None if it is cut short or its checksum is wrong."""
    if at + RECORD_BYTES > len(data):
        return None
    *fields, crc = _RECORD.unpack_from(data, at)
    if zlib.crc32(data[at : at + RECORD_BYTES - 4]) != crc:
        return None
    return Record(*fields)


def between(before: Record | None, after: Record) -> Record | None:
    """What one or more bad records between two good ones held (`before` None: from the log's beginning); None if that was no line.

    Their stream is not known: it is taken for stdout, and the record is flagged `RECOVERED`.
    """
    start, first = (before.log_end, before.first + before.lines) if before else (0, 0)
    lines = after.first - first
    if lines <= 0 or after.start <= start:
        return None
    stamp = before.stamp + before.lines if before else after.stamp - lines
    return Record(start, after.start, first, lines, STDOUT | RECOVERED, before.arrival if before else after.arrival, stamp)


def count_lines(data: bytes | bytearray) -> int:
    """Lines in a record's bytes: a last one without newline counts."""
    return data.count(b"\n") + (not data.endswith(b"\n") if data else 0)
