"""CPU and memory of a run over time: the form of ``usage.bin``, and reading it.

Fixed-size little-endian records, each with its own checksum, so that a torn one affects no other.
`capture/monitor/usage_log.py` writes them and bounds their number. Standard library only: the
supervisor imports this.
"""

from __future__ import annotations

import os
import struct
import zlib
from typing import NamedTuple

from prismq_nb.common.base.regular_files import open_regular

FILE = "usage.bin"
_BODY = struct.Struct("<qfQ")
RECORD_BYTES = _BODY.size + 4
MAX_RECORDS = 4096
_CPU_MAX, _MEMORY_MAX = 1e9, (1 << 53) - 1


class Sample(NamedTuple):
    """The resources of a run's process tree since the sample before.

    Attributes:
        time: when it was taken, µs since the epoch.
        cpu_percent: mean since the sample before; 100 is one core.
        memory_bytes: resident memory; of merged samples the maximum.
    """

    time: int
    cpu_percent: float
    memory_bytes: int


def pack(sample: Sample) -> bytes:
    """Return a record's bytes."""
    body = _BODY.pack(
        sample.time,
        min(max(sample.cpu_percent, 0.0), _CPU_MAX),
        min(max(sample.memory_bytes, 0), _MEMORY_MAX),
    )
    return body + zlib.crc32(body).to_bytes(4, "little")


def unpack(data: bytes) -> list[Sample]:
    """Return the records in `data` that are intact and in order of time."""
    found: list[Sample] = []
    for at in range(0, len(data) - RECORD_BYTES + 1, RECORD_BYTES):
        body = data[at : at + _BODY.size]
        if zlib.crc32(body).to_bytes(4, "little") == data[at + _BODY.size : at + RECORD_BYTES]:
            sample = Sample(*_BODY.unpack(body))
            if not found or sample.time > found[-1].time:
                found.append(sample)
    return found


def read(run_dir: str | os.PathLike[str]) -> list[Sample]:
    """Return all samples of a run, oldest first; [] if there are none."""
    try:
        fd = open_regular(os.path.join(run_dir, FILE))
    except OSError:
        return []
    try:
        return unpack(os.read(fd, 2 * MAX_RECORDS * RECORD_BYTES))
    finally:
        os.close(fd)
