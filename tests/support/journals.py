"""Runs made by hand: a directory with a journal and a state, for what a real run does only when something goes wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path

from prismq_nb.common.base.state import write_json
from prismq_nb.journal.layout import format as fmt
from prismq_nb.journal.layout import lock, part
from prismq_nb.journal.writer import JournalWriter

T0 = 1_761_912_001_123_456  # 2025-10-31T12:00:01.123456Z
RUN_ID = "run_20251031_120000_made_abc123"


def leave_unfinished(path: Path, end: int, stdout: bytes, stderr: bytes) -> None:
    """Unfinished lines as a killed supervisor leaves them."""
    (path / fmt.PART).write_bytes(part.pack_part(end, stdout, stderr))
    for name, text in zip(fmt.UNFINISHED, (stdout, stderr), strict=True):
        if text:
            (path / name).write_bytes(part.unfinished_head(end) + text)


def leave_unfinished_as_before(path: Path, end: int, stdout: bytes, stderr: bytes) -> None:
    """The same, by a version of this package from before there were files per stream."""
    head = {"end": end, "stdout": len(stdout), "stderr": len(stderr)}
    (path / fmt.PART).write_bytes(json.dumps(head).encode() + b"\n" + stdout + stderr)


class MadeRun:
    """A run in a data directory, written by the test.

    Attributes:
        run_id: its id; `path`: its directory; `writer`: its journal; `now`: the clock of its lines, µs since the epoch.
    """

    def __init__(self, data_dir: Path, run_id: str = RUN_ID) -> None:
        self.run_id = run_id
        self.path = data_dir / "runs" / run_id
        self.path.mkdir(parents=True)
        self.now = T0
        self._lock = lock.acquire(self.path)  # as its supervisor would
        self.writer = JournalWriter(self.path, T0)
        names = {"module_id": "made", "module_name": "made"}
        write_json(self.path / fmt.LAUNCH, {"run_id": run_id, "created": T0, **names})
        self.state("running")

    def state(self, status: str, **more: object) -> None:
        """Writes ``run.json``."""
        write_json(self.path / fmt.STATE, {"status": status, "started": T0, **more})

    def write(self, data: bytes | str, stream: int = fmt.STDOUT, micros: int = 1000) -> None:
        """Appends whole lines as one chunk, `micros` after the last one."""
        data = data.encode() if isinstance(data, str) else data
        self.now += micros
        self.writer.append(memoryview(data), fmt.count_lines(data), stream, self.now)

    def lose(self, data: bytes, reason: str = "disk-full") -> None:
        """What could not be stored: a gap."""
        self.writer.pause(fmt.GAP_REASONS.index(reason), self.now)
        self.write(data)
        self.now += 1_000_000
        self.writer.resume(self.now)

    def end(self, status: str = "completed", exit_code: int | None = 0, **more: object) -> None:
        """The run ends."""
        self.writer.close(self.now)
        self.state(status, exit_code=exit_code, completed=self.now, lines=self.writer.lines, **more)
        self.unlock()

    def unlock(self) -> None:
        """Gives the lock up, as the end of its supervisor does."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
