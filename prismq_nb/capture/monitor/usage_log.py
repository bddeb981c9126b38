"""Keeps a run's CPU and memory over time in a small file, however long the run goes on. Standard library only.

One record per sample at first. At `MAX_RECORDS` pairs are put together, and from then on so many samples make one record: a week at a sample per
10 s is 4,096 records at most, 98 kB, one each few minutes. Nothing here makes the supervisor wake: samples are written when they are taken.
"""

from __future__ import annotations

import contextlib
import os

from prismq_nb.common.base.regular_files import open_regular, read_bounded
from prismq_nb.common.base.state import write_atomically
from prismq_nb.journal.layout.usage import FILE, MAX_RECORDS, RECORD_BYTES, Sample, pack, unpack


class UsageLog:
    """Writes ``usage.bin`` of one run. A disk that takes nothing costs samples, never an exception."""

    def __init__(self, run_dir: str | os.PathLike[str], max_records: int = MAX_RECORDS) -> None:
        """Writes nothing yet.

        Args:
            run_dir: the run's directory.
            max_records: even; that many are never reached for long.
        """
        self._path = os.path.join(run_dir, FILE)
        self._max_records = max_records
        self._records = 0
        self._stride = 1  # samples that make one record
        self._held: list[Sample] = []
        self._first = self._last = 0  # times of the first sample, and of the last one that is not held

    def add(self, sample: Sample) -> None:
        """Takes the next sample."""
        self._held.append(sample)
        if len(self._held) >= self._stride:
            self.flush()

    def flush(self) -> None:
        """Writes what is held back; at the end, so that the newest is there."""
        if not self._held:
            return
        self._first = self._first or self._held[0].time
        whole, self._held = _together(self._held, self._last), []
        self._last = whole.time
        with contextlib.suppress(OSError):
            fd = open_regular(self._path, os.O_WRONLY | os.O_CREAT)
            try:
                os.pwrite(fd, pack(whole), self._records * RECORD_BYTES)  # over what is left of a record that a full disk cut
            finally:
                os.close(fd)
            self._records += 1
            if self._records >= self._max_records:
                self._thin()

    def _thin(self) -> None:
        """Puts pairs of records together. If it cannot be written it stays as it is, and the next sample tries again."""
        samples = unpack(read_bounded(self._path, 2 * self._max_records * RECORD_BYTES))
        if not samples:  # somebody emptied it
            self._records = 0
            return
        before = [self._first, *(sample.time for sample in samples[1::2])]
        thin = [_together(samples[at : at + 2], last) for at, last in zip(range(0, len(samples), 2), before, strict=False)]
        write_atomically(self._path, b"".join(map(pack, thin)))
        self._records = len(thin)
        self._stride *= 2


def _together(samples: list[Sample], before: int) -> Sample:
    """Several samples as one: the mean CPU over all the time, the most memory. `before`: when the sample before them was taken."""
    if len(samples) == 1:
        return samples[0]
    ends = [before or samples[0].time, *(sample.time for sample in samples)]
    spent = sum(sample.cpu_percent * max(0, end - start) for sample, start, end in zip(samples, ends, ends[1:], strict=False))
    cpu = spent / (ends[-1] - ends[0]) if ends[-1] > ends[0] else samples[-1].cpu_percent
    return Sample(samples[-1].time, cpu, max(sample.memory_bytes for sample in samples))
