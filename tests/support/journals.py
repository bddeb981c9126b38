"""Handmade runs: a directory with a journal and a state, for what real runs do only in a
failure.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from pathlib import Path

from prismq_nb.common.base.state import write_json
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import lock, part
from prismq_nb.journal.reader import JournalReader
from prismq_nb.journal.writer import JournalWriter

T0 = 1_761_912_001_123_456  # 2025-10-31T12:00:01.123456Z
RUN_ID = "run_20251031_120000_made_abc123"


def leave_unfinished(path: Path, end: int, stdout: bytes, stderr: bytes) -> None:
    """Write unfinished lines as a killed supervisor leaves them."""
    (path / fmt.PART).write_bytes(part.pack_part(end, stdout, stderr))
    for name, text in zip(fmt.UNFINISHED, (stdout, stderr), strict=True):
        if text:
            (path / name).write_bytes(part.unfinished_head(end) + text)


def leave_unfinished_as_before(path: Path, end: int, stdout: bytes, stderr: bytes) -> None:
    """The same, as written by versions of this package without files per stream."""
    head = {"end": end, "stdout": len(stdout), "stderr": len(stderr)}
    (path / fmt.PART).write_bytes(json.dumps(head).encode() + b"\n" + stdout + stderr)


class MadeRun:
    """A run in a data directory, written by the test.

    Attributes:
        run_id: its id; `path`: its directory; `writer`: its journal; `now`: the clock of its lines,
            µs since the epoch.
    """

    def __init__(self, data_dir: Path, run_id: str = RUN_ID) -> None:
        self.run_id = run_id
        self.path = data_dir / "runs" / run_id
        self.path.mkdir(parents=True)
        self.now = T0
        self._lock = lock.acquire(self.path)  # like its supervisor
        self.writer = JournalWriter(self.path, T0)
        names = {"module_id": "made", "module_name": "made"}
        write_json(self.path / fmt.LAUNCH, {"run_id": run_id, "created": T0, **names})
        self.state("running")

    def state(self, status: str, **more: object) -> None:
        """Write ``run.json``."""
        write_json(self.path / fmt.STATE, {"status": status, "started": T0, **more})

    def write(self, data: bytes | str, stream: int = fmt.STDOUT, micros: int = 1000) -> None:
        """Append whole lines as one chunk, `micros` after the previous one."""
        data = data.encode() if isinstance(data, str) else data
        self.now += micros
        self.writer.append(memoryview(data), fmt.count_lines(data), stream, self.now)

    def lose(self, data: bytes, reason: str = "disk-full") -> None:
        """Record a gap: output that could not be stored."""
        self.writer.pause(fmt.GAP_REASONS.index(reason), self.now)
        self.write(data)
        self.now += 1_000_000
        self.writer.resume(self.now)

    def end(self, status: str = "completed", exit_code: int | None = 0, **more: object) -> None:
        """End the run."""
        self.writer.close(self.now)
        self.state(status, exit_code=exit_code, completed=self.now, lines=self.writer.lines, **more)
        self.unlock()

    def unlock(self) -> None:
        """Release the lock, as the end of its supervisor does."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


to_close = ExitStack()
"""What the end of a test closes (tests/conftest.py)."""


def reading(run: MadeRun) -> JournalReader:
    """A reader of a run that is not ended; the end of the test closes the files of both.

    For tests of many random cases: they would use up the descriptors that `select` takes.
    """
    for fd in (run.writer._log, run.writer._index):
        to_close.callback(os.close, fd)
    to_close.callback(run.unlock)
    return to_close.enter_context(JournalReader(run.path))
