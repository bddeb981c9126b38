"""Keep a run's CPU and memory over time in a small file, however long the run takes.

At first there is one record per sample. At `MAX_RECORDS`, pairs are merged, and from then on twice
as many samples make one record: a week at a sample per 10 s is 4,096 records at most, 98 kB, one
every few minutes. Samples are written when they are taken, so this never wakes the supervisor.
Standard library only.
"""

from __future__ import annotations

import contextlib
import os

from prismq_nb.common.base.regular_files import open_regular, read_bounded
from prismq_nb.common.base.state import write_atomically
from prismq_nb.journal.layout.usage import FILE, MAX_RECORDS, RECORD_BYTES, Sample, pack, unpack


class UsageLog:
    """Writes ``usage.bin`` of one run. A full disk costs samples, never an exception."""

    def __init__(self, run_dir: str | os.PathLike[str], max_records: int = MAX_RECORDS) -> None:
        """Write nothing yet.

        Args:
            run_dir: the run directory.
            max_records: even; when this many are reached, pairs are merged.
        """
        self._path = os.path.join(run_dir, FILE)
        self._max_records = max_records
        self._records = 0
        self._stride = 1  # samples that make one record
        self._held: list[Sample] = []
        # times of the first sample, and of the last one that is not held
        self._first = self._last = 0

    def add(self, sample: Sample) -> None:
        """Take the next sample."""
        self._held.append(sample)
        if len(self._held) >= self._stride:
            self.flush()

    def flush(self) -> None:
        """Write what is held back; call it at the end, to store the newest sample."""
        if not self._held:
            return
        self._first = self._first or self._held[0].time
        whole, self._held = _together(self._held, self._last), []
        self._last = whole.time
        with contextlib.suppress(OSError):
            fd = open_regular(self._path, os.O_WRONLY | os.O_CREAT)
            try:
                # over what is left of a record that a full disk cut
                os.pwrite(fd, pack(whole), self._records * RECORD_BYTES)
            finally:
                os.close(fd)
            self._records += 1
            if self._records >= self._max_records:
                self._thin()

    def _thin(self) -> None:
        """Merge pairs of records. If that cannot be written, the next sample tries again."""
        samples = unpack(read_bounded(self._path, 2 * self._max_records * RECORD_BYTES))
        if not samples:  # somebody emptied it
            self._records = 0
            return
        before = [self._first, *(sample.time for sample in samples[1::2])]
        thin = [
            _together(samples[at : at + 2], last)
            for at, last in zip(range(0, len(samples), 2), before, strict=False)
        ]
        write_atomically(self._path, b"".join(map(pack, thin)))
        self._records = len(thin)
        self._stride *= 2


def _together(samples: list[Sample], before: int) -> Sample:
    """Merge samples: the mean CPU over all the time, the maximum of memory.

    Args:
        samples: consecutive samples, at least one.
        before: when the sample before them was taken, µs since the epoch; 0: there is none.
    """
    if len(samples) == 1:
        return samples[0]
    ends = [before or samples[0].time, *(sample.time for sample in samples)]
    spent = sum(
        sample.cpu_percent * max(0, end - start)
        for sample, start, end in zip(samples, ends, ends[1:], strict=False)
    )
    cpu = spent / (ends[-1] - ends[0]) if ends[-1] > ends[0] else samples[-1].cpu_percent
    return Sample(samples[-1].time, cpu, max(sample.memory_bytes for sample in samples))
